--- Tasks: coroutines that the poller resumes. A waiter is a task, or a table of a caller that polls for itself.
--
-- A task that has to wait yields `tasks.mark, begin, a, b`. The poller then calls begin(poller, waiter, a, b), outside
-- of the coroutine: where a yield fails, as on Lua 5.1 inside pcall, nothing has begun. begin answers true and two
-- values when there is nothing to wait for. A task that yields anything else goes on at the next poll.

local errors = require "webpubsub.error"
local host = require "webpubsub.transport.poller.host"

local mark = {}
local tasks = { mark = mark }

local resume = coroutine.resume

local task = {}
task.__index = task

function task:__tostring()
  return ("webpubsub.task(%s)"):format(self.state)
end

local function cancelled(outcome)
  return errors.new { code = "cancelled", message = "the request was cancelled", outcome = outcome or "not_sent" }
end

--- on_error is the host's; what it raises in turn must not reach the frame either.
local function report(poller, err, traceback)
  local ok, again = pcall(poller.on_error, err, traceback)
  if not ok then
    io.stderr:write("webpubsub: on_error failed: ", tostring(again), "\n")
  end
end

local function leave(self, state, ok, value, detail)
  local poller = self.poller
  self.state = state
  poller.tasks[self.thread] = nil
  poller.alive = poller.alive - 1
  if self.ender then
    self.ender(ok, value, detail)
  end
end

local function fail(self, err)
  local traceback = not self.ender and debug.traceback(self.thread, tostring(err))
  leave(self, "failed", false, nil, err)
  if traceback then
    report(self.poller, err, traceback)
  end
end

local function close_thread(self)
  local ok, err = host.close(self.thread)
  if not ok then
    report(self.poller, err, tostring(err))
  end
end

--- Takes what coroutine.resume answered of a task that does not wait for the poller.
local function stop_or_go_on_later(self, ok, first, second)
  if self.state == "cancelled" then
    self.poller.tasks[self.thread] = nil
    close_thread(self)
  elseif not ok then
    fail(self, first)
  elseif coroutine.status(self.thread) == "dead" then
    leave(self, "done", true, first, second)
  else
    self.poller:go_on_later(self)
  end
end

--- Takes what coroutine.resume answered, and goes on for as long as there is nothing to wait for.
local function settle(self, ok, first, begin, a, b)
  while true do
    if self.state == "cancelled" or first ~= mark then
      return stop_or_go_on_later(self, ok, first, begin)
    end
    local ready, value, detail = begin(self.poller, self, a, b)
    if not ready then
      return
    end
    ok, first, begin, a, b = resume(self.thread, value, detail)
  end
end

--- Starts f(…) as a task. ender(ok, value, detail), if given, takes its end, and its error too.
function tasks.start(poller, ender, f, ...)
  local self = setmetatable({ poller = poller, state = "running", ender = ender }, task)
  self.thread = host.create(f)
  poller.tasks[self.thread] = self
  poller.alive = poller.alive + 1
  settle(self, resume(self.thread, ...))
  return self
end

--- Gives a waiter what it waited for.
function tasks.deliver(poller, waiter, value, detail)
  waiter.id, waiter.job, waiter.outcome = nil, nil, nil
  if not waiter.thread then
    waiter.done, waiter.value, waiter.detail = true, value, detail
    return poller:announce(waiter)
  elseif waiter.state == "running" then
    settle(waiter, resume(waiter.thread, value, detail))
  end
end

local function stop_job(job)
  job.stopped = true
  for child in pairs(job.children) do
    child:cancel()
  end
end

--- Ends the task where it waits, and its request with it. What is known of that call's attempts ("not_sent", "rejected"
-- or "maybe_sent"; "not_sent" too when there is no request) | nil when the task had ended already.
function task:cancel()
  if self.state ~= "running" then
    return nil
  end
  local poller, outcome = self.poller, "not_sent"
  if self.id then
    outcome = poller:drop(self) or outcome
  end
  outcome = errors.worse(self.outcome, outcome)
  local runs = coroutine.status(self.thread) ~= "suspended"
  self.state = "cancelled"
  if self.job then
    stop_job(self.job)
  end
  leave(self, "cancelled", false, nil, cancelled(outcome))
  if runs then
    -- It goes until it next has to wait; until then it is still one of ours.
    poller.tasks[self.thread] = self
  else
    close_thread(self)
  end
  return outcome
end

--- "running", "done", "failed" or "cancelled".
function task:status()
  return self.state
end

--- All tasks there are now, in a list of their own.
function tasks.list(poller)
  local list = {}
  for _, each in pairs(poller.tasks) do
    list[#list + 1] = each
  end
  return list
end

tasks.cancelled = cancelled

return tasks
