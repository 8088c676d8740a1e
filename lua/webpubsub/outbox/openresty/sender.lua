--- What empties the outbox of a worker: one timer with some light threads; and what became of each message.
-- `state` is an outbox's: queue, in_flight, flush_timeout, dict or nil, counters, flying (items under way), running.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"

local sender = {}

--- A request's memory is freed when it ends, and a timer is one: each goes on for so many messages at most.
local messages_per_timer = 1000

--- How soon a worker's end is noticed, in seconds.
local watch_interval = 0.1

local where = "webpubsub.outbox"

local key_prefix = where .. ":"

--- Adds n messages to the counter enqueued, or to one of those of their ends: sent, failed, dropped.
function sender.add(self, name, n)
  if n == 0 then
    return
  elseif self.dict then
    self.dict:incr(key_prefix .. name, n, 0)
  else
    self.counters[name] = self.counters[name] + n
  end
end

--- Seconds that a message may still take once the worker is to end | nil as long as it is not.
local function flush_left(self)
  if not ngx.worker.exiting() then
    return nil
  end
  self.flush_deadline = self.flush_deadline or core.monotonic() + self.flush_timeout
  return self.flush_deadline - core.monotonic()
end

local function wake_waiting(self)
  local waiting = -self.wakeup:count()
  if waiting > 0 then
    self.wakeup:post(waiting)
  end
end

local function deliver(self, item)
  self.flying[item] = true
  local ran, ok, err = pcall(item.value, flush_left(self))
  if not self.flying[item] then
    return
  end
  self.flying[item] = nil
  self.queue:done(item)
  sender.add(self, ran and ok ~= nil and "sent" or "failed", 1)
  if not ran or ok == nil then
    ngx.log(ngx.WARN, where, ": a message failed: ", tostring(ran and err or ok))
  end
end

--- One of the light threads of a timer: sends while there is something and the timer's share is not used up.
local function work(self, batch)
  while self.queue.count > 0 and batch.left > 0 do
    local left = flush_left(self)
    if left and left <= 0 then
      break
    end
    local item = self.queue:take()
    if item then
      batch.left = batch.left - 1
      deliver(self, item)
      wake_waiting(self) -- its target may have more, or everything is done
    else
      self.wakeup:wait(watch_interval)
    end
  end
  batch.active = batch.active - 1
  if batch.active == 0 then
    batch.ended:post(1)
  end
end

--- The worker's last moment has come: what is under way counts as failed, what waits as dropped.
local function abandon(self, threads)
  for _, thread in ipairs(threads) do
    ngx.thread.kill(thread)
  end
  for item in pairs(self.flying) do
    self.queue:done(item)
    sender.add(self, "failed", 1)
  end
  self.flying = {}
  sender.add(self, "dropped", self.queue:clear())
end

local function run_batch(self)
  local semaphore = require "ngx.semaphore"
  self.wakeup = semaphore.new(0)
  local batch = { left = messages_per_timer, active = self.in_flight, ended = semaphore.new(0) }
  local threads = {}
  for i = 1, self.in_flight do
    threads[i] = ngx.thread.spawn(work, self, batch)
  end
  while batch.active > 0 and not batch.ended:wait(watch_interval) do
    local left = flush_left(self)
    if left and left <= 0 then
      break
    end
  end
  local left = flush_left(self)
  if left and left <= 0 then
    abandon(self, threads)
  end
  self.wakeup = nil
end

--- A premature timer, which a worker runs when it is to end, has the same work to do.
local function run(_, self)
  run_batch(self)
  self.running = false
  if self.queue.count > 0 then
    sender.start(self)
  end
end

--- true | nil, err. Where a worker that ends grants no timer any more, nobody will send what waits.
function sender.start(self)
  if self.running then
    if self.wakeup then
      wake_waiting(self)
    end
    return true
  end
  local ok, why = ngx.timer.at(0, run, self)
  if ok then
    self.running = true
    return true
  end
  if ngx.worker.exiting() or ngx.get_phase() == "exit_worker" then
    sender.add(self, "dropped", self.queue:clear())
    return nil, errors.new { code = "outbox_closed", message = "the worker is at its end", outcome = "not_sent" }
  end
  -- Too many timers: what waits goes out with the next message that finds room for one.
  ngx.log(ngx.ERR, where, ": no timer: ", why)
  return true
end

--- The counters now. Pending is what has not come to its end, so that the sum is exact at every moment; the ends are
-- read first, because other workers count meanwhile. In the phase exit_worker the books are closed: nothing of this
-- worker's can leave any more.
function sender.stats(self)
  if ngx.get_phase() == "exit_worker" then
    abandon(self, {})
  end
  local stats, ended = {}, 0
  for _, name in ipairs { "sent", "failed", "dropped", "enqueued" } do
    stats[name] = self.dict and (self.dict:get(key_prefix .. name) or 0) or self.counters[name]
    ended = ended + (name == "enqueued" and 0 or stats[name])
  end
  stats.pending = stats.enqueued - ended
  return stats
end

return sender
