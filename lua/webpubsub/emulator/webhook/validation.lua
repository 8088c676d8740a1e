--- Abuse protection: may a URL be sent events? (contract, event handlers, section 2)
--
-- One entry for each URL; it knows until when its last answer counts. Times are those of the caller's clock.

local validation = {}
validation.__index = validation

local refresh_seconds, first_pause, longest_pause = 60, 1, 60

function validation.new()
  return setmetatable({ allowed = false, asked_again = 0, pause = first_pause }, validation)
end

--- Is it time to ask the URL again?
function validation:is_due(now)
  return now >= self.asked_again
end

--- Notes what the URL answered. A failure is remembered for a second, then for twice as long each time.
function validation:note(allowed, now)
  self.allowed = allowed
  if allowed then
    self.asked_again, self.pause = now + refresh_seconds, first_pause
  else
    self.asked_again, self.pause = now + self.pause, math.min(longest_pause, self.pause * 2)
  end
end

-- Contract: `*` or the origin, without letter case; several lines are several values, commas separate nothing.
local function names(value, origin)
  return value == "*" or value:lower() == origin:lower()
end

--- Does the response to a preflight allow the origin?
function validation.allows(response, origin)
  if response.status < 200 or response.status > 299 then
    return false
  end
  for _, header in ipairs(response.headers) do
    if header[1] == "webhook-allowed-origin" and names(header[2], origin) then
      return true
    end
  end
  return false
end

return validation
