--- The server: sockets, coroutines, signals. What requests and messages mean is decided elsewhere.

local ce = require "cqueues.errno"
local condition = require "cqueues.condition"
local core = require "webpubsub.core"
local cqueues = require "cqueues"
local mac = require "webpubsub.mac"
local signal = require "cqueues.signal"
local admission = require "webpubsub.emulator.admission"
local delivery = require "webpubsub.emulator.server.delivery"
local events = require "webpubsub.emulator.server.events"
local http = require "webpubsub.emulator.server.http"
local listeners = require "webpubsub.emulator.server.listeners"
local recovery = require "webpubsub.emulator.recovery"
local session = require "webpubsub.emulator.session"
local stream = require "webpubsub.emulator.server.stream"
local websocket = require "webpubsub.emulator.server.websocket"
local world = require "webpubsub.emulator.world"

local server = {}
server.__index = server

local stop_seconds = 3
local full_seconds = 0.05 -- pause of the accept loop when the process has no descriptor left

local function traceback(message)
  return debug.traceback(tostring(message), 2)
end

-- Runs a call; an error becomes a log line, the server lives on.
local function protector(log)
  return function(call, ...)
    local ok, message = xpcall(call, traceback, ...)
    if not ok then
      log:error("internal error: %s", message)
    end
    return ok
  end
end

-- What event handlers hear as WebHook-Request-Origin: the host by which this service is reached.
local function origin_of(options, port)
  local endpoint = options.endpoints[1]
  return endpoint and endpoint:match "^https?://(.*)$" or ("%s:%d"):format(options.host or "localhost", port)
end

local function new_events(self, options)
  return events.new {
    world = self.world,
    log = self.log,
    controller = self.controller,
    protected = self.protected,
    now = self.now,
    timeout = options.event_timeout,
    retry_delays = options.event_retry_delays,
    listener = options.on_event,
    finish = function(connection, event, outcome)
      self.delivery:finish_event(connection, event, outcome)
    end,
  }
end

local function new_delivery(self, options)
  return delivery.new {
    state = self.world.state,
    journal = self.world.journal,
    mac = self.world.mac,
    clients = {},
    log = self.log,
    events = self.events,
    limits = options,
    now = self.now,
    after = function(seconds, call)
      self.controller:wrap(function()
        cqueues.sleep(seconds)
        self.protected(call)
      end)
    end,
  }
end

--- `options`: those of emulator.options with `endpoints` (normalized URLs), `log` and `on_event`. nil and a sentence
-- when the port cannot be had or the key cannot be used.
function server.new(options)
  local key, why = mac.new(options.access_key)
  if not key then
    return nil, why
  end
  local sockets, port = listeners.open(options.host, options.port)
  if not sockets then
    return nil, port
  end
  local changed = condition.new()
  local self = setmetatable({
    log = options.log,
    limits = options,
    now = core.time,
    sockets = sockets,
    port = port,
    world = world.new(options, key, origin_of(options, port), function()
      changed:signal()
    end),
    controller = cqueues.new(),
    protected = protector(options.log),
    traceback = traceback,
    idle = condition.new(),
    journal_changed = changed,
    streams = {},
    stopping = false,
  }, server)
  self.events = new_events(self, options)
  self.delivery = new_delivery(self, options)
  return self
end

local function on_message(self, connection)
  return function(client, message)
    if not connection.over and self.delivery.clients[connection] == client then
      self.delivery:apply(session.receive(self.world.state, connection, message))
      self.events:wait_for_room(connection)
    end
  end
end

-- Contract, closing: who stays silent is dropped for PingTimeout.
local function end_reason(client)
  return client.heard_close and "" or client.silent and "PingTimeout" or "The connection was lost."
end

-- A reliable client's queue must have room for all that may be delivered again.
local function limits_of(self, connection)
  local limits = self.limits
  return {
    queue_bytes = limits.queue_bytes + (connection.protocol.is_reliable and limits.reliable_bytes or 0),
    queue_messages = limits.queue_messages,
    ping_interval = limits.ping_interval,
    silence_timeout = limits.silence_timeout,
  }
end

--- The answer to an acceptable handshake's offer: `{ key, subprotocol, connection, enter }` to accept, or nil and a
-- refusal. Waits for the event handler where there is one.
function server:admit(offer)
  local one = { id = core.uuid():gsub("-", ""), hub = offer.hub, user_id = admission.user_of(offer) } -- 32 hex digits
  local answer, refusal = self.events:connect(one, offer)
  if answer == false then
    return nil, refusal
  end
  local accepted, not_admitted = admission.accept(offer, answer)
  if not accepted then
    return nil, not_admitted
  end
  local connection = accepted.connection
  connection.id, connection.state = one.id, one.state
  connection.cookies, connection.event_id = one.cookies, one.event_id
  accepted.enter = self.delivery.enter
  return accepted
end

--- As admit, for a client that comes back. One that may not is accepted without a connection, to be closed with 1008:
-- a refused handshake would make it try again (contract, recovery).
function server:readmit(offer)
  local name = admission.reliable_offer(offer)
  if not name then
    return nil, { status = 400, message = "Only clients of the reliable protocol can come back.", headers = {} }
  end
  local connection = recovery.find(self.world, offer, self.now())
  return { key = offer.key, subprotocol = name, connection = connection, enter = self.delivery.resume }
end

local function turn_away(self, one)
  local client = websocket.new(one, self.limits, function() end, function() end)
  client:finish(1008, "The session cannot be recovered.")
  client:run(self.controller, self.protected)
end

--- Serves a client whose handshake has been answered, until its connection is over.
function server:serve_websocket(one, accepted)
  local connection = accepted.connection
  if not connection or connection.over then
    turn_away(self, one)
    return
  end
  local client = websocket.new(one, limits_of(self, connection), on_message(self, connection), function(client)
    self.delivery:leave(connection, client, client.heard_close, end_reason(client))
    self.log:info("connection %s ended", connection.id)
  end)
  accepted.enter(self.delivery, connection, client)
  self.log:info("connection %s of user %s in hub %s", connection.id, connection.user_id or "-", connection.hub)
  client:run(self.controller, self.protected)
end

local function serve(self, socket)
  local one = stream.new(socket)
  self.streams[one] = true
  self.protected(http.serve, self, one)
  self.streams[one] = nil
  self.protected(one.close, one)
  self.idle:signal()
end

local function accept_loop(self, listener)
  while not self.stopping do
    local socket, why = listener:accept({ nodelay = true }, 0)
    if socket then
      self.controller:wrap(serve, self, socket)
    elseif why == ce.ETIMEDOUT then
      cqueues.poll(listener)
    else
      self.log:warn("cannot accept a connection: %s", ce.strerror(why))
      cqueues.sleep(full_seconds)
    end
  end
end

local function close_clients(self)
  local effects = {}
  for connection in pairs(self.delivery.clients) do
    effects[#effects + 1] = session.close(connection, 1001, "The service is stopping.")
  end
  self.delivery:apply(effects)
end

--- Closes clients and idle connections and lets `run` return. May be called from any of the server's coroutines.
function server:stop()
  if self.stopping then
    return
  end
  self.stopping = true
  for _, listener in ipairs(self.sockets) do
    cqueues.cancel(listener:pollfd())
    listener:close()
  end
  close_clients(self)
  self.stopped_at = cqueues.monotime()
  self.stop_wake:signal()
end

-- Open exchanges get a moment to end; connections that only idle end when the loop does.
local function wait_for_end(self)
  while not self.stopping do
    cqueues.poll(self.stop_wake)
  end
  local deadline = self.stopped_at + stop_seconds
  while (next(self.delivery.clients) or self.events:busy()) and cqueues.monotime() < deadline do
    cqueues.poll(self.idle, self.events.idle, deadline - cqueues.monotime())
  end
  self.over = true
end

local function watch_signals(self)
  local listener = signal.listen(signal.SIGINT, signal.SIGTERM)
  listener:wait()
  self.log:info "stopping"
  self:stop()
end

-- Whoever started us holds the other end of standard input; its end is ours.
local function watch_lifeline(self)
  repeat
    cqueues.poll { pollfd = 0, events = "r" }
  until not io.stdin:read(1)
  self:stop()
end

--- Serves until SIGINT, SIGTERM or, with `lifeline`, the end of standard input. `ready()` is called once connections
-- are accepted.
function server:run(lifeline, ready)
  self.stop_wake = condition.new()
  signal.block(signal.SIGINT, signal.SIGTERM)
  for _, listener in ipairs(self.sockets) do
    self.controller:wrap(accept_loop, self, listener)
  end
  self.controller:wrap(watch_signals, self)
  if lifeline then
    io.stdin:setvbuf "no"
    self.controller:wrap(watch_lifeline, self)
  end
  self.controller:wrap(wait_for_end, self)
  ready()
  while not self.over do
    local ok, why = self.controller:step()
    if not ok then
      self.log:error("internal error: %s", tostring(why))
    end
  end
end

return server
