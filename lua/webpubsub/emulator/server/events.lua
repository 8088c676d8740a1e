--- Events of clients on their way to event handlers: one queue for each connection, one event of it at a time, so that
-- the handler hears them in the order in which they happened.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local answer = require "webpubsub.emulator.webhook.answer"
local connect = require "webpubsub.emulator.webhook.connect"
local request = require "webpubsub.emulator.webhook.request"
local retry = require "webpubsub.emulator.webhook.retry"
local settings = require "webpubsub.emulator.webhook.settings"
local upstream = require "webpubsub.emulator.server.upstream"
local validation = require "webpubsub.emulator.webhook.validation"

local events = {}
events.__index = events

local validation_seconds = 10 -- contract, validation
local validation_limit = 1000 -- a client may invent hubs, and the URL may hold the hub
local waiting_limit, waiting_bytes = 64, 2 * 1024 * 1024 -- events of one client that wait; then its reader waits too

--- `world` (mac, origin, hubs), `log`, `controller`, `protected`, `now`, `timeout` and `retry_delays` (seconds),
-- `listener(connection, event)` (true: handled) and `finish(connection, event, outcome)`.
function events.new(fields)
  fields.queues, fields.count = {}, 0
  fields.validations, fields.validation_count = {}, 0
  fields.idle = condition.new()
  fields.upstream = upstream.new(fields.log)
  return setmetatable(fields, events)
end

local function ask(self, url, seconds)
  local response = self.upstream:send(request.preflight("OPTIONS", url, self.world.origin), seconds)
  if response and response.status == 404 then -- contract, validation: fallback
    response = self.upstream:send(request.preflight("GET", url, self.world.origin), seconds)
  end
  return response ~= nil and validation.allows(response, self.world.origin)
end

-- What is known of a URL. When there are too many, all are asked again.
local function entry_of(self, url)
  local entry = self.validations[url]
  if not entry then
    if self.validation_count >= validation_limit then
      self.validations, self.validation_count = {}, 0
    end
    entry = { state = validation.new(), asked = condition.new() }
    self.validations[url] = entry
    self.validation_count = self.validation_count + 1
  end
  return entry
end

-- Whoever comes while a URL is asked waits for the same answer.
local function is_allowed(self, template, hub)
  local url = request.url(template, hub, "validate")
  local entry = entry_of(self, url)
  while entry.asking do
    cqueues.poll(entry.asked)
  end
  if entry.state:is_due(cqueues.monotime()) then
    entry.asking = true
    local allowed = false
    self.protected(function()
      allowed = ask(self, url, validation_seconds)
    end)
    entry.state:note(allowed, cqueues.monotime())
    entry.asking = false
    entry.asked:signal()
    self.log:info("event handler %s: %s", url, entry.state.allowed and "allowed" or "refused or unreachable")
  end
  return entry.state.allowed
end

-- Attempts until one counts: a response, or nil and a reason.
local function attempts(self, one, deadline)
  local attempt = 1
  while true do
    local response, why = self.upstream:send(one, math.max(0, deadline - cqueues.monotime()))
    local delay = retry.delay(self.retry_delays, attempt, response and response.status, why)
    if not delay or cqueues.monotime() + delay >= deadline then
      return response, why
    end
    self.log:info("event handler: %s, next attempt in %g s", response and response.status or why, delay)
    cqueues.sleep(delay)
    attempt = attempt + 1
  end
end

local function masked(url)
  return (url:gsub("%?.*$", "?…"))
end

-- A response of the handler, or nil and a sentence's middle part.
local function call(self, connection, event, handler)
  if not is_allowed(self, handler.url, connection.hub) then
    return nil, "the event handler does not allow this service"
  end
  local one = request.of(self.world, connection, event, handler.url)
  local response, why = attempts(self, one, cqueues.monotime() + self.timeout)
  local result = response and response.status or why
  self.log:info("event %s of connection %s to %s: %s", event.name or event.kind, connection.id, masked(one.url), result)
  if not response then
    return nil, why == "timeout" and "the event handler did not answer in time" or "the event handler cannot be reached"
  end
  return response
end

local function next_id(connection)
  connection.event_id = (connection.event_id or -1) + 1
  return connection.event_id
end

--- The connect event of a connection to be: nil without a handler, what webhook.connect read of its answer, or false
-- and `{ status, message, headers, why }` to refuse.
function events:connect(connection, offer)
  local handler = settings.handler(self.world.hubs, connection.hub, "connect")
  if not handler then
    return nil
  end
  local event = { kind = "connect", id = next_id(connection), time = self.now(), body = connect.body(offer) }
  local response, why = call(self, connection, event, handler)
  local found, status, problem
  if response then
    found, status, problem = connect.read(response)
  end
  if found and not answer.keep_state(connection, response) then
    found, status, problem = nil, 500, "the handler's connection state is too long"
  end
  if not found then
    return false, { status = status or 500, message = "", headers = {}, why = problem or why }
  end
  answer.keep_cookies(connection, response)
  return found
end

local function outcome_of(self, connection, event, handler)
  local listened = event.kind == "user" and self.listener(connection, event)
  if not handler then
    return { handled = listened, why = "the hub has no event handler" }
  end
  event.id, event.time = next_id(connection), self.now()
  local response, why = call(self, connection, event, handler)
  if not response then
    return { handled = false, why = why }
  elseif event.kind ~= "user" then
    return { handled = answer.is_success(response) }
  end
  return answer.of_user_event(connection, response)
end

local function size_of(event)
  return event.message and #event.message.data or 0
end

local function work(self, connection, queue)
  while queue[queue.first] do
    local entry = queue[queue.first]
    queue[queue.first], queue.first = nil, queue.first + 1
    local outcome = { handled = false, why = "internal error" } -- when what follows raises, the client hears so
    self.protected(function()
      outcome = outcome_of(self, connection, entry.event, entry.handler)
    end)
    self.protected(self.finish, connection, entry.event, outcome)
    queue.bytes = queue.bytes - size_of(entry.event)
    self.count = self.count - 1
    queue.room:signal()
    self.idle:signal()
  end
  self.queues[connection] = nil
end

--- An event of a client: `kind` ("connected", "disconnected" or "user") and what webhook.request needs. Answers at
-- once; the outcome of a user event goes to `finish`.
function events:push(connection, event)
  local handler = settings.handler(self.world.hubs, connection.hub, event.kind, event.name)
  local queue = self.queues[connection]
  if not handler and event.kind ~= "user" then
    return
  elseif not handler and not queue then
    self.finish(connection, event, outcome_of(self, connection, event, nil))
    return
  end
  if not queue then
    queue = { first = 1, last = 0, bytes = 0, room = condition.new() }
    self.queues[connection] = queue
    self.controller:wrap(work, self, connection, queue)
  end
  queue.last = queue.last + 1
  queue[queue.last] = { event = event, handler = handler }
  queue.bytes = queue.bytes + size_of(event)
  self.count = self.count + 1
end

--- Waits, in the coroutine that reads from the client, until its queue has room again: so the client is slowed down
-- and not the memory filled.
function events:wait_for_room(connection)
  local queue = self.queues[connection]
  while queue and not connection.over and (queue.last - queue.first >= waiting_limit or queue.bytes > waiting_bytes) do
    cqueues.poll(queue.room, 1)
    queue = self.queues[connection]
  end
end

--- Are events still on their way?
function events:busy()
  return self.count > 0
end

return events
