-- Starts the local service, connects three WebSocket clients to it, and sends JSON, text and bytes to a hub, a user,
-- one connection and a group. Prints what each client received.

local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local receivers = require "examples.receivers"
local webpubsub = require "webpubsub"

local service = assert(emulator.start { port = 0 })
print("local service:  " .. service.connection_string)

local hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))

-- simple: no subprotocol, frames as they are.   json: json.webpubsub.azure.v1, messages in an envelope.
-- member: no subprotocol, joined to the group "lobby" by its token.
local simple = receivers.connect("simple client", hub:get_client_access_token { user_id = "ann" })
local json =
  receivers.connect("JSON client", hub:get_client_access_token { user_id = "ben" }, "json.webpubsub.azure.v1")
local member = receivers.connect("group member", hub:get_client_access_token { user_id = "cem", groups = { "lobby" } })
local everybody = { simple, json, member }
local hello = core.json_members(json:receive()) -- the first message of a JSON client says its connection id
local json_id = core.json_string(hello.connectionId)

local fences = 0

-- A fence is one more text to everybody. What a client received before it is all that it received.
local function received_before_fence()
  fences = fences + 1
  local fence = "fence " .. fences
  assert(hub:send_to_all(fence, { content_type = "text/plain" }))
  local received = {}
  for _, client in ipairs(everybody) do
    received[client] = client:receive_until(fence)
  end
  return received
end

local function show(what, expected, ok, err)
  assert(ok, err)
  print("\n" .. what)
  local received = received_before_fence()
  for _, client in ipairs(everybody) do
    local messages = received[client]
    assert(#messages == (expected[client] and 1 or 0), client.name .. " received something else than it should")
    print(("  %-14s %s"):format(client.name, messages[1] or "-       nothing"))
  end
end

local all = { [simple] = true, [json] = true, [member] = true }
local text, bytes = { content_type = "text/plain" }, { content_type = "application/octet-stream" }

show("to all, a table as JSON", all, hub:send_to_all { from = "user1", data = "Hello world" })
show("to all, text", all, hub:send_to_all("Hello world", text))
show("to all, four bytes", all, hub:send_to_all("\0\1\254\255", bytes))
show("to the user ann", { [simple] = true }, hub:send_to_user("ann", { only = "ann" }))
show("to one connection", { [json] = true }, hub:send_to_connection(json_id, { only = "this connection" }))

local lobby = hub:group "lobby"
show("to the group lobby, a table as JSON", { [member] = true }, lobby:send { score = 3 })
show("to the group lobby, text", { [member] = true }, lobby:send("Hello lobby", text))
show("to the group lobby, four bytes", { [member] = true }, lobby:send("\0\1\254\255", bytes))

for _, client in ipairs(everybody) do
  client:close()
end
assert(service:stop())
print "\nEvery client received exactly what was for it, and nothing else."
