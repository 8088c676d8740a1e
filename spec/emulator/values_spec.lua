local acks = require "webpubsub.emulator.acks"
local metadata = require "webpubsub.emulator.metadata"
local outbox = require "webpubsub.emulator.outbox"
local rules = require "webpubsub.emulator.rules"
local uri = require "webpubsub.emulator.uri"

describe("names and numbers of the emulator", function()
  it("takes a hub that starts with a letter and has at most 128 of the contract's characters", function()
    assert.is_true(rules.is_hub "a")
    assert.is_true(rules.is_hub "Chat_1`,.[]")
    assert.is_true(rules.is_hub(("a"):rep(128)))
    for _, name in ipairs { "", "1a", "_a", "a b", "a-b", "ä", ("a"):rep(129), "a\n" } do
      assert.is_false(rules.is_hub(name), name)
    end
  end)

  it("takes groups of 1 to 1024 characters of one line that are not only white space", function()
    for _, name in ipairs { "a", "a b?c#d%e+ü", " x ", ("ü"):rep(1024), "a/b", ".." } do
      assert.is_true(rules.is_group(name), name)
    end
    for _, name in ipairs { "", " ", "\t ", "\194\160", "\227\128\128 ", "a\nb", ("ü"):rep(1025), "\255" } do
      assert.is_false(rules.is_group(name), name)
    end
  end)

  it("takes event names by the contract's expression", function()
    assert.is_true(rules.is_event "A.b-c_9")
    assert.is_true(rules.is_event(("e"):rep(128)))
    for _, name in ipairs { "", "1", "a b", "a/b", ("e"):rep(129) } do
      assert.is_false(rules.is_event(name), name)
    end
  end)

  it("knows unsigned 64-bit integers by their digits", function()
    for _, digits in ipairs { "0", "1", "9007199254740993", "18446744073709551615" } do
      assert.is_true(rules.is_uint64(digits), digits)
    end
    for _, digits in ipairs { "", "-1", "01", "1.0", "1e3", "18446744073709551616", "100000000000000000000" } do
      assert.is_false(rules.is_uint64(digits), digits)
    end
  end)
end)

describe("metadata", function()
  it("is taken from its headers: lower-case keys, the last value, behind its last comma, trimmed", function()
    local headers = {
      { "x-webpubsub-metadata-a", "1" },
      { "content-type", "text/plain" },
      { "x-webpubsub-metadata-a", "2, three ,  four " },
    }
    assert.are.same({ a = "four" }, metadata.from_headers(headers))
    assert.is_nil(metadata.from_headers {})
  end)

  it("keeps the limits of 256, 1024 and 8192 bytes", function()
    assert.is_table(metadata.check { [("k"):rep(256)] = ("v"):rep(1024) })
    assert.is_nil((metadata.check { [("k"):rep(257)] = "v" }))
    assert.is_nil((metadata.check { k = ("v"):rep(1025) }))
    local entries = {}
    for index = 1, 8 do
      entries["k" .. index] = ("v"):rep(1022)
    end
    assert.is_table(metadata.check(entries))
    entries.k1 = ("v"):rep(1023)
    assert.is_nil((metadata.check(entries)))
  end)

  it("refuses keys that are no tokens and values that are not ASCII", function()
    assert.is_nil((metadata.check { ["a b"] = "v" }))
    assert.is_nil((metadata.check { [""] = "v" }))
    assert.is_nil((metadata.check { k = "ü" }))
  end)

  it("is an object of strings in JSON", function()
    assert.are.same({ a = "b" }, metadata.from_json '{"a":"b"}')
    assert.is_nil((metadata.from_json '{"a":1}'))
    assert.is_nil((metadata.from_json '["a"]'))
  end)
end)

describe("request targets", function()
  -- The table of the contract, path parameters.
  it("reads path segments as the service does", function()
    assert.are.same({ "a b" }, uri.segments "/a%20b")
    assert.are.same({ "a%2Fb" }, uri.segments "/a%2Fb")
    assert.are.same({ "a%2fb" }, uri.segments "/a%2fb")
    assert.are.same({ "a%2Fb" }, uri.segments "/a%252Fb")
    assert.are.same({ "a+b" }, uri.segments "/a+b")
    assert.are.same({ "a b?c#d%e+ü" }, uri.segments "/a%20b%3Fc%23d%25e+%C3%BC")
  end)

  it("refuses malformed escapes, bytes that are not UTF-8 and dot segments", function()
    for _, path in ipairs { "/%", "/%2", "/%zz", "/%FF", "/a/../b", "/./a" } do
      assert.is_nil((uri.segments(path)), path)
    end
  end)

  it("decodes query values as forms and keeps repetitions", function()
    local query = uri.query "a=1+2&A=%2B&b&=x&c=%C3%BC"
    assert.are.same({ "1 2", "+" }, query:all "a")
    assert.are.equal("", query:first "b")
    assert.are.equal("ü", query:last "C")
    assert.are.same({}, query:all "d")
    assert.is_nil((uri.query "a=%zz"))
  end)

  it("splits absolute forms", function()
    assert.are.same({ "/x", "y=1" }, { uri.split "http://host:80/x?y=1" })
    assert.are.same({ "/" }, { uri.split "http://host" })
  end)

  it("masks tokens for logs", function()
    assert.are.equal("/c?a=1&access_token=***&b=2", uri.masked "/c?a=1&access_token=secret&b=2")
    assert.are.equal("/c?Access_Token=***", uri.masked "/c?Access_Token=secret")
  end)
end)

describe("the queue of one client", function()
  it("gives frames back in order, about a budget at a time", function()
    local queue = outbox.new(100, 10)
    for _, text in ipairs { "aa", "bb", "cc" } do
      assert.is_true(queue:push(text))
    end
    assert.are.equal("aabb", queue:take(0, 3))
    assert.are.equal("cc", queue:take(0, 3))
    assert.is_nil(queue:take(0, 3))
  end)

  it("refuses what would grow over its bounds, and takes more once there is room", function()
    local queue = outbox.new(5, 2)
    assert.is_true(queue:push "abcd")
    assert.is_false(queue:push "ef")
    assert.is_true(queue:push "e")
    assert.is_false(queue:push "")
    queue:take(0, 1)
    assert.is_true(queue:push "f")
  end)

  it("drops frames whose time to live has run out", function()
    local queue = outbox.new(100, 10)
    queue:push("old", 10)
    queue:push("new", 20)
    assert.are.equal("new", queue:take(10, 100))
  end)
end)

describe("ackIds of one client", function()
  it("are remembered when they succeeded, the latest 10,000 of them", function()
    local seen = acks.new()
    assert.is_false(seen:has "1")
    for id = 1, 10001 do
      seen:add(tostring(id))
    end
    assert.is_false(seen:has "1")
    assert.is_true(seen:has "2")
    assert.is_true(seen:has "10001")
  end)
end)
