--- One call on the poller: what is begun, and how the caller waits for it.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local host = require "webpubsub.transport.poller.host"
local tasks = require "webpubsub.transport.poller.tasks"
local work = require "webpubsub.transport.poller.work"

local call = {}

local running, yield = coroutine.running, coroutine.yield
local mark = tasks.mark

-- A caller that waits for the descriptor looks up at least this often: another one may have served what it waits for.
local longest_wait = 0.25
-- Between two waits the host's loop gets its turn.
local turn = 0.0005

function call.check_open(self, where)
  if not self.multi then
    errors.misuse("%s: the poller is closed", where)
  end
end

--- Begins a request for a waiter: false, or true and its failure.
function call.begin_request(self, waiter, request, deadline)
  if not self.multi then
    return true, nil, tasks.cancelled()
  end
  local id, place, word, outcome =
    self.multi:add(request.method, request.url, request.headers, request.body, deadline, request.idempotent)
  if not id then
    return true, nil, errors.new { message = place, code = word, outcome = outcome }
  end
  self.waiting[place] = waiter
  waiter.id, waiter.place, waiter.outcome = id, place, request.outcome
  return false
end

function call.begin_sleep(self, waiter, seconds, outcome)
  waiter.outcome = outcome
  self.sleepers:add(core.monotonic() + seconds, waiter)
  return false
end

local function check_may_wait(self, thread, where)
  call.check_open(self, where)
  if self.polling then
    errors.misuse("%s: inside poll a call can wait in a spawned function alone", where)
  elseif thread and not self.wait then
    errors.misuse("%s: in a coroutine that poller:spawn did not start, the poller needs its option wait", where)
  end
end

local function wait_here(self, thread, waiter)
  local wait = thread and self.wait
  while not waiter.done do
    work.advance(self, wait and 0, wait and turn)
    if wait and not waiter.done then
      wait(self.multi:fd(), work.shorter(longest_wait, self:timeout()))
    end
  end
  self.undelivered[waiter] = nil
  work.calm(self)
  return waiter.value, waiter.detail
end

--- Yields the running task, or polls, until `begin` has what it wants.
function call.perform(self, where, begin, a, b)
  local thread = running() -- the main chunk is no task
  if thread and self.tasks[thread] then
    if not host.yields_everywhere then
      host.check_yieldable()
    end
    return yield(mark, begin, a, b)
  end
  thread = host.running()
  check_may_wait(self, thread, where)
  local waiter = {}
  local ready, value, detail = begin(self, waiter, a, b)
  if ready then
    return value, detail
  end
  self.callers[waiter] = true
  return wait_here(self, thread, waiter)
end

return call
