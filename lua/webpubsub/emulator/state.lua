--- Who is connected: hubs, their connections, and the indexes by user and by group. A value in memory, no sockets.
--
-- A connection is a table that its maker fills: `id`, `hub` (lower case), `user_id` (nil: anonymous), and that gets
-- `groups` (a set, group name → true) here. Every index holds the connection itself under its id.

local state = {}
state.__index = state

local none = {}

function state.new()
  return setmetatable({ hubs = {} }, state)
end

local function hub_of(self, name)
  local hub = self.hubs[name]
  if not hub then
    hub = { connections = {}, users = {}, groups = {} }
    self.hubs[name] = hub
  end
  return hub
end

local function put(index, key, connection)
  local set = index[key]
  if not set then
    set = {}
    index[key] = set
  end
  set[connection.id] = connection
end

-- An index keeps no empty sets: a group or user exists while somebody is in it.
local function drop(index, key, connection)
  local set = index[key]
  if set then
    set[connection.id] = nil
    if not next(set) then
      index[key] = nil
    end
  end
end

function state:add(connection)
  local hub = hub_of(self, connection.hub)
  connection.groups, connection.group_count = {}, 0
  hub.connections[connection.id] = connection
  if connection.user_id then
    put(hub.users, connection.user_id, connection)
  end
end

function state:remove(connection)
  local hub = self.hubs[connection.hub]
  if not hub or not hub.connections[connection.id] then
    return
  end
  self:leave_all(connection)
  hub.connections[connection.id] = nil
  if connection.user_id then
    drop(hub.users, connection.user_id, connection)
  end
  if not next(hub.connections) then
    self.hubs[connection.hub] = nil
  end
end

function state:join(connection, group)
  if not connection.groups[group] then
    connection.groups[group] = true
    connection.group_count = connection.group_count + 1
    put(hub_of(self, connection.hub).groups, group, connection)
  end
end

function state:leave(connection, group)
  if connection.groups[group] then
    connection.groups[group] = nil
    connection.group_count = connection.group_count - 1
    drop(hub_of(self, connection.hub).groups, group, connection)
  end
end

function state:leave_all(connection)
  local groups = {}
  for group in pairs(connection.groups) do
    groups[#groups + 1] = group
  end
  for _, group in ipairs(groups) do
    self:leave(connection, group)
  end
end

--- The connection with that id in the hub, or nil.
function state:connection(hub, id)
  local found = self.hubs[hub]
  return found and found.connections[id]
end

--- Sets of connections, id → connection; empty where there are none. Not to be changed, and not to be kept over a
-- change.
function state:all(hub)
  local found = self.hubs[hub]
  return found and found.connections or none
end

function state:user(hub, user_id)
  local found = self.hubs[hub]
  return found and found.users[user_id] or none
end

function state:group(hub, group)
  local found = self.hubs[hub]
  return found and found.groups[group] or none
end

--- A list of the set's members without those whose ids are in `excluded` (a set, or nil) and those of whom
-- `is_meant(connection)` (or nil) is not true.
function state.list(set, excluded, is_meant)
  local list = {}
  for id, connection in pairs(set) do
    if not (excluded and excluded[id]) and (not is_meant or is_meant(connection)) then
      list[#list + 1] = connection
    end
  end
  return list
end

return state
