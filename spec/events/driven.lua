-- The local service drives the application of the adapter specs through every event it sends.

local assert = require "luassert"
local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local json = require "webpubsub.json"
local peer = require "spec.emulator.server.peer"

local function start(host)
  local handler = {
    url = host.endpoint .. "/eventhandler",
    system_events = "connect,connected,disconnected",
    user_events = "*",
  }
  return assert(emulator.start { port = 0, hubs = { chat = { handlers = { handler } } } })
end

--- The notes about a connection, waited for until there are as many.
local function notes_of(host, connection, count)
  local deadline = core.monotonic() + 15
  local list
  repeat
    list = {}
    for line in host.notes():gmatch "[^\n]+" do
      local note = json.decode(line)
      if note.connection == connection then
        list[#list + 1] = note
      end
    end
  until #list >= count or core.monotonic() > deadline
  return list
end

local function members(client)
  local text = assert(peer.receive(client))
  return json.decode(text)
end

--- name: where the application stands; get() → host; api: the spec file's describe and the rest.
return function(name, get, api)
  local it = api.it

  api.describe("the local service drives an event handler in " .. name, function()
    local service

    api.setup(function()
      service = start(get())
    end)

    api.teardown(function()
      service:stop()
    end)

    it("through connect, connected, user events with state and metadata, and disconnected", function()
      local client = peer.websocket(service, { sub = "ann" })
      local connected = members(client)
      assert.equal("named", connected.userId)
      client:send '{"type":"event","event":"count","dataType":"text","data":"ü","ackId":1}'
      local answer = members(client)
      assert.same({ "server", "json", { visits = 1 } }, { answer.from, answer.dataType, answer.data })
      assert.same({ mark = "1" }, answer.metadata)
      assert.is_true(members(client).success)
      client:send '{"type":"event","event":"count","dataType":"json","data":{"n":[1]},"ackId":2}'
      assert.same({ visits = 2 }, members(client).data)
      assert.is_true(members(client).success)
      client:send '{"type":"event","event":"bytes","dataType":"binary","data":"AAEC","ackId":3}'
      assert.equal(core.base64_encode "\2\1\0", members(client).data)
      assert.is_true(members(client).success)
      client:send '{"type":"event","event":"refuse","dataType":"text","data":"x","ackId":4}'
      assert.is_false(members(client).success)
      client:close()
      local notes = notes_of(get(), connected.connectionId, 7)
      local kinds = {}
      for i, note in ipairs(notes) do
        kinds[i] = note.name
      end
      assert.same({ "connect", "connected", "count", "count", "bytes", "refuse", "disconnected" }, kinds)
      assert.same({ "ann", "named" }, { notes[1].user, notes[2].user })
      assert.same({ "ü", { n = { 1 } }, 3 }, { notes[3].data, notes[4].data, notes[5].data })
      assert.same({ { visits = 1 }, { visits = 2 } }, { notes[3].states, notes[4].states })
    end)

    it("puts the client into the groups of the answer, with its roles", function()
      local client = peer.websocket(service, { sub = "ann" })
      members(client)
      client:send '{"type":"sendToGroup","group":"lobby","dataType":"text","data":"hello","ackId":1}'
      local first, second = members(client), members(client)
      local message = first.type == "message" and first or second
      assert.same({ "lobby", "hello", "named" }, { message.group, message.data, message.fromUserId })
      client:close()
    end)

    it("answers a simple client's message with a frame", function()
      local client = peer.websocket(service, { sub = "ann" }, false)
      client:send("hello", "text")
      assert.equal('{"visits":1}', (peer.receive(client)))
      client:close()
    end)

    it("refuses a client with the status of the answer", function()
      local socket = peer.connect(service)
      local url = peer.client_url(service, { sub = "ann" }) .. "&refuse=1"
      socket:xwrite(peer.upgrade(service, url), "bn", peer.seconds)
      assert.match("^HTTP/1.1 403 ", socket:xread("*L", "b", peer.seconds))
      socket:close()
    end)
  end)
end
