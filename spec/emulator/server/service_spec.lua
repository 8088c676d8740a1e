local core = require "webpubsub.core"
local emulator_module = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"
local websocket = require "http.websocket"

local everything = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup" }

describe("a running emulator", function()
  local emulator

  setup(function()
    emulator = assert(emulator_module.start { port = 0, log_level = "error" })
  end)

  teardown(function()
    assert(emulator:stop())
  end)

  local function eventually(check)
    local deadline = core.monotonic() + peer.seconds
    while not check() do
      assert(core.monotonic() < deadline, "waited in vain")
    end
  end

  it("answers the handshake of the RFC with the accept value of the RFC", function()
    -- RFC 6455 section 1.3: key dGhlIHNhbXBsZSBub25jZQ==
    local socket = peer.connect(emulator)
    local target = peer.client_url(emulator, {}):match "^ws://[^/]*(.*)$"
    socket:xwrite(
      "GET "
        .. target
        .. " HTTP/1.1\r\nHost: localhost:"
        .. emulator.port
        .. "\r\nUpgrade: WebSocket\r\n"
        .. "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      "bn",
      peer.seconds
    )
    local head = ""
    repeat
      local line = socket:xread("*L", "b", peer.seconds)
      head = head .. line
    until line == "\r\n"
    assert.is_truthy(head:find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", 1, true))
    socket:close()
  end)

  it("delivers a REST send to JSON and simple clients", function()
    local json = peer.websocket(emulator, {})
    local simple = peer.websocket(emulator, {}, false)
    peer.connection_id(json)
    local status =
      peer.rest(emulator, "POST", "/api/hubs/chat/:send", { body = "[1.0]", content_type = "application/json" })
    assert.are.equal(202, status)
    assert.are.equal('{"type":"message","from":"server","dataType":"json","data":[1.0]}', (peer.receive(json)))
    assert.are.same({ "[1.0]", "text" }, { peer.receive(simple) })
    json:close()
    simple:close()
  end)

  it("delivers many messages in the order in which they were sent", function()
    local talker = peer.websocket(emulator, { role = everything })
    local listener = peer.websocket(emulator, { ["webpubsub.group"] = "order" }, false)
    peer.connection_id(talker)
    for index = 1, 2000 do
      local text = ('{"type":"sendToGroup","group":"order","dataType":"text","data":"%d"}'):format(index)
      assert(talker:send(text, "text", peer.seconds))
    end
    for index = 1, 2000 do
      assert.are.equal(tostring(index), (peer.receive(listener)))
    end
    talker:close()
    listener:close()
  end)

  it("takes messages of 1 MiB, in one frame or many", function()
    local client = peer.websocket(emulator, { role = everything, ["webpubsub.group"] = "big" }, false)
    client:close()
    local url = peer.client_url(emulator, { role = everything, ["webpubsub.group"] = "big" })
    client = websocket.new_from_uri(url .. "&webpubsub_mode=sendToGroup&group=big")
    assert(client:connect(peer.seconds))
    local text = ("0123456789abcdef"):rep(65536)
    assert(client:send(text, "text", peer.seconds))
    assert.is_true(text == peer.receive(client))
    for index = 0, 15 do
      client:send_frame({
        FIN = index == 15,
        MASK = true,
        opcode = index == 0 and 2 or 0,
        data = text:sub(index * 65536 + 1, (index + 1) * 65536),
      }, peer.seconds)
    end
    local data, kind = peer.receive(client)
    assert.is_true(text == data)
    assert.are.equal("binary", kind)
    client:close()
  end)

  it("forgets a client that closes or vanishes", function()
    local closing = peer.websocket(emulator, { sub = "closing" })
    local vanishing = peer.websocket(emulator, { sub = "vanishing" })
    peer.connection_id(closing)
    peer.connection_id(vanishing)
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/hubs/chat/users/closing")))
    closing:close(1000, "bye", peer.seconds)
    assert.are.equal(1000, closing.got_close_code)
    vanishing.socket:close()
    for _, user in ipairs { "closing", "vanishing" } do
      eventually(function()
        return peer.rest(emulator, "HEAD", "/api/hubs/chat/users/" .. user) == 404
      end)
    end
  end)

  it("closes through REST with reason, first in a message, then as close frame", function()
    local client = peer.websocket(emulator, {})
    local id = peer.connection_id(client)
    assert.are.equal(204, (peer.rest(emulator, "DELETE", "/api/hubs/chat/connections/" .. id .. "?reason=over")))
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/connections/" .. id)))
    assert.are.equal('{"type":"system","event":"disconnected","message":"over"}', (peer.receive(client)))
    assert.are.same({ nil, "over", 1000 }, { peer.receive(client) })
  end)

  it("answers a HEAD 404 with the length of a body that does not come", function()
    local status, headers, body = peer.rest(emulator, "HEAD", "/api/hubs/chat/groups/nobody")
    assert.are.equal(404, status)
    assert.are.equal("Warning.Group.NotExisted", headers:get "x-ms-error-code")
    assert.is_true(tonumber(headers:get "content-length") > 0)
    assert.are.equal("", body)
  end)

  it("listens on IPv6 where there is one", function()
    local file = io.open "/proc/net/if_inet6"
    local has_loopback = file and file:read("*a"):find("00000000000000000000000000000001", 1, true)
    if file then
      file:close()
    end
    local there =
      { port = emulator.port, access_key = emulator.access_key, endpoint = "http://[::1]:" .. emulator.port }
    local ok, status = pcall(peer.rest, there, "HEAD", "/api/health")
    assert.are.equal(has_loopback ~= nil and has_loopback ~= false, ok and status == 200)
  end)

  it("keeps a connection open for the next request, and pipelined ones in order", function()
    local one = "HEAD /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    local two = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    local answer = peer.exchange(emulator, "\r\n" .. one .. one .. two)
    local statuses = {}
    for status in answer:gmatch "HTTP/1.1 (%d+) " do
      statuses[#statuses + 1] = status
    end
    assert.are.same({ "200", "200", "404" }, statuses)
  end)
end)

describe("starting the emulator", function()
  it("says in one sentence what is wrong with an option", function()
    for _, options in ipairs { { port = -1 }, { access_key = "short" }, { colour = "red" }, { log_level = "loud" } } do
      local emulator, why = emulator_module.start(options)
      assert.is_nil(emulator)
      assert.is_truthy(why:find "^%u[^\n]*%.$", why)
    end
  end)

  it("says that a port is taken", function()
    local first = assert(emulator_module.start { port = 0 })
    local second, why = emulator_module.start { port = first.port }
    assert.is_nil(second)
    assert.is_truthy(why:find("port " .. first.port, 1, true), why)
    assert(first:stop())
  end)

  it("gives a connection string with its key and endpoint", function()
    local key = "a key of thirty-two bytes or more"
    local emulator = assert(emulator_module.start { port = 0, access_key = key })
    local parsed = assert(core.parse_connection_string(emulator.connection_string))
    assert.are.same({ emulator.endpoint, key }, { parsed.endpoint, parsed.access_key })
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/health")))
    assert.are.equal("http://localhost:" .. emulator.port, emulator.endpoint)
    assert(emulator:stop())
    assert.is_true(emulator:stop())
  end)

  it("accepts tokens for a further endpoint", function()
    local emulator = assert(emulator_module.start { port = 0, endpoint = "https://name.webpubsub.azure.com/" })
    local aud = "https://name.webpubsub.azure.com/client/hubs/chat"
    local client = peer.websocket(emulator, { aud = aud })
    peer.connection_id(client)
    client:close()
    assert(emulator:stop())
  end)

  it("acknowledges events when its log listens to them", function()
    local emulator = assert(emulator_module.start { port = 0, event_log = true })
    local client = peer.websocket(emulator, {})
    peer.connection_id(client)
    client:send('{"type":"event","event":"shout","data":1,"ackId":3}', "text", peer.seconds)
    assert.are.equal('{"type":"ack","ackId":3,"success":true}', (peer.receive(client)))
    client:close()
    assert(emulator:stop())
  end)

  it("says goodbye to its clients with 1001 when it is stopped", function()
    local emulator = assert(emulator_module.start { port = 0 })
    local client = peer.websocket(emulator, {})
    peer.connection_id(client)
    emulator.child:kill(15)
    assert.is_truthy(peer.receive(client):find('"event":"disconnected"', 1, true))
    local _, _, code = peer.receive(client)
    assert.are.equal(1001, code)
    assert(emulator:stop())
  end)
end)
