--- Path and query parameters of a call, checked by the rules of the operations' table.

local operations = require "webpubsub.operations"
local permissions = require "webpubsub.emulator.permissions"
local rules = require "webpubsub.emulator.rules"

local parameters = {}

local path_checks = {
  hub = function(text)
    return rules.is_hub(text) and text:lower(), "a hub name is a letter, then up to 127 letters, digits or _`,.[]"
  end,
  group = function(text)
    return rules.is_group(text) and text, "a group name has 1 to 1024 characters of one line, not only white space"
  end,
  permission = function(text)
    return permissions.kind(text), "the permission must be sendToGroup or joinLeaveGroup"
  end,
}

--- Path values by wire name, or nil, a sentence and the wire name.
function parameters.path(values)
  local checked = {}
  for wire, text in pairs(values) do
    local value, why = text, nil
    if path_checks[wire] then
      value, why = path_checks[wire](text)
    end
    if not value then
      return nil, why, wire
    end
    checked[wire] = value
  end
  return checked
end

local readers = {}

function readers.string(rule, query)
  return query:first(rule.wire)
end

function readers.strings(rule, query)
  return query:all(rule.wire)
end

function readers.integer(rule, query)
  local digits = query:first(rule.wire)
  if digits == nil or digits == "" then
    return nil
  end
  local value = rules.small_integer(digits, rule.minimum, rule.maximum)
  if not value then
    return nil, ("%s must be an integer from %d to %d"):format(rule.wire, rule.minimum, rule.maximum)
  end
  return value
end

local function too_young(rule, query, version)
  return rule.since and version < rule.since and query:first(rule.wire)
end

--- The operation's query values by option name, or nil, a sentence and the wire name. Unknown parameters are ignored.
function parameters.query(operation, query, version)
  local values = {}
  for _, name in ipairs(operation.options) do
    local rule = operations.parameters[name]
    if too_young(rule, query, version) then
      return nil, ("%s is known since the API version %s"):format(rule.wire, rule.since), rule.wire
    end
    local value, why = readers[rule.kind](rule, query)
    if why then
      return nil, why, rule.wire
    end
    values[name] = value
  end
  return values
end

return parameters
