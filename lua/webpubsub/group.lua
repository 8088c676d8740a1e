--- A client narrowed to one group. The methods take what the client's take, without the group.

local errors = require "webpubsub.error"

local group = {}
local methods = {}
local metatable = { __index = methods }

function metatable:__tostring()
  return "webpubsub.group"
end

--- Method of the group → method of the client that has the group as its first argument.
local narrowed = {
  send = "send_to_group",
  add_user = "add_user_to_group",
  remove_user = "remove_user_from_group",
  add_connection = "add_connection_to_group",
  remove_connection = "remove_connection_from_group",
  exists = "group_exists",
  close_connections = "close_group_connections",
  list_connections = "list_connections",
  each_connection = "each_connection",
}

for name, of_client in pairs(narrowed) do
  methods[name] = function(self, ...)
    if getmetatable(self) ~= metatable then
      errors.misuse "call the method with a colon on a group"
    end
    return self.client[of_client](self.client, self.name, ...)
  end
end

--- new(client, name) → group.
function group.new(client, name)
  return setmetatable({ client = client, name = name }, metatable)
end

return group
