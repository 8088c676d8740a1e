--- The outbox of a worker: a bounded queue and one timer that empties it.
-- Each message is enqueued once and then sent, failed (tried, with an error), dropped (never tried) or pending.

local clients = require "webpubsub.client"
local errors = require "webpubsub.error"
local options = require "webpubsub.options"
local queue = require "webpubsub.outbox.queue"
local sender = require "webpubsub.outbox.openresty.sender"

local outbox = {}
local methods = {}
local metatable = {
  __index = methods,
  __tostring = function()
    return "webpubsub.outbox"
  end,
}

local where = "webpubsub.outbox"

local states = setmetatable({}, { __mode = "k" })

local function check_phase()
  if ngx.get_phase() == "init" then
    local sentence = where .. ": in the phase init there is no worker yet; enqueue from init_worker on"
    return nil, errors.new { code = "phase_not_allowed", message = sentence, outcome = "not_sent" }
  end
  return true
end

local function full(self)
  local sentence = ("%s: %d messages with %d bytes wait already"):format(where, self.queue.count, self.queue.bytes)
  return nil, errors.new { code = "outbox_full", message = sentence, outcome = "not_sent" }
end

local function enqueue(self, target, perform, bytes)
  sender.add(self, "enqueued", 1)
  local accepted, dropped = self.queue:push(target, bytes, perform)
  sender.add(self, "dropped", dropped + (accepted and 0 or 1))
  if not accepted then
    return full(self)
  end
  return sender.start(self)
end

--- Methods of the client and how many of their arguments name the target.
local sends = { send_to_all = 0, send_to_group = 1, send_to_user = 1, send_to_connection = 1 }

for name, targets in pairs(sends) do
  methods[name] = function(self, first, ...)
    local state = states[self] or errors.misuse "call the method with a colon on an outbox"
    local perform, bytes = clients.defer(state.client, name, first, ...)
    if not perform then
      return nil, bytes
    end
    local ok, err = check_phase()
    if not ok then
      return nil, err
    end
    return enqueue(state, targets == 0 and name or (name .. " " .. first), perform, bytes)
  end
end

--- stats() → { enqueued, sent, failed, dropped, pending }: of all workers with the option dict, of this one without.
-- sent + failed + dropped + pending = enqueued.
function methods:stats()
  return sender.stats(states[self] or errors.misuse "call the method with a colon on an outbox")
end

local schema = {
  client = { type = "table" },
  max_count = { type = "number", integer = true, minimum = 1, maximum = 1000000000, default = 10000 },
  max_bytes = { type = "number", integer = true, minimum = 1, maximum = 1099511627776, default = 16777216 },
  on_full = { type = "string", values = { "drop_newest", "drop_oldest" }, default = "drop_newest" },
  in_flight = { type = "number", integer = true, minimum = 1, maximum = 1000, default = 8 },
  flush_timeout = { type = "number", minimum = 0, maximum = 86400, default = 5 },
  dict = { type = "string" },
}

local function make_client(given)
  if not given then
    errors.misuse("%s: the option client is missing", where)
  elseif type(given.send_to_all) == "function" then
    return given
  end
  return clients.new(given)
end

local function make_state(read, client)
  local dict
  if read.dict then
    dict = ngx.shared[read.dict]
    if not dict then
      return errors.invalid(("%s: nginx has no `lua_shared_dict %s …;`"):format(where, read.dict))
    end
  end
  return {
    client = client,
    queue = queue.new(read),
    in_flight = read.in_flight,
    flush_timeout = read.flush_timeout,
    dict = dict,
    counters = { enqueued = 0, sent = 0, failed = 0, dropped = 0 },
    flying = {},
    running = false,
  }
end

--- new { client = a client or its options, max_count = 10000, max_bytes = 16777216, on_full = "drop_newest" or
-- "drop_oldest", in_flight = 8, flush_timeout = 5, dict = name of a lua_shared_dict } → outbox | nil, err.
-- Make it once for each worker (or in init_by_lua), in a module: two outboxes are two queues.
function outbox.new(given)
  local read, err = options.read(schema, given, where)
  if not read then
    return nil, err
  end
  local client, state
  client, err = make_client(read.client)
  if client then
    state, err = make_state(read, client)
  end
  if not state then
    return nil, err
  end
  local self = setmetatable({}, metatable)
  states[self] = state
  return self
end

return outbox
