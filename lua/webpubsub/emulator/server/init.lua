--- The server: sockets, coroutines, signals. What requests and messages mean is decided elsewhere.

local ce = require "cqueues.errno"
local condition = require "cqueues.condition"
local core = require "webpubsub.core"
local cqueues = require "cqueues"
local mac = require "webpubsub.mac"
local signal = require "cqueues.signal"
local delivery = require "webpubsub.emulator.server.delivery"
local faults = require "webpubsub.emulator.faults"
local guard = require "webpubsub.emulator.guard"
local http = require "webpubsub.emulator.server.http"
local journal = require "webpubsub.emulator.journal"
local listeners = require "webpubsub.emulator.server.listeners"
local session = require "webpubsub.emulator.session"
local stream = require "webpubsub.emulator.server.stream"
local watch = require "webpubsub.emulator.watch"
local websocket = require "webpubsub.emulator.server.websocket"

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

local function new_delivery(options, world)
  return delivery.new {
    state = world.state,
    journal = world.journal,
    clients = {},
    log = options.log,
    on_event = options.on_event,
  }
end

local function new_faults(texts)
  local ordered = faults.new()
  for _, text in ipairs(texts or {}) do
    assert(ordered:add(text)) -- checked among the options
  end
  return ordered
end

-- What the page, test suites and ordered faults need beside the state; see emulator.control.
local function furnish(world, options, changed)
  world.journal = journal.new(options.history_entries, options.history_bytes, function()
    changed:signal()
  end)
  world.state = watch.state(world.journal, core.time)
  world.faults = new_faults(options.faults)
  world.guard = guard.new(core.uuid(), options.host, options.endpoints)
  return world
end

--- `options`: host (nil: loopback), port, access_key, endpoints (normalized URLs), log, on_event. nil and a sentence
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
  local world = furnish({ mac = key, endpoints = options.endpoints }, options, changed)
  return setmetatable({
    log = options.log,
    now = core.time,
    sockets = sockets,
    port = port,
    world = world,
    delivery = new_delivery(options, world),
    controller = cqueues.new(),
    protected = protector(options.log),
    traceback = traceback,
    idle = condition.new(),
    journal_changed = changed,
    streams = {},
    stopping = false,
  }, server)
end

local function on_message(self, connection)
  return function(_, message)
    if self.world.state:connection(connection.hub, connection.id) then
      self.delivery:apply(session.receive(self.world.state, connection, message))
    end
  end
end

--- Serves a client whose handshake has been answered, until its connection is over.
function server:serve_websocket(one, connection)
  local client = websocket.new(one, on_message(self, connection), function()
    self.delivery:leave(connection)
    self.log:info("connection %s ended", connection.id)
  end)
  self.delivery:enter(connection, client)
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
  while next(self.delivery.clients) and cqueues.monotime() < deadline do
    cqueues.poll(self.idle, deadline - cqueues.monotime())
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
