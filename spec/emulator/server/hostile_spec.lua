local core = require "webpubsub.core"
local emulator_module = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"
local websocket = require "http.websocket"

-- Whatever arrives, the emulator answers or closes, and serves the next client.
describe("a hostile client", function()
  local emulator

  setup(function()
    emulator = assert(emulator_module.start { port = 0, log_level = "error" })
  end)

  teardown(function()
    assert(emulator:stop())
  end)

  local function resident_bytes()
    local file = assert(io.open(("/proc/%d/status"):format(emulator.child:id())))
    local kilobytes = file:read("*a"):match "VmRSS:%s*(%d+)"
    file:close()
    return tonumber(kilobytes) * 1024
  end

  -- The emulator still serves REST and WebSocket clients.
  after_each(function()
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/health")))
    local client = peer.websocket(emulator, {})
    client:send('{"type":"ping"}', "text", peer.seconds)
    peer.connection_id(client)
    assert.are.equal('{"type":"pong"}', (peer.receive(client)))
    client:close()
  end)

  local function masked(first, length, payload)
    return first .. length .. "\0\0\0\0" .. (payload or "")
  end

  local function status_of(bytes)
    return peer.exchange(emulator, bytes):match "^HTTP/1.1 (%d+) "
  end

  local host = "Host: localhost\r\n"

  it("that sends garbage is answered with 400 or 431 and dropped", function()
    assert.are.equal("400", status_of "\22\3\1\2\0\1\0\1\252\3\3\r\n\r\n")
    assert.are.equal("400", status_of(("\255\0\13x"):rep(100) .. "\n\n\r\n\r\n"))
    assert.are.equal("400", status_of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert.are.equal("400", status_of("GET / HTTP/1.1\r\n" .. host .. "Bad Header\r\n\r\n"))
    assert.are.equal("431", status_of(("a"):rep(140000)))
    assert.are.equal("431", status_of("GET / HTTP/1.1\r\nX: " .. ("b"):rep(140000) .. "\r\n\r\n"))
    assert.are.equal("431", status_of("GET / HTTP/1.1\r\n" .. ("X: y\r\n"):rep(300) .. "\r\n"))
    local many = ("X: " .. ("z"):rep(30000) .. "\r\n"):rep(6)
    assert.are.equal("431", status_of("GET / HTTP/1.1\r\n" .. many .. "\r\n"))
  end)

  it("that sends empty lines without end is cut, and the service lives on meanwhile", function()
    assert.are.equal("431", status_of(("\r\n"):rep(5000)))
    local flood = peer.connect(emulator)
    flood:settimeout(0.05)
    local deadline = core.monotonic() + peer.seconds
    repeat
      local sent = flood:xwrite(("\r\n"):rep(30000), "bn", 0.05)
      assert.is_true(core.monotonic() < deadline)
    until not sent
    flood:close()
  end)

  it("that sends bytes one by one is understood", function()
    local socket = peer.connect(emulator)
    for byte in ("HEAD /api/health HTTP/1.1\r\nHost: a\r\n\r\n"):gmatch "." do
      socket:xwrite(byte, "bn", peer.seconds)
    end
    for byte in ("HEAD /api/health HTTP/1.1\r\nHost: a\r\n\r\n"):gmatch "[%z\1-\255]" do
      socket:xwrite(byte, "bn", peer.seconds)
    end
    assert.are.equal("HTTP/1.1 200 OK\r\n", socket:xread("*L", "b", peer.seconds))
    socket:close()
  end)

  it("that sends ambiguous or broken lengths is answered with 400", function()
    local post = "POST /api/hubs/chat/:send HTTP/1.1\r\n" .. host
    assert.are.equal("400", status_of(post .. "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
    assert.are.equal("400", status_of(post .. "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"))
    assert.are.equal("400", status_of(post .. "Content-Length: x\r\n\r\n"))
    -- RFC 9112 section 7: chunks are HTTP, but this service wants a length; without a token it is 401 before that.
    assert.are.equal("401", status_of(post .. "Transfer-Encoding: nonsense;;;\r\nTE: ,;\r\n\r\n"))
  end)

  it("that uses unknown methods and paths is answered", function()
    assert.are.equal("405", status_of("BREW /api/health HTTP/1.1\r\nConnection: close\r\n" .. host .. "\r\n"))
    assert.are.equal("404", status_of("OPTIONS * HTTP/1.1\r\nConnection: close\r\n" .. host .. "\r\n"))
    assert.are.equal("400", status_of "HEAD /api/health HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert.are.equal("400", status_of("HEAD /api/health HTTP/1.1\r\nConnection: close\r\n" .. host .. host .. "\r\n"))
    assert.are.equal("400", status_of("HEAD /api/%zz HTTP/1.1\r\nConnection: close\r\n" .. host .. "\r\n"))
  end)

  it("that announces or sends too large a body gets 400", function()
    local function status(size, extra)
      local target = "/api/hubs/chat/:send"
      local aud = emulator.endpoint .. target
      local head = ("POST %s HTTP/1.1\r\nHost: localhost:%d\r\nAuthorization: Bearer %s\r\n"):format(
        target,
        emulator.port,
        peer.token(emulator, { aud = aud })
      )
      return status_of(head .. "Connection: close\r\nContent-Length: " .. size .. "\r\n" .. extra)
    end
    assert.are.equal("202", status("1048576", "\r\n" .. ("x"):rep(1048576)))
    assert.are.equal("400", status("1048577", "\r\n" .. ("x"):rep(1048577)))
    assert.are.equal("400", status("99999999999999999999", "\r\n" .. ("x"):rep(100000)))
    assert.are.equal("400", status("1048577", "Expect: 100-continue\r\n\r\n"))
  end)

  it("that goes away in the middle is forgotten", function()
    for _, bytes in ipairs {
      "",
      "GET",
      "GET / HTTP/1.1\r\nHost:",
      "POST /api/hubs/chat/:send HTTP/1.1\r\n" .. host .. "Content-Length: 100\r\n\r\nabc",
      "GET /client/hubs/chat HTTP/1.1\r\n" .. host .. "Upgrade: websocket\r\n",
    } do
      local socket = peer.connect(emulator)
      socket:xwrite(bytes, "bn", peer.seconds)
      socket:close()
    end
  end)

  it("that begins many handshakes and never ends them does not keep others out", function()
    local half_open = {}
    for index = 1, 200 do
      half_open[index] = peer.connect(emulator)
      half_open[index]:xwrite("GET /client/hubs/chat HTTP/1.1\r\nUpgrade: websocket\r\n", "bn", peer.seconds)
    end
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/health")))
    for _, socket in ipairs(half_open) do
      socket:close()
    end
  end)

  -- RFC 6455 section 7.4.1 for the codes.
  it("is closed with the code of its violation", function()
    local cases = {
      unmasked = { "\129\5Hello", 1002 },
      ["reserved bits"] = { masked("\193", "\128"), 1002 },
      ["a reserved opcode"] = { masked("\131", "\128"), 1002 },
      ["a continuation of nothing"] = { masked("\128", "\128"), 1002 },
      ["a fragmented ping"] = { masked("\9", "\128"), 1002 },
      ["a long ping"] = { masked("\137", "\254\0\126", ("x"):rep(126)), 1002 },
      ["text that is not UTF-8"] = { masked("\129", "\130", "\195\40"), 1007 },
      ["a close payload of one byte"] = { masked("\136", "\129", "x"), 1002 },
      ["a frame of 1 MiB and a byte"] = { masked("\130", "\255\0\0\0\0\0\16\0\1"), 1009 },
      ["a frame of 2^63 bytes"] = { masked("\130", "\255\127\255\255\255\255\255\255\255"), 1009 },
      ["a frame of 2^64-1 bytes"] = { masked("\130", "\255\255\255\255\255\255\255\255\255"), 1009 },
      ["two beginnings"] = { masked("\1", "\129", "a") .. masked("\1", "\129", "b"), 1002 },
      ["fragments over 1 MiB together"] = {
        masked("\2", "\255\0\0\0\0\0\16\0\0", ("x"):rep(1048576)) .. masked("\128", "\129", "x"),
        1009,
      },
    }
    for what, case in pairs(cases) do
      local socket = peer.raw_websocket(emulator)
      socket:xwrite(case[1], "bn", peer.seconds)
      assert.are.equal(case[2], peer.close_code(socket), what)
      socket:close()
    end
  end)

  it("that sends empty fragments without end does not grow the emulator", function()
    local socket = peer.raw_websocket(emulator)
    socket:xwrite(masked("\1", "\128"), "bn", peer.seconds)
    local before = resident_bytes()
    local burst = masked("\0", "\128"):rep(10000)
    for _ = 1, 100 do
      socket:xwrite(burst, "bn", peer.seconds)
    end
    assert.is_true(resident_bytes() - before < 32 * 1024 * 1024)
    socket:xwrite(masked("\137", "\129", "!"), "bn", peer.seconds)
    assert.are.equal("!", websocket.read_frame(socket).data)
    socket:close()
  end)

  it("that never stops sending leaves the others their turn", function()
    local socket = peer.raw_websocket(emulator)
    socket:setmode("b", "bf")
    local flood = masked("\138", "\128"):rep(100000)
    socket:xwrite(flood, "bn", 0.2)
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/health")))
    socket:close()
  end)

  it("that does not read what it gets is cut, and holds nobody up", function()
    local slow = peer.raw_websocket(emulator, { sub = "slow" })
    local quick = peer.websocket(emulator, {}, false)
    local before = resident_bytes()
    local text = ("x"):rep(1048576)
    local options = { body = text, content_type = "application/octet-stream" }
    for _ = 1, 40 do
      assert.are.equal(202, (peer.rest(emulator, "POST", "/api/hubs/chat/:send", options)))
      assert.is_true(text == peer.receive(quick))
    end
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/users/slow")))
    assert.is_true(resident_bytes() - before < 128 * 1024 * 1024)
    slow:close()
    quick:close()
  end)

  it("that pings without reading the pongs is cut", function()
    local socket = peer.raw_websocket(emulator, { sub = "pinger" })
    local burst = masked("\137", "\253", ("p"):rep(125)):rep(2000)
    local before, deadline = resident_bytes(), core.monotonic() + 3 * peer.seconds
    repeat
      local ok = socket:xwrite(burst, "bn", peer.seconds)
      assert(core.monotonic() < deadline, "the emulator reads pings without end")
    until not ok
    assert.is_true(resident_bytes() - before < 64 * 1024 * 1024)
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/users/pinger")))
    socket:close()
  end)

  it("that sends every kind of wrong JSON is disconnected or answered, never served", function()
    for _, text in ipairs { "{", "[[[[", '{"type":"joinGroup","group":{}}', '{"type":{"a":1}}', '"\\ud800"', "\0" } do
      local client = peer.websocket(emulator, {})
      peer.connection_id(client)
      client:send(text, "text", peer.seconds)
      assert.is_truthy(peer.receive(client):find('"disconnected"', 1, true))
      local _, _, code = peer.receive(client)
      assert.are.equal(1007, code, text)
    end
  end)

  it("cannot write control characters into the log or the answer", function()
    local target = "/api/hubs/chat/groups/a%0d%0aX-Injected:%201/connections"
    local status, headers = peer.rest(emulator, "GET", target)
    assert.are.equal(400, status)
    assert.is_nil(headers:get "x-injected")
  end)

  it("leaves no connection behind", function()
    local deadline = core.monotonic() + peer.seconds
    while peer.rest(emulator, "HEAD", "/api/hubs/chat/users/slow") ~= 404 do
      assert(core.monotonic() < deadline)
    end
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/connections/any")))
  end)
end)
