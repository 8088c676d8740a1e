--- What goes into the journal: effects, and changes of who is connected.

local state = require "webpubsub.emulator.state"

local watch = {}

local shown_recipients = 100 -- of a message; the count is always whole

local watched = setmetatable({}, { __index = state })
watched.__index = watched

local function note(self, kind, connection, group)
  self.journal:add {
    kind = kind,
    time = self.now(),
    hub = connection.hub,
    connection_id = connection.id,
    user_id = connection.user_id,
    group = group,
    size = #(connection.user_id or "") + #(group or ""),
  }
end

function watched:add(connection)
  state.add(self, connection)
  note(self, "connected", connection)
end

function watched:remove(connection)
  local known = self:connection(connection.hub, connection.id)
  state.remove(self, connection)
  if known then
    note(self, "disconnected", connection)
  end
end

function watched:join(connection, group)
  if not connection.groups[group] then
    state.join(self, connection, group)
    note(self, "joined", connection, group)
  end
end

function watched:leave(connection, group)
  if connection.groups[group] then
    state.leave(self, connection, group)
    note(self, "left", connection, group)
  end
end

--- A new state that tells the journal of connections and groups. `now()` answers epoch seconds.
function watch.state(journal, now)
  local self = setmetatable(state.new(), watched)
  self.journal, self.now = journal, now
  return self
end

local function recipients_of(effect)
  local list = {}
  for index = 1, math.min(#effect.recipients, shown_recipients) do
    local one = effect.recipients[index]
    list[index] = { connection_id = one.id, user_id = one.user_id }
  end
  return list
end

local watchers = {}

function watchers.deliver(effect)
  local message = effect.message
  return {
    kind = "message",
    hub = message.hub,
    from = message.from,
    to = message.to,
    name = message.to_name,
    group = message.group,
    from_user_id = message.from_user_id,
    data_type = message.data_type,
    data = message.data,
    metadata = message.metadata,
    count = #effect.recipients,
    recipients = recipients_of(effect),
    size = #message.data + 64 * math.min(#effect.recipients, shown_recipients),
  }
end

function watchers.event(effect)
  local event, connection = effect.event, effect.connection
  return event.message
    and {
      kind = "event",
      hub = connection.hub,
      connection_id = connection.id,
      user_id = connection.user_id,
      name = event.name,
      data_type = event.message.data_type,
      data = event.message.data,
      size = #event.message.data,
    }
end

--- Notes what an effect tells.
function watch.effect(journal, effect, now)
  local watcher = watchers[effect.kind]
  local entry = watcher and watcher(effect)
  if entry then
    entry.time = now
    journal:add(entry)
  end
end

--- Notes a REST call; `fault`: the text of the fault that met it, or nil.
function watch.request(journal, method, target, status, now, fault)
  journal:add {
    kind = "request",
    method = method,
    target = target,
    status = status,
    time = now,
    fault = fault,
    size = #target,
  }
end

return watch
