--- Sends: fire and forget, 202 also when nobody is there (contract, semantics).

local answers = require "webpubsub.emulator.rest.answers"
local bodies = require "webpubsub.emulator.rest.bodies"
local effects = require "webpubsub.emulator.effects"
local filter = require "webpubsub.emulator.filter"
local state = require "webpubsub.emulator.state"

local sends = {}

local function set_of(ids)
  local set = {}
  for _, id in ipairs(ids or {}) do
    set[id] = true
  end
  return set
end

-- `to` and `target`: what the call addresses, and the path parameter that names it. select answers the set of
-- connections that a call means.
local function send(from, to, target, select)
  return function(world, call)
    local is_meant, why = filter.compile(call.query.filter, "filter")
    if not is_meant then
      return answers.problem(why, "filter")
    end
    local message, refusal = bodies.message(call.request)
    if not message then
      return refusal
    end
    message.from, message.group, message.ttl = from, call.path.group, call.query.message_ttl_seconds
    message.hub, message.to, message.to_name = call.path.hub, to, target and call.path[target]
    local recipients = state.list(select(world.state, call.path), set_of(call.query.excluded), is_meant)
    return answers.empty(202), { effects.deliver(message, recipients) }
  end
end

sends.send_to_all = send("server", "all", nil, function(here, path)
  return here:all(path.hub)
end)

sends.send_to_group = send("group", "group", "group", function(here, path)
  return here:group(path.hub, path.group)
end)

sends.send_to_user = send("server", "user", "userId", function(here, path)
  return here:user(path.hub, path.userId)
end)

sends.send_to_connection = send("server", "connection", "connectionId", function(here, path)
  local connection = here:connection(path.hub, path.connectionId)
  return connection and { [connection.id] = connection } or {}
end)

return sends
