--- Fan-out with bounded concurrency: f(item, i) for each item, each in a task of its own.

local tasks = require "webpubsub.transport.poller.tasks"

local map = {}

local function record(job, i, ok, value, detail)
  job.results[i] = ok and { value, detail } or { nil, detail }
  if not (ok and value) then
    job.results.failed = job.results.failed + 1
  end
end

local function is_over(job)
  return job.active == 0 and job.next > #job.list
end

local start_more

local function start_one(poller, job)
  local i, child = job.next, nil
  job.next = i + 1
  job.active = job.active + 1
  child = tasks.start(poller, function(ok, value, detail)
    record(job, i, ok, value, detail)
    job.active = job.active - 1
    if child then
      job.children[child] = nil
    end
    start_more(poller, job)
    if job.waiter and is_over(job) then
      tasks.deliver(poller, job.waiter, job.results)
    end
  end, job.f, job.list[i], i)
  if child.state == "running" then
    job.children[child] = true
  end
end

--- A function that never waits ends inside start_one; `starting` turns that recursion into this loop.
function start_more(poller, job)
  if job.starting or job.stopped then
    return
  end
  job.starting = true
  while job.active < job.limit and job.next <= #job.list do
    start_one(poller, job)
  end
  job.starting = false
end

--- Begins { list, limit, f } for a waiter: true, results | false.
function map.begin(poller, waiter, job)
  job.children, job.active, job.next, job.results = {}, 0, 1, { failed = 0 }
  start_more(poller, job)
  if is_over(job) then
    return true, job.results
  end
  job.waiter = waiter
  waiter.job = job
  return false
end

return map
