-- What a test suite sees of its application through the object that start answers.

local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"
local websocket = require "spec.support.websocket"

local text = { content_type = "text/plain" }
local bytes = { content_type = "application/octet-stream" }

describe("an emulator in a test suite", function()
  local service, hub

  setup(function()
    service = assert(emulator.start())
    hub = assert(webpubsub.from_connection_string(service.connection_string, "chat", { retry_total = 0 }))
  end)

  teardown(function()
    assert(service:stop())
  end)

  before_each(function()
    assert(service:reset())
  end)

  local function connect(options)
    local client = websocket.connect(assert(hub:get_client_access_token(options)).url, "json.webpubsub.azure.v1")
    client:receive()
    return client
  end

  it("takes a free port of its own", function()
    local other = assert(emulator.start {})
    assert.are_not.equal(service.port, other.port)
    assert.are_not.equal(8080, other.port)
    assert(other:stop())
  end)

  it("sees every send, also one that reaches nobody", function()
    assert(hub:send_to_all { n = 1 })
    assert(hub:send_to_user("ann", "hello", text))
    assert(hub:send_to_group("lobby", "\0\255", bytes))
    assert(hub:send_to_connection("c1", { 1, 2 }, { metadata = { k = "v" } }))
    local all = assert(service:messages())
    assert.equal(4, #all)
    assert.same({ "all", 1, 0 }, { all[1].to, all[1].data.n, all[1].recipients })
    assert.same({ "user", "ann", "hello", "text" }, { all[2].to, all[2].user_id, all[2].data, all[2].data_type })
    assert.same({ "group", "lobby", "\0\255", "binary" }, { all[3].to, all[3].group, all[3].data, all[3].data_type })
    assert.same({ "c1", 2, "v" }, { all[4].connection_id, all[4].data[2], all[4].metadata.k })
    assert.equal("hello", assert(service:messages { user_id = "ann" })[1].data)
    assert.equal(1, #assert(service:messages { group = "lobby", hub = "CHAT", from = "group" }))
    assert.equal(0, #assert(service:messages { hub = "other" }))
    assert.equal(1, #assert(service:messages { to = "all", data_type = "json" }))
  end)

  it("sees who is connected, and who got what", function()
    local ann = connect { user_id = "ann", groups = { "lobby", "red" } }
    local bob = connect { groups = { "lobby" } }
    local there = assert(service:connections { group = "lobby" })
    assert.equal(2, #there)
    local one = assert(service:connections { user_id = "ann" })[1]
    assert.same(
      { "chat", "ann", { "lobby", "red" }, "json.webpubsub.azure.v1" },
      { one.hub, one.user_id, one.groups, one.subprotocol }
    )
    assert.equal(0, #assert(service:connections { hub = "other" }))
    assert(hub:send_to_group("red", "x", text))
    local got = assert(service:messages { connection_id = one.connection_id })
    assert.same({ 1, { one.connection_id } }, { got[1].recipients, got[1].connection_ids })
    assert.equal(1, #assert(service:messages { user_id = "ann" }))
    ann:close()
    bob:close()
  end)

  it("waits for messages, and no longer than it is told", function()
    local started = core.monotonic()
    assert.same({}, service:messages { at_least = 1, timeout = 0.2 })
    assert.is_true(core.monotonic() - started < 10)
    assert(service:fault "send:delay=0.3*1")
    local poller = assert(webpubsub.poller())
    local slow = assert(webpubsub.from_connection_string(service.connection_string, "chat", { transport = poller }))
    poller:spawn(function()
      assert(slow:send_to_all(1))
    end)
    repeat
      poller:poll(0.01)
    until poller:counts().in_flight == 1
    for _ = 1, 20 do
      poller:poll(0.01)
    end
    -- One call that waits, not many that ask again.
    local page = assert(service.remote:call("GET", "journal", { kind = "message", wait = 20 }))
    assert.equal(1, #page.entries)
    assert.equal(1, #service:messages { at_least = 1, timeout = 20 })
    poller:run()
    poller:close()
  end)

  it("is new after a reset", function()
    local client = connect { user_id = "ann", groups = { "lobby" } }
    assert(hub:send_to_all(1))
    assert(service:fault "send:503")
    assert(service:reset())
    assert.same({}, service:connections())
    assert.same({}, service:messages())
    assert(hub:send_to_all(2))
    assert.is_false(hub:user_exists "ann")
    local _, last
    repeat
      _, last = client:receive()
    until not last:find('"type":"message"', 1, true)
    assert.matches('"event":"disconnected"', last)
    client:close()
  end)

  it("answers with what it is told: statuses, Retry-After, a reset, a lost answer", function()
    assert(service:fault("send:503*2", "send:429*1;retry-after=7", "send:reset*1", "send:reset*1;processed"))
    for _ = 1, 2 do
      local _, err = hub:send_to_all(1)
      assert.same({ 503, "maybe_sent" }, { err.status, err.outcome })
    end
    local _, err = hub:send_to_all(1)
    assert.same({ "throttled", 7, "rejected" }, { err.code, err.retry_after, err.outcome })
    assert.equal(0, #service:messages())
    _, err = hub:send_to_all "lost"
    assert.same({ "connection_lost", "maybe_sent" }, { err.code, err.outcome })
    assert.equal(0, #service:messages())
    _, err = hub:send_to_all "came"
    assert.same({ "connection_lost", "maybe_sent" }, { err.code, err.outcome })
    assert.equal("came", service:messages()[1].data)
    assert(hub:send_to_all "free")
  end)

  it("never answers a dropped request", function()
    assert(service:fault "send:drop*1")
    local _, err = hub:send_to_all(1, { timeout = 0.3 })
    assert.same({ "timeout", "maybe_sent" }, { err.code, err.outcome })
    assert.equal(0, #service:messages())
  end)

  it("refuses WebSocket clients when it is told to", function()
    assert(service:fault "connect:503*1")
    assert.has_error(function()
      connect {}
    end)
    connect({}):close()
    assert(service:fault "connect:503")
    assert(service:clear_faults())
    connect({}):close()
  end)

  it("takes faults from the start, and says what is wrong with one", function()
    local other = assert(emulator.start { faults = { "health:500*1" } })
    local there = assert(webpubsub.from_connection_string(other.connection_string, "chat", { retry_total = 0 }))
    assert.is_nil((there:get_service_status()))
    assert.is_true((there:get_service_status()))
    assert(other:stop())
    local none, why = emulator.start { faults = "send:boo" }
    assert.is_nil(none)
    assert.matches("^The fault 'send:boo' is not understood", why)
    local ok, err = service:fault "send:boo"
    assert.is_nil(ok)
    assert.matches("^The fault 'send:boo' is not understood", err.message)
  end)

  it("keeps no more than it is told", function()
    local other = assert(emulator.start { history_entries = 3 })
    local there = assert(webpubsub.from_connection_string(other.connection_string, "chat"))
    for index = 1, 5 do
      assert(there:send_to_all(index))
    end
    local kept = other:messages()
    assert.same({ 3, 3, 5 }, { #kept, kept[1].data, kept[3].data })
    assert(other:stop())
  end)

  it("raises for misspelt filters", function()
    assert.has_error(function()
      service:messages { grop = "x" }
    end)
    assert.has_error(function()
      service:connections { group = 1 }
    end)
  end)

  it("obeys only whoever has its key", function()
    local remote = require "webpubsub.emulator.remote"
    local stranger = remote.new("http://127.0.0.1:" .. service.port, ("x"):rep(40))
    local ok, err = stranger:call("POST", "reset", nil, "")
    assert.is_nil(ok)
    assert.equal(401, err.status)
    stranger:close()
  end)
end)
