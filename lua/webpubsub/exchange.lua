--- One call to the service: attempts under one deadline, read, and repeated as webpubsub.pipeline.retry says.
-- `state` is a client's: options, credential, transport, write (the logger), site, user_agent.

local attempt = require "webpubsub.attempt"
local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local hooks = require "webpubsub.hooks"
local http_date = require "webpubsub.http_date"
local request = require "webpubsub.pipeline.request"
local response = require "webpubsub.pipeline.response"
local retry = require "webpubsub.pipeline.retry"

local exchange = {}

local setting = attempt.setting

--- What an attempt came to: the values of the call and, where it failed, the error by which a retry is judged.
local function judge(state, row, raw, err)
  if not raw then
    return nil, err, err
  elseif row then
    local answer, detail = response.read(row, raw, state.options.clock)
    return answer, detail, answer == nil and detail or nil
  elseif raw.status == 401 or raw.status == 408 or raw.status == 429 or raw.status >= 500 then
    return raw, nil, response.failure(raw, state.options.clock)
  end
  return raw
end

local function policy_of(state, call)
  local policy = {}
  for _, name in ipairs { "retry_total", "retry_backoff_factor", "retry_backoff_max", "retry_mode", "at_least_once" } do
    policy[name] = setting(state, call, name)
  end
  return policy
end

--- In [0, 1). Not math.random, whose numbers are the same in every process that does not seed it.
local function random()
  return tonumber(core.uuid():sub(1, 8), 16) / 2 ^ 32
end

local function say(state, call, level, line)
  if state.options.logger or setting(state, call, "logging_enable") then
    state.write(level, line)
  end
end

local function tell(state, call, name, event)
  local raised = hooks.run(state.hooks, name, event)
  if raised then
    say(state, call, "warn", raised)
  end
end

--- An attempt of a client with hooks or metrics.
local function told_attempt(state, call, made, deadline, row, resends)
  tell(state, call, "on_request", hooks.event(state.hooks, row, call, made, resends))
  local started = core.monotonic()
  local raw, err = attempt.make(state, call, made, deadline)
  local event = hooks.event(state.hooks, row, call, made, resends)
  event.duration = core.monotonic() - started
  if not raw then
    hooks.measure(state.hooks, "attempt", hooks.failed(event, err))
    return nil, err
  end
  event["http.response.status_code"] = raw.status
  event["error.type"] = raw.status >= 400 and tostring(raw.status) or nil
  hooks.measure(state.hooks, "attempt", event)
  tell(state, call, "on_response", event)
  return raw
end

--- name: on_retry or on_error.
local function tell_failure(state, call, name, made, row, err, tries)
  local event = hooks.failed(hooks.event(state.hooks, row, call, made, tries.resends), err)
  event.attempts = tries.attempts
  hooks.measure(state.hooks, name == "on_retry" and "retry" or "failure", event)
  tell(state, call, name, event)
end

--- Learns the service's clock from an answer to a token of ours. Was there something to learn?
local function learn_clock(state, call, raw)
  if not raw or state.credential.kind ~= "key" then
    return false
  end
  local ahead = retry.skew(raw.status, http_date.read(raw.headers.date or ""), attempt.now(state))
  if not ahead then
    return false
  end
  state.clock_offset = (state.clock_offset or 0) + ahead
  say(state, call, "warn", ("the service's clock is %d s ahead of ours; tokens follow it from now on"):format(ahead))
  return true
end

--- A credential hears of the token that a 401 refused. azure-core, too, drops its own on each, and repeats the request
-- only to answer a challenge, of which this service documents none. A wrong clock changes nothing: learn_clock mends
-- what keys sign, while a bearer token's times are its issuer's, and one that we kept for too long is to be dropped.
local function reject_token(state, call, made, raw)
  local credential = state.credential
  if not raw or raw.status ~= 401 or type(credential.reject) ~= "function" then
    return
  end
  if credential:reject(request.secret(made), attempt.now(state)) then
    say(state, call, "warn", "the service refused the bearer token; the next call asks for another one")
  end
end

--- Waits before another attempt. true | nil: there is none | nil, err when the wait was cut short.
local function pause(state, call, made, err, tries, deadline)
  local transport = state.transport
  tries.retries = tries.retries + 1
  tries.policy = tries.policy or policy_of(state, call)
  local left = deadline - transport:now()
  local seconds = retry.wait(tries.policy, err, made.idempotent, tries.retries, left, random)
  if not seconds then
    return nil
  end
  if setting(state, call, "logging_enable") then
    state.write("info", ("retry %d in %.3f s after %s"):format(tries.retries, seconds, err.code))
  end
  local _, cut = transport:sleep(seconds, tries.outcome)
  return not cut or nil, cut
end

--- Counts a failed attempt and says whether there is another one. true | nil, the call's own failure or nil.
local function again(state, call, made, raw, err, tries, deadline)
  tries.attempts = tries.attempts + (err.attempts or 1)
  tries.outcome = errors.worse(tries.outcome, err.outcome)
  made.outcome = tries.outcome
  if not tries.learned and learn_clock(state, call, raw) then
    tries.learned = true
    return true
  end
  reject_token(state, call, made, raw)
  local ok, cut = pause(state, call, made, err, tries, deadline)
  if cut then
    tries.outcome = errors.worse(tries.outcome, cut.outcome)
  end
  return ok, cut
end

local function finish(made, err, tries)
  err.request_id, err.attempts, err.outcome = made.request_id, tries.attempts, tries.outcome
end

--- The attempts of one call under one deadline, which counts from before a credential may have to fetch a token.
-- Nothing is allocated here for a call that succeeds at once.
local function run(state, call, made, row)
  local deadline = state.transport:now() + (call.timeout or state.options.timeout)
  local tries
  made.outcome = nil -- a request that is sent later may come here again
  while true do
    local raw, failure
    if state.hooks then
      raw, failure = told_attempt(state, call, made, deadline, row, tries and tries.resends or 0)
    else
      raw, failure = attempt.make(state, call, made, deadline)
    end
    local answer, detail, err = judge(state, row, raw, failure)
    if not err then
      return answer, detail
    end
    tries = tries or { attempts = 0, retries = 0, resends = 0 }
    local more, cut = again(state, call, made, raw, err, tries, deadline)
    if not more then
      finish(made, cut or err, tries)
      if state.hooks then
        tell_failure(state, call, "on_error", made, row, cut or err, tries)
      end
      if cut then
        return nil, cut
      end
      return answer, detail
    end
    tries.resends = tries.resends + 1
    if state.hooks then
      tell_failure(state, call, "on_retry", made, row, err, tries)
    end
  end
end

--- Sends a built request. Completed response (of any status) | nil, err.
function exchange.send(state, call, made)
  return run(state, call, made, nil)
end

--- Sends a built request and reads the answer as its operation's row says.
function exchange.perform(state, row, call, made)
  return run(state, call, made, row)
end

return exchange
