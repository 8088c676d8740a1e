--- Carries out effects: frames to clients, closes, events.

local core = require "webpubsub.core"
local frame = require "webpubsub.emulator.frame"
local session = require "webpubsub.emulator.session"
local watch = require "webpubsub.emulator.watch"

local delivery = {}
delivery.__index = delivery

--- `state`; `journal`; `clients`: connection → websocket; `log`; `on_event(connection, event)` → outcome
-- (session.finish_event).
function delivery.new(fields)
  return setmetatable(fields, delivery)
end

local function bytes_of(one)
  return frame.build(one.opcode, one.data)
end

-- A client that does not keep up is cut: it hears why instead of what is queued (contract, closing: reason SlowClient).
local function push(self, connection, bytes, ttl)
  local client = self.clients[connection]
  if client and not client:push(bytes, ttl) then
    self.log:warn("connection %s is cut: its queue is full", connection.id)
    client:forget()
    self:apply { session.close(connection, 1008, "SlowClient") }
  end
end

local actions = {}

-- Every protocol's frame is built once, however many clients get it.
function actions.deliver(self, effect)
  local built = {}
  for _, connection in ipairs(effect.recipients) do
    local protocol = connection.protocol
    built[protocol] = built[protocol] or bytes_of(protocol.message(effect.message))
    push(self, connection, built[protocol], effect.message.ttl ~= 0 and effect.message.ttl or nil)
  end
end

function actions.answer(self, effect)
  push(self, effect.connection, bytes_of(effect.frame))
end

-- The connection is out of the state at once, so that nothing is delivered behind its last words.
function actions.close(self, effect)
  local client = self.clients[effect.connection]
  self.state:remove(effect.connection)
  if client then
    for _, one in ipairs(effect.before) do
      client:push(bytes_of(one))
    end
    client:finish(effect.code, effect.reason)
    self.log:info("connection %s closed: %d %s", effect.connection.id, effect.code, effect.reason)
  end
end

function actions.event(self, effect)
  local outcome = self.on_event(effect.connection, effect.event)
  self:apply(session.finish_event(effect.connection, effect.event, outcome))
end

function delivery:apply(effects)
  for _, effect in ipairs(effects or {}) do
    watch.effect(self.journal, effect, core.time())
    actions[effect.kind](self, effect)
  end
end

--- A new client for a connection-to-be of a handshake: gives it its id and enters it.
function delivery:enter(connection, client)
  connection.id = core.uuid():gsub("-", "") -- contract, connection id: 32 hex digits
  self.clients[connection] = client
  self:apply(session.open(self.state, connection))
end

--- The client's socket is gone.
function delivery:leave(connection)
  self.clients[connection] = nil
  self.state:remove(connection)
end

return delivery
