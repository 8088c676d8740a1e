--- Filters of REST calls (contract, OData filter language): text → which connections are meant.

local parser = require "webpubsub.emulator.filter.parser"

local filter = {}

local function everybody()
  return true
end

--- A function from a connection to true or false; an absent or empty filter means everybody. nil and the service's
-- sentence when the filter is not valid. `name`: what the filter is called there.
function filter.compile(text, name)
  if not text or not text:find "%S" then
    return everybody
  end
  local found, why = parser.parse(text)
  if not found then
    return nil, ("Invalid syntax for '%s': %s."):format(name, why)
  end
  return found
end

return filter
