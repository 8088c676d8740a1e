--- One client: what it sends → effects. The protocol modules read and write frames, this file knows what they mean.
--
-- A connection has here: `id`, `hub`, `user_id`, `groups`, `permissions`, `protocol` (a module), `acks`, `pending`
-- (ackIds of events that are at their handler), for simple clients `target` (nil: every message is an event; else
-- `{ group, no_echo }`) and for reliable ones `unacked`.

local acks = require "webpubsub.emulator.acks"
local effects = require "webpubsub.emulator.effects"
local json = require "webpubsub.emulator.protocol.json"
local rules = require "webpubsub.emulator.rules"
local state = require "webpubsub.emulator.state"

local session = {}

local function one(effect)
  return { effect }
end

local function answer(connection, frame)
  return effects.answer(connection, frame)
end

--- Enters an accepted connection, with its id, into the state and answers what the client hears first.
-- Joining the token's groups needs no role (contract, roles).
function session.open(world, connection)
  connection.acks, connection.pending = acks.new(), {}
  world:add(connection)
  for _, group in ipairs(connection.first_groups) do
    world:join(connection, group)
  end
  local first = connection.protocol.connected(connection)
  local list = first and one(answer(connection, first)) or {}
  list[#list + 1] = effects.event(connection, { kind = "connected" })
  return list
end

--- What a reliable client hears first when it has come back; what it had not acknowledged follows. No event: the
-- session has never ended (contract, recovery).
function session.resume(connection)
  return one(answer(connection, connection.protocol.connected(connection)))
end

--- The effect that ends a connection: subprotocol clients hear the reason before (contract, closing).
function session.close(connection, code, reason)
  local notice = connection.protocol.disconnected(reason)
  return effects.close(connection, code, reason, { notice })
end

-- Without an ackId errors are not reported (contract, ackId).
local function fail(connection, request, name, message)
  if not request.ack_id then
    return {}
  end
  return one(answer(connection, json.error_ack(request.ack_id, name, message)))
end

-- Failed requests are not remembered, so the same ackId may be tried again (contract, ack error names).
local function succeed(connection, request, list)
  if request.ack_id then
    connection.acks:add(request.ack_id)
    list[#list + 1] = answer(connection, json.ack(request.ack_id))
  end
  return list
end

local function decline(connection, why)
  return one(session.close(connection, 1007, "The client message is not valid: " .. why .. "."))
end

-- A name that breaks its rule: an error ack where there is an ackId to carry it, otherwise the client is declined.
local function bad_name(connection, request, why)
  if request.ack_id then
    return fail(connection, request, "BadRequest", "The request is not valid: " .. why .. ".")
  end
  return decline(connection, why)
end

local function forbidden(connection, request, what)
  local message = ("The client does not have permission to %s group `%s`."):format(what, request.group)
  return fail(connection, request, "Forbidden", message)
end

local function to_group(world, connection, group, message, no_echo)
  message.from, message.group, message.from_user_id = "group", group, connection.user_id
  message.hub, message.to, message.to_name = connection.hub, "group", group
  local excluded = no_echo and { [connection.id] = true } or nil
  return effects.deliver(message, state.list(world:group(connection.hub, group), excluded))
end

local handlers = {}

function handlers.ping(_, connection)
  return one(answer(connection, json.pong()))
end

function handlers.joingroup(world, connection, request)
  if not connection.permissions:allows("joinLeaveGroup", request.group) then
    return forbidden(connection, request, "join")
  elseif connection.group_count >= rules.group_list and not connection.groups[request.group] then
    return fail(connection, request, "BadRequest", "The client is in 10000 groups already.")
  end
  world:join(connection, request.group)
  return succeed(connection, request, {})
end

function handlers.leavegroup(world, connection, request)
  if not connection.permissions:allows("joinLeaveGroup", request.group) then
    return forbidden(connection, request, "leave")
  end
  world:leave(connection, request.group)
  return succeed(connection, request, {})
end

local function not_built(connection, request, what)
  return fail(connection, request, "NotImplemented", what .. " is not built yet in this emulator.")
end

function handlers.sendtogroup(world, connection, request)
  if not connection.permissions:allows("sendToGroup", request.group) then
    return forbidden(connection, request, "send to")
  elseif request.message.data_type == "protobuf" then
    return not_built(connection, request, "The data type protobuf")
  end
  local delivery = to_group(world, connection, request.group, request.message, request.no_echo)
  return succeed(connection, request, { delivery })
end

function handlers.event(_, connection, request)
  if request.message.data_type == "protobuf" then
    return not_built(connection, request, "The data type protobuf")
  end
  local event = { kind = "user", name = request.event, message = request.message, ack_id = request.ack_id }
  if event.ack_id then
    connection.pending[event.ack_id] = true
  end
  return one(effects.event(connection, event))
end

-- Contract, reliable variants: cumulative. For the other variant it says nothing.
function handlers.sequenceack(_, connection, request)
  if connection.unacked then
    connection.unacked:ack(request.sequence_id)
  end
  return {}
end

function handlers.stream(_, connection, request)
  local why = "Streams are not built yet in this emulator."
  return one(answer(connection, json.stream_closed(request.stream_id, "InternalServerError", why)))
end

function handlers.streamdata(_, connection, request)
  local why = "The connection has no such stream."
  return one(answer(connection, json.stream_closed(request.stream_id, "StreamNotFound", why)))
end

handlers.streamend = handlers.streamdata

function handlers.invoke(_, connection, request)
  local why = "Invocations are not built yet in this emulator."
  return one(answer(connection, json.failed_invocation(request.invocation_id, "NotImplemented", why)))
end

local function unbuilt(_, connection, request)
  return not_built(connection, request, "The message type " .. request.name)
end

local function check_names(request)
  if request.group and not rules.is_group(request.group) then
    return nil, "a group name has 1 to 1024 characters of one line, not only white space"
  elseif request.event and not rules.is_event(request.event) then
    return nil, "an event name is a letter, then up to 127 letters, digits, '_', '.' or '-'"
  end
  return true
end

local function receive_json(world, connection, frame)
  if frame.opcode ~= "text" then
    return one(session.close(connection, 1003, "The JSON subprotocol requires text messages."))
  end
  local request, why = json.parse(frame.data)
  if not request then
    return decline(connection, why)
  elseif request.ack_id and connection.acks:has(request.ack_id) then
    local message = ("Message with ack-id: %s has been processed"):format(request.ack_id)
    return fail(connection, request, "Duplicate", message)
  elseif request.ack_id and connection.pending[request.ack_id] then
    return {} -- the first one's ack answers both
  end
  local ok, problem = check_names(request)
  if not ok then
    return bad_name(connection, request, problem)
  end
  return (handlers[request.kind] or unbuilt)(world, connection, request)
end

local function receive_simple(world, connection, frame)
  local message = { data_type = frame.opcode == "binary" and "binary" or "text", data = frame.data }
  local target = connection.target
  if not target then
    return one(effects.event(connection, { kind = "user", name = "message", message = message }))
  elseif not connection.permissions:allows("sendToGroup", target.group) then
    local why = "The client does not have permission to send to the group."
    return one(session.close(connection, 1008, why))
  end
  return one(to_group(world, connection, target.group, message, target.no_echo))
end

--- One complete message of the client, `{ opcode = "text" or "binary", data }`, text being valid UTF-8 → a list of
-- effects.
function session.receive(world, connection, frame)
  if connection.protocol.has_requests then
    return receive_json(world, connection, frame)
  end
  return receive_simple(world, connection, frame)
end

--- What became of a user event → effects. `outcome.handled`; `outcome.answer`: a message from the handler, or nil.
function session.finish_event(connection, event, outcome)
  if event.ack_id then
    connection.pending[event.ack_id] = nil
  end
  if not outcome.handled then
    if not connection.protocol.has_requests then
      return one(session.close(connection, 1011, "The event was not handled."))
    end
    return fail(connection, event, "InternalServerError", "The event was not handled: " .. outcome.why .. ".")
  end
  local list = {}
  if outcome.answer then
    outcome.answer.from, outcome.answer.hub = "server", connection.hub
    outcome.answer.to, outcome.answer.to_name = "connection", connection.id
    list[1] = effects.deliver(outcome.answer, { connection })
  end
  return succeed(connection, event, list)
end

return session
