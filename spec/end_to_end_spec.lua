-- From `require "webpubsub"` to the bytes on real WebSockets, through the local service.

local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"
local websocket = require "spec.support.websocket"

local subprotocol = "json.webpubsub.azure.v1"
local odd_group = "a b?c#d%e+ü"

describe("a message", function()
  local service, hub, clients

  setup(function()
    service = assert(emulator.start { port = 0 })
    hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))
    clients = {}
  end)

  teardown(function()
    hub:close()
    service:stop()
  end)

  after_each(function()
    for _, client in ipairs(clients) do
      client:close()
    end
    clients = {}
  end)

  local function connect(given, protocol)
    local access = assert(hub:get_client_access_token(given))
    local client = websocket.connect(access.url, protocol)
    clients[#clients + 1] = client
    if protocol then
      local _, hello = client:receive()
      local members = assert(core.json_members(hello))
      assert.equal('"connected"', members.event)
      client.id = core.json_string(members.connectionId)
    end
    return client
  end

  --- Simple clients get no greeting, so the service is asked until it counts the user.
  local function connect_simple(user_id)
    local client = connect { user_id = user_id }
    local deadline = core.monotonic() + 5
    while not hub:user_exists(user_id) do
      assert.is_true(core.monotonic() < deadline)
    end
    return client
  end

  --- Sends a fence to everybody and shows that it is the client's next message: nothing else had been waiting.
  local function assert_nothing_waits(client)
    assert(hub:send_to_all("fence", { content_type = "text/plain" }))
    local _, bytes = client:receive()
    assert.matches("fence", bytes)
  end

  it("of JSON, text and bytes reaches a simple client as it was sent", function()
    local client = connect_simple "ann"
    assert(hub:send_to_all { z = 1, a = { 1.5, webpubsub.null, webpubsub.array {} } })
    assert.same({ "text", '{"a":[1.5,null,[]],"z":1}' }, { client:receive() })
    assert(hub:send_to_all "a string")
    assert.same({ "text", '"a string"' }, { client:receive() })
    assert(hub:send_to_all("text ü", { content_type = "text/plain" }))
    assert.same({ "text", "text ü" }, { client:receive() })
    local every = {}
    for i = 0, 255 do
      every[#every + 1] = string.char(i)
    end
    every = table.concat(every)
    assert(hub:send_to_all(every, { content_type = "application/octet-stream" }))
    assert.same({ "binary", every }, { client:receive() })
  end)

  it("reaches a JSON client in its envelope", function()
    local client = connect({ user_id = "ben" }, subprotocol)
    assert(hub:send_to_connection(client.id, { n = 1 }))
    local _, envelope = client:receive()
    local members = assert(core.json_members(envelope))
    assert.same({ type = '"message"', from = '"server"', dataType = '"json"', data = '{"n":1}' }, members)
    assert(hub:send_to_user("ben", "\0\255", { content_type = "application/octet-stream" }))
    _, envelope = client:receive()
    members = assert(core.json_members(envelope))
    assert.equal('"binary"', members.dataType)
    assert.equal('"AP8="', members.data)
  end)

  it("to a group reaches its members alone, whatever the group is called", function()
    local member = connect({ user_id = "cem", groups = { odd_group } }, subprotocol)
    local stranger = connect({ user_id = "dan" }, subprotocol)
    assert(hub:send_to_group(odd_group, { hi = true }))
    local _, envelope = member:receive()
    local members = assert(core.json_members(envelope))
    assert.equal('"group"', members.from)
    assert.equal('"' .. odd_group .. '"', members.group)
    assert.equal('{"hi":true}', members.data)
    assert_nothing_waits(stranger)
  end)

  it("leaves out the excluded connections", function()
    local one = connect({ user_id = "one", groups = { "g" } }, subprotocol)
    local two = connect({ user_id = "two", groups = { "g" } }, subprotocol)
    assert(hub:send_to_group("g", "x", { excluded = { one.id } }))
    local _, envelope = two:receive()
    assert.matches('"data":"x"', envelope)
    assert_nothing_waits(one)
  end)

  it("keeps integers digit for digit", function()
    local client = connect_simple "eva"
    local largest = (math.maxinteger or 2 ^ 53)
    assert(hub:send_to_user("eva", { n = largest }))
    local expected = math.maxinteger and "9223372036854775807" or "9007199254740992"
    assert.same({ "text", '{"n":' .. expected .. "}" }, { client:receive() })
  end)

  it("of a megabyte arrives whole", function()
    local client = connect_simple "big"
    local text = ("0123456789abcdef"):rep(65536)
    assert.equal(1048576, #text)
    assert(hub:send_to_user("big", text, { content_type = "text/plain" }))
    local kind, bytes = client:receive()
    assert.equal("text", kind)
    assert.is_true(bytes == text)
  end)

  it("carries its metadata to JSON clients", function()
    local client = connect({ user_id = "meta" }, subprotocol)
    assert(hub:send_to_user("meta", "x", { metadata = { Trace = "t-1" } }))
    local _, envelope = client:receive()
    assert.equal('{"trace":"t-1"}', assert(core.json_members(envelope)).metadata)
  end)

  it("sent over a hub that nobody is in is accepted all the same", function()
    local empty = assert(webpubsub.from_connection_string(service.connection_string, "empty"))
    assert.is_true((empty:send_to_all "x"))
  end)
end)

describe("a client of the service", function()
  local service, hub, client

  before_each(function()
    service = assert(emulator.start { port = 0 })
    hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))
    client = websocket.connect(assert(hub:get_client_access_token { user_id = "ann" }).url, subprotocol)
    local _, hello = client:receive()
    client.id = core.json_string(assert(core.json_members(hello)).connectionId)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  it("exists as connection and user until it is gone", function()
    assert.is_true((hub:connection_exists(client.id)))
    assert.is_true((hub:user_exists "ann"))
    assert.is_false((hub:connection_exists "nobody"))
    assert.is_false((hub:user_exists "nobody"))
    assert.is_true((hub:get_service_status()))
  end)

  it("is put into groups and taken out", function()
    local lobby = hub:group "lobby"
    assert.is_false((lobby:exists()))
    assert(lobby:add_connection(client.id))
    assert.is_true((lobby:exists()))
    assert.same({ { connection_id = client.id, user_id = "ann" } }, (lobby:list_connections()))
    assert(lobby:remove_connection(client.id))
    assert.is_false((lobby:exists()))
    assert(lobby:add_user "ann")
    assert(lobby:remove_user "ann")
    assert.is_false((lobby:exists()))
    assert(hub:add_connections_to_groups { groups = { "g1", "g2" } })
    assert.is_true((hub:group_exists "g2"))
    assert(hub:remove_connections_from_groups { groups = { "g1" } })
    assert.is_false((hub:group_exists "g1"))
    assert(hub:remove_connection_from_all_groups(client.id))
    assert.is_false((hub:group_exists "g2"))
    assert(hub:add_user_to_group("g3", "ann"))
    assert(hub:remove_user_from_all_groups "ann")
    assert.is_false((hub:group_exists "g3"))
  end)

  it("that is unknown cannot be put into a group", function()
    local ok, err = hub:add_connection_to_group("lobby", "nobody")
    assert.is_nil(ok)
    assert.equal("not_found", err.code)
    assert.equal("Error.Connection.NotExisted", err.service_code)
    assert.equal("rejected", err.outcome)
  end)

  it("is granted and revoked permissions", function()
    local target = { target_name = "lobby" }
    assert.is_false((hub:check_permission("sendToGroup", client.id, target)))
    assert(hub:grant_permission("sendToGroup", client.id, target))
    assert.is_true((hub:has_permission("sendToGroup", client.id, target)))
    assert(hub:revoke_permission("sendToGroup", client.id, target))
    assert.is_false((hub:check_permission("sendToGroup", client.id, target)))
  end)

  it("is closed with a reason", function()
    assert(hub:close_connection(client.id, { reason = "enough" }))
    local _, last = client:receive()
    assert.matches('"event":"disconnected"', last)
    assert.matches("enough", last)
  end)

  it("is listed page by page", function()
    local more = {}
    for i = 1, 4 do
      more[i] = websocket.connect(assert(hub:get_client_access_token { groups = { "big" } }).url, subprotocol)
      more[i]:receive()
    end
    local seen = {}
    for connection in hub:each_connection("big", { max_page_size = 2, top = 3 }) do
      seen[#seen + 1] = connection.connection_id
    end
    assert.equal(3, #seen)
    assert.is_true(seen[1] < seen[2] and seen[2] < seen[3])
    for _, each in ipairs(more) do
      each:close()
    end
  end)

  it("is not reached with a wrong key", function()
    local stranger =
      assert(webpubsub.client { endpoint = service.endpoint, hub = "chat", credential = ("wrong key"):rep(5) })
    local ok, err = stranger:send_to_all "x"
    assert.is_nil(ok)
    assert.equal("unauthorized", err.code)
    assert.equal("rejected", err.outcome)
  end)

  it("filters as it is asked, and is told when the filter is not valid", function()
    assert(hub:send_to_all("x", { filter = webpubsub.filter("userId eq %s", "ann") }))
    local ok, err = hub:send_to_all("x", { filter = "userId gt 5" })
    assert.is_nil(ok)
    assert.equal(400, err.status)
  end)
end)
