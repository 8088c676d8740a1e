local frame = require "webpubsub.emulator.frame"
local head = require "webpubsub.emulator.head"

-- The examples of RFC 6455 section 5.7 that a server writes.
describe("frames of the server", function()
  it("are those of the RFC", function()
    assert.are.equal("\129\005Hello", frame.build("text", "Hello"))
    assert.are.equal("\137\005Hello", frame.build("ping", "Hello"))
    local binary = ("x"):rep(256)
    assert.are.equal("\130\126\001\000" .. binary, frame.build("binary", binary))
    local long = ("x"):rep(65536)
    assert.are.equal("\130\127\000\000\000\000\000\001\000\000" .. long, frame.build("binary", long))
  end)

  it("cut a close reason to 123 bytes between characters", function()
    assert.are.equal("\136\002\003\232", frame.close(1000))
    assert.are.equal("\136\000", frame.close(nil))
    local bytes = frame.close(1000, "a" .. ("ü"):rep(100))
    assert.are.equal(2 + 2 + 123, #bytes)
    assert.are.equal(2 + 2 + 122, #frame.close(1000, ("ü"):rep(100)))
  end)
end)

describe("frames of a client", function()
  it("are understood from their first two bytes", function()
    assert.are.same({ opcode = "text", final = true, extra = 0, length = 5 }, frame.start "\129\133")
    assert.are.same({ opcode = "binary", final = false, extra = 2 }, frame.start "\002\254")
    assert.are.same({ opcode = "continuation", final = true, extra = 8 }, frame.start "\128\255")
    assert.are.equal(65536, frame.length "\000\000\000\000\000\001\000\000")
  end)

  it("are a violation without mask, with reserved bits or opcodes, or as long or fragmented control frames", function()
    for _, two in ipairs { "\129\005", "\193\133", "\131\133", "\137\254", "\009\133" } do
      local start, code = frame.start(two)
      assert.is_nil(start)
      assert.are.equal(1002, code)
    end
  end)

  local function assembled(limit, ...)
    local parts = frame.assembler(limit)
    local result, code
    for _, one in ipairs { ... } do
      local start = { opcode = one[1], final = one[2] }
      local ok, bad = parts:admits(start, #one[3])
      if not ok then
        return nil, bad
      end
      result, code = parts:add(start, one[3])
      if result == nil then
        return nil, code
      end
    end
    return result
  end

  it("are put together from fragments", function()
    local message = assembled(
      10,
      { "text", false, "Hel" },
      { "continuation", false, "" },
      { "continuation", true, "lo" }
    )
    assert.are.same({ opcode = "text", data = "Hello" }, message)
  end)

  it("count together against the limit", function()
    assert.is_table(assembled(5, { "binary", false, "abc" }, { "continuation", true, "de" }))
    assert.are.same({ nil, 1009 }, { assembled(5, { "binary", false, "abc" }, { "continuation", true, "def" }) })
  end)

  it("are a violation out of order", function()
    assert.are.same({ nil, 1002 }, { assembled(5, { "continuation", true, "" }) })
    assert.are.same({ nil, 1002 }, { assembled(5, { "text", false, "a" }, { "text", true, "b" }) })
  end)

  it("must be UTF-8 as text, over the boundaries of fragments", function()
    assert.is_table(assembled(5, { "text", false, "\195" }, { "continuation", true, "\188" }))
    assert.are.same({ nil, 1007 }, { assembled(5, { "text", true, "\195" }) })
    assert.is_table(assembled(5, { "binary", true, "\195" }))
  end)

  it("close with a code that is answered by the same, or by 1002 when it may not be sent", function()
    assert.are.equal(1000, frame.close_answer "\003\232bye")
    assert.are.equal(4000, frame.close_answer "\015\160")
    assert.is_nil(frame.close_answer "")
    for _, payload in ipairs { "\003", "\003\237", "\003\238", "\000\000", "\003\231", "\255\255" } do
      assert.are.equal(1002, frame.close_answer(payload))
    end
    assert.are.equal(1007, frame.close_answer "\003\232\255")
  end)
end)

describe("heads of HTTP requests", function()
  local function parse(...)
    return head.parse { ... }
  end

  it("give method, target, fields and what follows", function()
    local parsed = parse("POST /a?b HTTP/1.1", "Host: h", "X-Thing:  two words ", "Content-Length: 3")
    assert.are.equal("POST", parsed.method)
    assert.are.equal("/a?b", parsed.target)
    assert.are.same({ "x-thing", "two words" }, parsed.headers[2])
    assert.are.equal(3, parsed.length)
    assert.is_true(parsed.keep_alive)
  end)

  it("tell which connections persist", function()
    assert.is_false(parse("GET / HTTP/1.1", "Connection: x, Close").keep_alive)
    assert.is_false(parse("GET / HTTP/1.0").keep_alive)
    assert.is_true(parse("GET / HTTP/1.0", "Connection: keep-alive").keep_alive)
  end)

  it("are refused when malformed", function()
    local bad = {
      { "GET /" },
      { "GET  / HTTP/1.1" },
      { "GET / HTTP/2.0" },
      { "G(T / HTTP/1.1" },
      { "GET /\255 HTTP/1.1" },
      { "GET / HTTP/1.1", "no colon" },
      { "GET / HTTP/1.1", "Space : x" },
      { "GET / HTTP/1.1", " folded" },
      { "GET / HTTP/1.1", "A: b\0c" },
      { "GET / HTTP/1.1", ": empty" },
    }
    for _, lines in ipairs(bad) do
      local parsed, status = head.parse(lines)
      assert.is_nil(parsed, lines[2] or lines[1])
      assert.are.equal(400, status)
    end
  end)

  -- RFC 9112 section 6.3: messages whose end two readers would see differently.
  it("are refused when their length is ambiguous", function()
    assert.is_nil((parse("POST / HTTP/1.1", "Content-Length: 3", "Transfer-Encoding: chunked")))
    assert.is_nil((parse("POST / HTTP/1.1", "Content-Length: 3", "Content-Length: 4")))
    assert.is_nil((parse("POST / HTTP/1.1", "Content-Length: 3, 3")))
    assert.is_nil((parse("POST / HTTP/1.1", "Content-Length: -1")))
    assert.is_nil((parse("POST / HTTP/1.1", "Content-Length: 0x10")))
    assert.are.equal(3, parse("POST / HTTP/1.1", "Content-Length: 3", "Content-Length: 3").length)
    assert.are.equal(math.huge, parse("POST / HTTP/1.1", "Content-Length: " .. ("9"):rep(40)).length)
  end)
end)
