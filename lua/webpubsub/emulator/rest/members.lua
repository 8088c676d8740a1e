--- Existence and group membership.

local answers = require "webpubsub.emulator.rest.answers"
local bodies = require "webpubsub.emulator.rest.bodies"
local filter = require "webpubsub.emulator.filter"
local state = require "webpubsub.emulator.state"

local members = {}

function members.get_service_status()
  return answers.empty(200)
end

function members.connection_exists(world, call)
  local id = call.path.connectionId
  if world.state:connection(call.path.hub, id) then
    return answers.empty(200)
  end
  return answers.missing("Warning", "Connection", id)
end

function members.group_exists(world, call)
  if next(world.state:group(call.path.hub, call.path.group)) then
    return answers.empty(200)
  end
  return answers.missing("Warning", "Group", call.path.group)
end

function members.user_exists(world, call)
  if next(world.state:user(call.path.hub, call.path.userId)) then
    return answers.empty(200)
  end
  return answers.missing("Warning", "User", call.path.userId)
end

function members.add_connection_to_group(world, call)
  local id = call.path.connectionId
  local connection = world.state:connection(call.path.hub, id)
  if not connection then
    return answers.missing("Error", "Connection", id)
  end
  world.state:join(connection, call.path.group)
  return answers.empty(200)
end

function members.add_user_to_group(world, call)
  local list = state.list(world.state:user(call.path.hub, call.path.userId))
  if #list == 0 then
    return answers.missing("Warning", "User", call.path.userId)
  end
  for _, connection in ipairs(list) do
    world.state:join(connection, call.path.group)
  end
  return answers.empty(200)
end

-- Contract, operations: removing what is not there is a success.
local function remove(select, leave)
  return function(world, call)
    for _, connection in ipairs(select(world.state, call.path)) do
      leave(world.state, connection, call.path.group)
    end
    return answers.empty(204)
  end
end

local function one_connection(here, path)
  return { here:connection(path.hub, path.connectionId) }
end

local function all_of_user(here, path)
  return state.list(here:user(path.hub, path.userId))
end

members.remove_connection_from_group = remove(one_connection, state.leave)
members.remove_connection_from_all_groups = remove(one_connection, state.leave_all)
members.remove_user_from_group = remove(all_of_user, state.leave)
members.remove_user_from_all_groups = remove(all_of_user, state.leave_all)

-- Contract, filter: an omitted, null or empty filter selects every connection of the hub.
local function for_groups(change)
  return function(world, call)
    local body, refusal = bodies.groups(call.request)
    if not body then
      return refusal
    end
    local is_meant, why = filter.compile(body.filter, "Filter")
    if not is_meant then
      return answers.problem(why, "Filter")
    end
    for _, connection in ipairs(state.list(world.state:all(call.path.hub), nil, is_meant)) do
      for _, group in ipairs(body.groups) do
        change(world.state, connection, group)
      end
    end
    return answers.empty(200)
  end
end

members.add_connections_to_groups = for_groups(state.join)
members.remove_connections_from_groups = for_groups(state.leave)

return members
