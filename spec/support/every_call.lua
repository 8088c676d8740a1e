-- Every operation of the service as a call on a client, with what the published document says of it.
--   for _, each in ipairs(require "spec.support.every_call") do each.call(hub, options) end
-- each: { name (of the method), id, method, idempotent, call }.

local files = require "spec.support.files"
local json = require "webpubsub.json"
local operations = require "webpubsub.operations"

local unpack = table.unpack or unpack

--- POSTs that may be repeated though RFC 9110 (9.2.2) says it of no POST: a group's members are a set, and a token
-- that nobody received opens nothing.
local repeatable_posts = {
  WebPubSub_AddConnectionsToGroups = true,
  WebPubSub_RemoveConnectionsFromGroups = true,
  WebPubSub_GenerateClientToken = true,
}

local sample = { group = "lobby", user_id = "ann", connection_id = "c1", permission = "joinLeaveGroup", message = "hi" }

--- Options that a call cannot do without.
local needed = {
  WebPubSub_AddConnectionsToGroups = { groups = { "lobby" }, filter = "userId eq 'ann'" },
  WebPubSub_RemoveConnectionsFromGroups = { groups = { "lobby" }, filter = "userId eq 'ann'" },
  WebPubSub_GrantPermission = { target_name = "lobby" },
  WebPubSub_RevokePermission = { target_name = "lobby" },
  WebPubSub_CheckPermission = { target_name = "lobby" },
}

local function call_of(row)
  local arguments = {}
  for i, name in ipairs(row.arguments) do
    arguments[i] = sample[name]
  end
  -- The one operation without a method of its own: with a token credential this is it.
  local method = row.hidden and "get_client_access_token" or row.name
  return function(hub, options)
    local all = {}
    for _, some in ipairs { needed[row.id] or {}, options or {} } do
      for name, value in pairs(some) do
        all[name] = value
      end
    end
    local list = { unpack(arguments) }
    list[#list + 1] = all
    return hub[method](hub, unpack(list))
  end
end

local every_call = {}

for i, fact in ipairs(assert(json.decode(files.read "spec/vectors/operations.json")).operations) do
  for _, row in ipairs(operations.list) do
    if row.id == fact.operationId then
      every_call[i] = {
        name = row.name,
        id = row.id,
        method = fact.method,
        idempotent = fact.method ~= "POST" or repeatable_posts[row.id] == true,
        call = call_of(row),
      }
    end
  end
  assert(every_call[i], fact.operationId)
end

return every_call
