--- Whether a failed attempt is repeated, and after how many seconds. Values only: what is left of the deadline and the
-- random numbers come in as arguments.

local retry = {}

--- Failures that a repetition cannot mend, whatever their outcome: what we or the caller refused, a cancelled call, a
-- certificate that is not trusted (the next one would be the same, and somebody should look at it), a phase of nginx
-- without sockets, a credential that gives no token (it retries by itself), an answer over the caller's limit.
local final = {
  authentication_failed = true,
  cancelled = true,
  invalid_argument = true,
  out_of_memory = true,
  phase_not_allowed = true,
  response_too_large = true,
  signing_failed = true,
  tls_failed = true,
}

--- May a request that failed with err be sent again? Without a second delivery: what surely was not processed, and,
-- where a second processing is harmless or wanted, what may have been.
function retry.is_safe(err, idempotent, at_least_once)
  if final[err.code] or err.permanent then
    return false
  elseif err.outcome == "maybe_sent" then
    return idempotent or at_least_once or false
  end
  return err.outcome == "not_sent" or err.status == 429
end

--- Seconds before the retry with this number (1 is the first): policy = { retry_backoff_factor, retry_backoff_max,
-- retry_mode }. Exponential waits have full jitter: anything from 0 to the doubled factor, so that clients that failed
-- together do not come back together. random() is in [0, 1).
function retry.backoff(policy, number, random)
  local longest = policy.retry_backoff_max
  if policy.retry_mode == "fixed" then
    return math.min(policy.retry_backoff_factor, longest)
  end
  return random() * math.min(policy.retry_backoff_factor * 2 ^ (number - 1), longest)
end

--- Seconds to wait | nil when this was the last attempt. number: of the retry to come; left: seconds until the call's
-- deadline. The service's own wish replaces the back-off. A wait that outlasts the deadline is not begun: the caller
-- hears of the failure now rather than of a timeout later.
function retry.wait(policy, err, idempotent, number, left, random)
  if number > policy.retry_total or not retry.is_safe(err, idempotent, policy.at_least_once) then
    return nil
  end
  local seconds = err.retry_after or retry.backoff(policy, number, random)
  if seconds >= left then
    return nil
  end
  return seconds
end

--- Seconds by which the service's clock is ahead of ours, when an answer of 401 shows that they differ by enough to
-- explain it | nil. Below a minute the difference is none: tokens live for five.
function retry.skew(status, service_time, now)
  local ahead = status == 401 and service_time and service_time - now
  if ahead and math.abs(ahead) > 60 then
    return ahead
  end
end

return retry
