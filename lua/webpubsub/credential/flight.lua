--- One refresh of a token, shared by all who wait for it. Where the transport can run something beside the callers (a
-- task of the poller, a timer of nginx) the refresh belongs to none of them: one that is cancelled strands nobody.

local errors = require "webpubsub.error"
local host = require "webpubsub.host.openresty"

local flight = {}

local first_pause, longest_pause = 0.002, 0.05

local function log_result(state, context, entry, err)
  if not context.log then
    return
  elseif entry then
    context.log("info", ("%s: token for %d seconds"):format(state.name, entry.expires_on - context.now))
  else
    context.log("warn", ("%s: no token: %s"):format(state.name, tostring(err)))
  end
end

--- Asks the source and keeps what it gave: the entry | nil. A failure leaves the old entry alone.
local function fetch(state, context)
  local entry, err = state.source(context)
  if entry then
    state.entry, state.failure, state.failed_at = entry, nil, nil
  else
    state.failure, state.failed_at = errors.adopt(err, "authentication_failed", "not_sent"), context.now
  end
  log_result(state, context, entry, state.failure)
  return entry
end

local function with_deadline(context, deadline)
  return { transport = context.transport, deadline = deadline, now = context.now, log = context.log }
end

--- Something with status() that runs `work` beside the caller | nil where there is no such thing.
local function detach(transport, work)
  if host.inside then
    return require("webpubsub.credential.openresty").detach(work)
  elseif type(transport.spawn) == "function" then
    return transport:spawn(work)
  end
end

local function is_running(run)
  return run ~= nil and not run.done and run.task:status() == "running"
end

--- The running refresh, begun when there is none | nil where the caller has to do it itself.
local function begin(state, context, deadline)
  if is_running(state.run) then
    return state.run
  end
  local run = {}
  -- What has not yet waited may end before detach returns.
  run.task = detach(context.transport, function()
    run.entry = fetch(state, with_deadline(context, deadline))
    run.done = true
  end)
  state.run = run.task and run
  return state.run
end

local function wait(state, run, context)
  local pause = first_pause
  while is_running(run) do
    local left = context.deadline - context.transport:now()
    if left <= 0 then
      return nil,
        errors.new {
          code = "timeout",
          message = state.name .. ": no token came before the deadline of the call",
          outcome = "not_sent",
        }
    end
    context.transport:sleep(math.min(pause, left))
    pause = math.min(pause * 2, longest_pause)
  end
  return run.entry
end

--- refresh(state, context, needed) → the entry that came of it or nil | nil, err. Waits for the end when the token is
-- needed; otherwise only where nothing can run beside the caller.
function flight.refresh(state, context, needed)
  if host.inside then
    local ok, sentence = host.check_yielding()
    if not ok then
      return nil, errors.new { code = "phase_not_allowed", message = sentence, outcome = "not_sent" }
    end
  end
  local deadline = context.transport:now() + state.timeout
  local run = begin(state, context, deadline)
  if not run then
    return fetch(state, with_deadline(context, math.min(deadline, context.deadline)))
  elseif needed then
    return wait(state, run, context)
  end
end

--- A source that shares its tokens with the other workers of nginx.
function flight.shared(parts)
  return require("webpubsub.credential.openresty").share(parts)
end

--- Takes a refused token from them. Was it there?
function flight.forget(parts, text)
  return require("webpubsub.credential.openresty").forget(parts, text)
end

return flight
