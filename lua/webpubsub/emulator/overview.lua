--- Who is there, for the page: bounded lists with whole counts.

local core = require "webpubsub.core"
local entries = require "webpubsub.emulator.entries"
local keys = require "webpubsub.keys"
local state = require "webpubsub.emulator.state"

local overview = {}

local shown = 200

local function count(set)
  local number = 0
  for _ in pairs(set) do
    number = number + 1
  end
  return number
end

local function groups_of(hub)
  local list = {}
  for index, name in ipairs(keys.sorted(hub.groups)) do
    if index <= shown then
      list[index] = { name = name, connections = count(hub.groups[name]) }
    end
  end
  return core.array(list)
end

local function connections_of(hub)
  local list = {}
  for index, id in ipairs(keys.sorted(hub.connections)) do
    if index <= shown then
      list[index] = entries.connection(hub.connections[id])
    end
  end
  return core.array(list)
end

--- A value for JSON.
function overview.of(world_state)
  local hubs = {}
  for index, name in ipairs(keys.sorted(world_state.hubs)) do
    local hub = world_state.hubs[name]
    if index <= shown then
      hubs[index] = {
        name = name,
        connectionCount = count(hub.connections),
        groupCount = count(hub.groups),
        connections = connections_of(hub),
        groups = groups_of(hub),
      }
    end
  end
  return { hubs = core.array(hubs) }
end

--- Connections of a hub (nil: of all) whose ids come behind `after` and that are accepted, by id.
function overview.connections(world_state, hub, after, accept)
  local list = {}
  for name in pairs(world_state.hubs) do
    for _, connection in ipairs(state.list((not hub or hub:lower() == name) and world_state:all(name) or {})) do
      if connection.id > after and accept(connection) then
        list[#list + 1] = connection
      end
    end
  end
  table.sort(list, function(left, right)
    return left.id < right.id
  end)
  return list
end

return overview
