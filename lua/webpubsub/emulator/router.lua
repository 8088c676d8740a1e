--- Routes of the REST data plane, made from the table of operations.

local operations = require "webpubsub.operations"

local router = {}

local function template_of(path)
  local parts = {}
  for text in path:gmatch "/([^/]*)" do
    parts[#parts + 1] = { parameter = text:match "^{(.*)}$", literal = text }
  end
  return parts
end

local routes = {}
for _, operation in ipairs(operations.list) do
  routes[#routes + 1] = { parts = template_of(operation.path), operation = operation }
end

-- The values of a template's parameters, or nil when the segments do not fit. A parameter has at least one character.
local function match(parts, segments)
  if #parts ~= #segments then
    return nil
  end
  local values = {}
  for index, part in ipairs(parts) do
    local segment = segments[index]
    if part.parameter and segment ~= "" then
      values[part.parameter] = segment
    elseif part.literal ~= segment then
      return nil
    end
  end
  return values
end

--- operation and path values by wire name; or nil and the methods that the path knows (an empty list: no such path).
function router.find(method, segments)
  local allowed = {}
  for _, route in ipairs(routes) do
    local values = match(route.parts, segments)
    if values and route.operation.method == method then
      return route.operation, values
    elseif values then
      allowed[#allowed + 1] = route.operation.method
    end
  end
  return nil, allowed
end

return router
