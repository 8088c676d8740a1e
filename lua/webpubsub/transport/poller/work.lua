--- What a poll does, one piece of work after the other.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local tasks = require "webpubsub.transport.poller.tasks"

local work = {}

--- The shorter of two times, either of which may be nil: without limit.
function work.shorter(a, b)
  return (a and b) and math.min(a, b) or a or b
end

--- Each of these does one piece of work and says whether there was one.
local function deliver_one(self)
  if not self.multi then
    return false
  end
  local place, status, headers, body, outcome, starts = self.multi:finished()
  local waiter = place and self.waiting[place]
  if not waiter then
    return place ~= nil
  end
  self.waiting[place] = nil
  if status then
    tasks.deliver(self, waiter, { status = status, header_block = headers, body = body })
  else
    tasks.deliver(
      self,
      waiter,
      nil,
      errors.new { message = headers, code = body, outcome = outcome, attempts = math.max(1, starts) }
    )
  end
  return true
end

local function wake_one(self)
  local waiter = self.sleepers:take(core.monotonic())
  if waiter then
    tasks.deliver(self, waiter)
  end
  return waiter ~= nil
end

local function resume_one(self)
  local task = self.later[self.first_later]
  self.later[self.first_later] = nil
  self.first_later = self.first_later + 1
  tasks.deliver(self, task)
end

--- Tasks that yield again while this poll runs come after `last` and wait for the next one.
local function run_ready(self, ending, last)
  repeat
    local busy = deliver_one(self)
    if self.sleepers.count > 0 then
      busy = wake_one(self) or busy
    end
    if self.first_later <= last then
      resume_one(self)
      busy = true
    end
  until not busy or (ending and core.monotonic() >= ending)
end

--- Takes the wake-up back when nobody is left to hear it; a caller that was abandoned goes with the collector.
function work.calm(self)
  if self.multi and not next(self.undelivered) then
    self.multi:wake(false)
  end
end

--- Ready tasks, then libcurl, then what that made ready. Waits at most timeout seconds and works at most budget; either
-- may be nil: without limit.
function work.advance(self, timeout, budget)
  local last = self.last_later
  local ending = budget and core.monotonic() + budget
  self.polling = true
  run_ready(self, ending, last)
  if self.multi then
    work.calm(self)
    self.multi:poll(work.shorter(timeout, self:timeout()), ending and math.max(0, ending - core.monotonic()))
    run_ready(self, ending, last)
  end
  self.polling = false
end

return work
