-- Event handlers that fail, are slow or refuse, as clients and handlers see it.

local core = require "webpubsub.core"
local emulator_module = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"
local recorder = require "spec.support.recorder"

local allowed = recorder.response(200, "WebHook-Allowed-Origin: *\r\n")
local done = recorder.response(204)

describe("an event handler", function()
  local handler, emulator

  local function start(answers, fields)
    handler = recorder.start(answers)
    local hub = {
      anonymous = fields.anonymous,
      handlers = { { url = handler.endpoint .. "/{event}", user_events = "*", system_events = fields.system_events } },
    }
    emulator = assert(emulator_module.start {
      port = 0,
      hubs = { chat = hub },
      event_retry_delays = { 0.01, 0.01, 0.01 },
      event_timeout = fields.event_timeout,
    })
  end

  after_each(function()
    assert(emulator:stop())
    handler:stop()
  end)

  local event = '{"type":"event","event":"shout","dataType":"text","data":"hi","ackId":1}'

  local function shout(client)
    assert(client:send(event, "text", peer.seconds))
    return core.json_members(assert(peer.receive(client)))
  end

  local function client_of()
    local client = peer.websocket(emulator, {})
    peer.connection_id(client)
    return client
  end

  it("is asked first, and sent an event again after a 500 and a cut connection", function()
    start({ allowed, recorder.response(500), "close", done }, {})
    local client = client_of()
    assert.are.equal("true", shout(client).success)
    local preflight = handler:request()
    assert.are.equal("OPTIONS /validate", preflight.line:match "^(%S+ %S+)")
    assert.are.equal("localhost:" .. emulator.port, preflight.headers["webhook-request-origin"])
    assert.are.equal("1.0", preflight.headers["ce-awpsversion"])
    assert.is_nil(preflight.headers["ce-signature"])
    for _ = 1, 3 do
      local request = handler:request()
      assert.are.equal("POST /shout", request.line:match "^(%S+ %S+)")
      assert.are.same(
        { "hi", "text/plain", "0" },
        { request.body, request.headers["content-type"], request.headers["ce-id"] }
      )
    end
    client:close()
  end)

  it("is given up after four attempts, and never tried again after a 4xx", function()
    start({
      allowed,
      recorder.response(503),
      recorder.response(503),
      recorder.response(503),
      recorder.response(503),
      recorder.response(429),
    }, {})
    local client = client_of()
    assert.are.equal("false", shout(client).success)
    for _ = 1, 5 do
      handler:request()
    end
    assert.is_truthy(shout(client).error:find("InternalServerError", 1, true))
    handler:request()
    assert.is_true(handler:is_quiet(0.1))
    client:close()
  end)

  it("is asked with GET where OPTIONS is a 404, and gets nothing when it refuses", function()
    start({ recorder.response(404), allowed, done }, {})
    local client = client_of()
    assert.are.equal("true", shout(client).success)
    assert.are.equal("OPTIONS", handler:request().method)
    assert.are.equal("GET", handler:request().method)
    assert.are.equal("POST", handler:request().method)
    client:close()
    assert(emulator:stop())
    handler:stop()
    start({ recorder.response(200, "WebHook-Allowed-Origin: example.com\r\n") }, {})
    local other = client_of()
    assert.are.equal("false", shout(other).success)
    handler:request()
    assert.is_true(handler:is_quiet(0.1))
    other:close()
  end)

  it("that does not answer in time has failed; the others are served meanwhile", function()
    start({ allowed, "hang" }, { event_timeout = 0.3 })
    local client = client_of()
    assert(client:send(event, "text", peer.seconds))
    assert(client:send('{"type":"ping"}', "text", peer.seconds))
    assert.are.equal('{"type":"pong"}', (peer.receive(client)))
    local ack = core.json_members(assert(peer.receive(client)))
    assert.are.equal("false", ack.success)
    client:close()
  end)

  it("may name the user of an anonymous client, which a hub without the setting refuses", function()
    local body = '{"userId":"named"}'
    start({ allowed, recorder.response(200, "", body) }, { anonymous = true, system_events = "connect" })
    local url = emulator.endpoint:gsub("^http", "ws") .. "/client/hubs/"
    local websocket = require "http.websocket"
    local client = websocket.new_from_uri(url .. "chat", { "json.webpubsub.azure.v1" })
    assert(client:connect(peer.seconds))
    assert.is_truthy(assert(peer.receive(client)):find('"userId":"named"', 1, true))
    assert.is_nil((websocket.new_from_uri(url .. "other"):connect(peer.seconds)))
    client:close()
  end)
end)

describe("a client that is slow or silent", function()
  it("is cut with 1008 when its queue is full, whatever the process holds for others", function()
    local emulator = assert(emulator_module.start { port = 0, queue_bytes = 65536, log_level = "off" })
    local socket = peer.raw_websocket(emulator, { sub = "slow" })
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/hubs/chat/users/slow")))
    local body = ("x"):rep(1048576)
    for _ = 1, 12 do -- more than the kernel's buffers and the queue hold
      peer.rest(emulator, "POST", "/api/hubs/chat/:send", { body = body, content_type = "text/plain" })
    end
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/users/slow")))
    socket:close()
    assert(emulator:stop())
  end)

  it("is pinged, and dropped when it stays silent", function()
    local emulator =
      assert(emulator_module.start { port = 0, ping_interval = 0.1, silence_timeout = 0.3, log_level = "off" })
    local socket = peer.raw_websocket(emulator)
    local first = assert(socket:xread(2, "b", peer.seconds))
    assert.are.equal("\137\0", first) -- RFC 6455 section 5.5.2
    repeat
      local more = socket:xread(-64, "b", peer.seconds)
    until not more
    socket:close()
    assert(emulator:stop())
  end)

  it("of the reliable protocol is closed for good when it acknowledges nothing", function()
    local emulator = assert(emulator_module.start { port = 0, reliable_messages = 5, log_level = "off" })
    local client = peer.websocket(emulator, {}, "json.reliable.webpubsub.azure.v1")
    local id = peer.connection_id(client)
    for index = 1, 6 do
      local options = { body = tostring(index), content_type = "text/plain" }
      peer.rest(emulator, "POST", "/api/hubs/chat/:send", options)
    end
    local message, _, code
    repeat
      message, _, code = peer.receive(client)
    until not message
    assert.are.equal(1008, code)
    assert.are.equal(404, (peer.rest(emulator, "HEAD", "/api/hubs/chat/connections/" .. id)))
    assert(emulator:stop())
  end)
end)
