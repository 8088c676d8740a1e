--- When an event is sent again (contract, event handlers, section 6: emulator limits).

local retry = {}

--- Seconds until the next attempt after the `attempt`-th one, or nil when there is none: on 408, 5xx and network
-- errors, never on other statuses or timeouts. `status` nil: no response, for the reason "timeout" or another.
function retry.delay(delays, attempt, status, reason)
  local again = status == 408 or (status ~= nil and status >= 500) or (status == nil and reason ~= "timeout")
  return again and delays[attempt] or nil
end

return retry
