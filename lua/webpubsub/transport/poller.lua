--- Many requests at once that never wait for the network, on libcurl multi. See webpubsub.transport for the contract.
--
-- In a function started by poller:spawn every call reads like a blocking one and yields to poller:poll, which the host
-- calls. Elsewhere a call polls until it is done: on the main chunk by itself, in a coroutine of the host's by the
-- option wait(fd, seconds).

local call = require "webpubsub.transport.poller.call"
local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local host = require "webpubsub.transport.poller.host"
local map = require "webpubsub.transport.poller.map"
local options = require "webpubsub.options"
local sleepers = require "webpubsub.transport.poller.sleepers"
local tasks = require "webpubsub.transport.poller.tasks"
local work = require "webpubsub.transport.poller.work"

local poller = { yields_in_iterators = host.yields_everywhere }
poller.__index = poller

local frame_budget = 0.0005

local schema = {
  max_connections = { type = "number", integer = true, minimum = 1, maximum = 65536, default = 64 },
  max_in_flight = { type = "number", integer = true, minimum = 1, maximum = 1048576 },
  connect_timeout = { type = "number", minimum = 0.001, maximum = 86400, default = 10 },
  max_response_body = { type = "number", integer = true, minimum = 1024, maximum = 1073741824, default = 4194304 },
  proxy = { type = { "string", "boolean" } },
  ca_file = { type = "string" },
  verify = { type = "boolean", default = true },
  http_version = { type = "string", values = { "1.1", "2" }, default = "1.1" },
  on_error = { type = "function" },
  wait = { type = "function" },
}
poller.schema = schema

function poller:__tostring()
  return "webpubsub.poller"
end

-- For the parts in poller/.

--- Cancels the request of a waiter. "not_sent" | "maybe_sent" | nil. For tasks.
function poller:drop(waiter)
  self.waiting[waiter.place] = nil
  return self.multi and self.multi:cancel(waiter.id)
end

--- For tasks: a coroutine that yielded by itself.
function poller:go_on_later(task)
  self.last_later = self.last_later + 1
  self.later[self.last_later] = task
end

--- For tasks: a caller that polls for itself has its answer; everybody who waits for the descriptor looks up.
function poller:announce(waiter)
  self.undelivered[waiter] = true
  if self.multi then
    self.multi:wake(true)
  end
end

function poller:send(request, deadline)
  return call.perform(self, "send", call.begin_request, request, deadline)
end

--- true | nil, err when close() cut it short.
function poller:sleep(seconds, outcome)
  local _, err = call.perform(self, "sleep", call.begin_sleep, seconds, outcome)
  return not err or nil, err
end

function poller:now()
  return core.monotonic()
end

--- spawn(f, …) → task. Runs f(…) until it first waits; poll does the rest. An error it raises goes to on_error.
-- task:cancel() ends it where it waits and says what is known of its request; task:status().
function poller:spawn(f, ...)
  call.check_open(self, "spawn")
  if type(f) ~= "function" then
    errors.misuse("spawn: argument 1 must be a function, got %s", type(f))
  end
  return tasks.start(self, nil, f, ...)
end

--- map(list, limit, f) → results: f(item, i) for each item, at most limit at a time, in order. results[i] = { the two
-- first values of f }, or { nil, what it raised }; results.failed counts those without a first value.
function poller:map(list, limit, f)
  if type(list) ~= "table" or type(limit) ~= "number" or type(f) ~= "function" then
    errors.misuse "map: a list, a number and a function are needed"
  elseif limit < 1 then
    errors.misuse "map: the limit must be at least 1"
  end
  return call.perform(self, "map", map.begin, { list = list, limit = limit, f = f })
end

local function check_host(self, where)
  local thread = host.running()
  if self.polling or (thread and self.tasks[thread]) then
    errors.misuse("%s: a spawned function cannot poll; its calls wait by themselves", where)
  end
end

--- poll(timeout, budget) → how many tasks are alive. Moves everything forward: waits at most timeout seconds (0: not at
-- all, the default) and works at most budget seconds (without limit, but 0.0005 when the timeout is 0).
function poller:poll(timeout, budget)
  check_host(self, "poll")
  timeout = timeout or 0
  if timeout == 0 then
    budget = budget or frame_budget
  end
  if self.multi then
    work.advance(self, timeout, budget)
  end
  return self.alive
end

--- Polls until no task is alive.
function poller:run()
  check_host(self, "run")
  while self.multi and self.alive > 0 do
    work.advance(self, nil, nil)
  end
end

--- A descriptor that is readable when poll has something to do; nil when closed.
function poller:fd()
  return self.multi and self.multi:fd()
end

--- Seconds that the host may wait for the descriptor before it polls: 0 when work is left, nil without limit.
function poller:timeout()
  if not self.multi then
    return nil
  elseif self.first_later <= self.last_later or next(self.undelivered) then
    return 0
  end
  local moment = self.sleepers:next()
  return work.shorter(self.multi:timeout(), moment and math.max(0, moment - core.monotonic()))
end

--- Requests: { waiting, in_flight }, and tasks alive.
function poller:counts()
  local waiting, in_flight = 0, 0
  if self.multi then
    waiting, in_flight = self.multi:counts()
  end
  return { waiting = waiting, in_flight = in_flight, tasks = self.alive }
end

--- Cancels every task and request, and closes the connections. A caller that polls for itself gets nil, err.
function poller:close()
  local multi, callers = self.multi, self.callers
  if not multi then
    return
  end
  for _, task in pairs(tasks.list(self)) do
    task:cancel()
  end
  self.multi, self.callers = nil, {}
  for waiter in pairs(callers) do
    if not waiter.done then
      tasks.deliver(self, waiter, nil, tasks.cancelled(waiter.id and multi:cancel(waiter.id)))
    end
  end
  multi:close()
end

local function print_error(_, traceback)
  io.stderr:write("webpubsub: a spawned function failed: ", traceback, "\n")
end

--- new { max_connections = 64, max_in_flight, connect_timeout, max_response_body, proxy, ca_file, verify, http_version,
-- on_error(err, traceback), wait(fd, seconds) } → poller | nil, err.
function poller.new(given)
  local read, err = options.read(schema, given or {}, "webpubsub.poller")
  if not read then
    return nil, err
  elseif read.proxy == true then
    errors.misuse "webpubsub.poller: proxy is the URL of a proxy, or false for none"
  end
  read.http2 = read.http_version == "2"
  local multi, sentence = require("webpubsub.curl").multi(read)
  if not multi then
    return errors.invalid(sentence)
  end
  return setmetatable({
    multi = multi,
    on_error = read.on_error or print_error,
    wait = read.wait,
    sleepers = sleepers.new(),
    alive = 0,
    tasks = {}, -- by their coroutines
    waiting = {}, -- for an answer, by the places of their requests
    callers = setmetatable({}, { __mode = "k" }), -- that poll for themselves
    undelivered = setmetatable({}, { __mode = "k" }),
    later = {},
    first_later = 1,
    last_later = 0,
  }, poller)
end

return poller
