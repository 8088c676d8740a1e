--- One HTTP request as a value: `method`, `target`, `version` (1.0 or 1.1), `headers` ({ { name, value }, … } in
-- order of arrival, names in lower case), `body` (nil with a `body_problem`: "no_length" or "too_large"), `now`
-- (epoch seconds).

local uri = require "webpubsub.emulator.uri"

local request = {}
request.__index = request

function request.new(fields)
  local self = setmetatable(fields, request)
  self.path, self.query = uri.split(self.target)
  return self
end

--- The first header of that name and how many there are.
function request:header(name)
  local value, count = nil, 0
  for _, header in ipairs(self.headers) do
    if header[1] == name then
      value, count = value or header[2], count + 1
    end
  end
  return value, count
end

--- The elements of a comma-separated header over all its lines.
function request:list(name)
  local elements = {}
  for _, header in ipairs(self.headers) do
    if header[1] == name then
      for element in header[2]:gmatch "[^,]+" do
        elements[#elements + 1] = element:match "^%s*(.-)%s*$"
      end
    end
  end
  return elements
end

--- The authority the client used, or nil: RFC 9112 section 3.2 wants exactly one well-formed Host from HTTP/1.1
-- clients.
function request:host()
  local value, count = self:header "host"
  if count == 1 and value:find "^[%w%.%-_:%[%]]+$" then
    return value
  end
  return nil
end

return request
