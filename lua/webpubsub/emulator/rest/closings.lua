--- Closing connections: 204 also when nobody is there (contract, closing).

local answers = require "webpubsub.emulator.rest.answers"
local session = require "webpubsub.emulator.session"
local state = require "webpubsub.emulator.state"

local closings = {}

local default_reason = "The connection was closed by the server."

local function close_list(list, reason)
  local text = reason and reason ~= "" and reason or default_reason
  local effects = {}
  for index, connection in ipairs(list) do
    effects[index] = session.close(connection, 1000, text)
  end
  return answers.empty(204), effects
end

local function close(select)
  return function(world, call)
    local excluded = {}
    for _, id in ipairs(call.query.excluded or {}) do
      excluded[id] = true
    end
    return close_list(state.list(select(world.state, call.path), excluded), call.query.reason)
  end
end

closings.close_all_connections = close(function(here, path)
  return here:all(path.hub)
end)

closings.close_group_connections = close(function(here, path)
  return here:group(path.hub, path.group)
end)

closings.close_user_connections = close(function(here, path)
  return here:user(path.hub, path.userId)
end)

function closings.close_connection(world, call)
  local connection = world.state:connection(call.path.hub, call.path.connectionId)
  return close_list({ connection }, call.query.reason)
end

return closings
