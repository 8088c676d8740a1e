--- Carries out effects: frames to clients, closes, events.

local core = require "webpubsub.core"
local frame = require "webpubsub.emulator.frame"
local recovery = require "webpubsub.emulator.recovery"
local session = require "webpubsub.emulator.session"
local unacked = require "webpubsub.emulator.unacked"
local watch = require "webpubsub.emulator.watch"

local delivery = {}
delivery.__index = delivery

--- `state`; `journal`; `clients`: connection → websocket of those that have one; `log`; `events` (server.events);
-- `limits` (`recovery_window` in seconds, `reliable_messages`, `reliable_bytes`); `mac`; `now()`;
-- `after(seconds, call)`.
function delivery.new(fields)
  return setmetatable(fields, delivery)
end

local function bytes_of(one)
  return frame.build(one.opcode, one.data)
end

-- A client that does not keep up is cut: it hears why instead of what is queued (contract, closing: reason SlowClient).
local function cut(self, connection, client)
  self.log:warn("connection %s is cut: its queue is full", connection.id)
  if client then
    client:forget()
  end
  self:apply { session.close(connection, 1008, "SlowClient") }
end

local function push(self, connection, bytes, expires)
  local client = self.clients[connection]
  if client and not client:push(bytes, expires) then
    cut(self, connection, client)
  end
end

-- Contract, reliable variants: kept until acknowledged; over the limits the session ends and cannot be recovered.
local function push_reliable(self, connection, open_text, expires)
  local kept = connection.unacked
  local bytes = bytes_of(connection.protocol.sequenced(open_text, kept:next_id()))
  if kept:add(bytes, expires, core.monotonic()) then
    push(self, connection, bytes, expires)
  else
    cut(self, connection, self.clients[connection])
  end
end

local function build(protocol, message)
  return protocol.is_reliable and protocol.open_message(message) or bytes_of(protocol.message(message))
end

local actions = {}

-- Every protocol's frame is built once, however many clients get it.
function actions.deliver(self, effect)
  local built = {}
  local ttl = effect.message.ttl
  local expires = ttl and ttl > 0 and core.monotonic() + ttl or nil
  for _, connection in ipairs(effect.recipients) do
    local protocol = connection.protocol
    built[protocol] = built[protocol] or build(protocol, effect.message)
    local deliver = protocol.is_reliable and push_reliable or push
    deliver(self, connection, built[protocol], expires)
  end
end

function actions.answer(self, effect)
  push(self, effect.connection, bytes_of(effect.frame))
end

-- The end of a session, once: out of the state at once, so that nothing is delivered behind its last words.
local function end_session(self, connection, reason)
  if not connection.over then
    connection.over = true
    self.state:remove(connection)
    self.events:push(connection, { kind = "disconnected", reason = reason })
  end
end

function actions.close(self, effect)
  local client = self.clients[effect.connection]
  if client and not effect.connection.over then
    for _, one in ipairs(effect.before) do
      client:push(bytes_of(one))
    end
    client:finish(effect.code, effect.reason)
    self.log:info("connection %s closed: %d %s", effect.connection.id, effect.code, effect.reason)
  end
  end_session(self, effect.connection, effect.reason)
end

function actions.event(self, effect)
  self.events:push(effect.connection, effect.event)
end

function delivery:apply(effects)
  for _, effect in ipairs(effects or {}) do
    watch.effect(self.journal, effect, core.time())
    actions[effect.kind](self, effect)
  end
end

--- What became of a user event.
function delivery:finish_event(connection, event, outcome)
  if event.kind == "user" and not connection.over then
    self:apply(session.finish_event(connection, event, outcome))
  end
end

local function renew_token(self, connection)
  connection.reconnection_token = recovery.token(self.mac, connection, self.now())
end

--- A new client for an accepted connection: enters it.
function delivery:enter(connection, client)
  self.clients[connection] = client
  if connection.protocol.is_reliable then
    connection.unacked = unacked.new(self.limits.reliable_messages, self.limits.reliable_bytes)
    renew_token(self, connection)
  end
  self:apply(session.open(self.state, connection))
end

--- A reliable client that has come back: another socket for the same connection. What it has not acknowledged is
-- delivered again, in order.
function delivery:resume(connection, client)
  local old = self.clients[connection]
  if old then
    old:abandon()
  end
  self.clients[connection], connection.lost = client, nil
  renew_token(self, connection)
  self:apply(session.resume(connection))
  for _, entry in ipairs(connection.unacked:list(core.monotonic())) do
    client:push(entry.bytes, entry.expires)
  end
  self.log:info("connection %s is recovered", connection.id)
end

-- One look for each connection is under way at most, however often its socket is lost.
local function look_later(self, connection, seconds)
  connection.is_looked_after = true
  self.after(seconds, function()
    connection.is_looked_after = false
    local lost = connection.lost
    local left = lost and lost.ends - core.monotonic()
    if left and left <= 0 then
      end_session(self, connection, lost.reason)
    elseif left then
      look_later(self, connection, left)
    end
  end)
end

-- A reliable session outlives its socket for a while.
local function wait_for_return(self, connection, reason)
  local window = self.limits.recovery_window
  connection.lost = { ends = core.monotonic() + window, reason = reason }
  if not connection.is_looked_after then
    look_later(self, connection, window)
  end
end

--- A client's socket is gone. `clean`: the client said so itself, and does not come back (contract, recovery).
function delivery:leave(connection, client, clean, reason)
  if self.clients[connection] ~= client then
    return -- another socket has taken its place
  end
  self.clients[connection] = nil
  if connection.over then
    return
  elseif connection.protocol.is_reliable and not clean then
    wait_for_return(self, connection, reason)
  else
    end_session(self, connection, reason)
  end
end

return delivery
