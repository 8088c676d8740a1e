--- Option tables: unknown names are refused with the nearest known one, types are checked, defaults filled in.
-- A schema maps each name to a rule: { type = "string" | "number" | "boolean" | "table" | "function" | "strings" | a
-- list of these, default = value, integer = true, minimum = n, maximum = n, values = { the only ones } }.
-- A wrong type or an unknown name is a programmer's mistake and raises; a value out of its range gives nil, err.

local errors = require "webpubsub.error"
local keys = require "webpubsub.keys"

local options = {}

--- Edits (insert, delete, replace, swap of neighbours) that turn a into b.
local function distance(a, b)
  local before, last = {}, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

--- The known name closest to a wrong one, or nil when none is near.
function options.nearest(wrong, known)
  local best, best_distance
  for name in pairs(known) do
    local d = distance(wrong, name)
    if not best or d < best_distance or (d == best_distance and name < best) then
      best, best_distance = name, d
    end
  end
  if best and best_distance <= math.max(2, math.floor(#wrong / 3)) then
    return best
  end
end

local function refuse_unknown(schema, name, where)
  local near = type(name) == "string" and options.nearest(name, schema)
  local hint = near and ("did you mean '" .. near .. "'?") or ("known are: " .. table.concat(keys.sorted(schema), ", "))
  errors.misuse("%s: unknown option '%s'; %s", where, tostring(name), hint)
end

--- An array of strings without holes.
local function is_strings(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for key, item in pairs(value) do
    if type(key) ~= "number" or type(item) ~= "string" then
      return false
    end
    count = count + 1
  end
  return count == #value
end

local function is_type(value, wanted)
  if wanted == "strings" then
    return is_strings(value)
  elseif wanted == "any" then
    return true
  end
  return type(value) == wanted
end

local function has_type(value, wanted)
  if type(wanted) == "string" then
    return is_type(value, wanted)
  end
  for _, each in ipairs(wanted) do
    if is_type(value, each) then
      return true
    end
  end
  return false
end

local articles = { strings = "an array of strings" }

local function describe(wanted)
  if type(wanted) == "string" then
    return articles[wanted] or ("a " .. wanted)
  end
  local words = {}
  for i, each in ipairs(wanted) do
    words[i] = describe(each)
  end
  return table.concat(words, " or ")
end

local function range_sentence(name, rule)
  local kind = rule.integer and "a whole number" or "a number"
  if rule.maximum then
    return ("%s must be %s from %s to %s"):format(name, kind, rule.minimum, rule.maximum)
  end
  return ("%s must be %s of at least %s"):format(name, kind, rule.minimum)
end

local function in_range(value, rule)
  if value ~= value or (rule.integer and value ~= math.floor(value)) then
    return false
  end
  return (not rule.minimum or value >= rule.minimum) and (not rule.maximum or value <= rule.maximum)
end

local function is_listed(value, values)
  for _, each in ipairs(values) do
    if each == value then
      return true
    end
  end
  return false
end

--- Checks one value against its rule. Raises on a wrong type; true | nil, err on the range.
function options.check_value(name, value, rule, where)
  if not has_type(value, rule.type) then
    errors.misuse("%s: %s must be %s, got %s", where, name, describe(rule.type), type(value))
  end
  if type(value) == "number" and (rule.minimum or rule.integer) and not in_range(value, rule) then
    return errors.invalid(where .. ": " .. range_sentence(name, rule))
  end
  if rule.values and not is_listed(value, rule.values) then
    return errors.invalid(("%s: %s must be one of %s"):format(where, name, table.concat(rule.values, ", ")))
  end
  return true
end

--- Checks a given option table. true | nil, err.
function options.check(schema, given, where)
  if type(given) ~= "table" then
    errors.misuse("%s: options must be a table, got %s", where, type(given))
  end
  for name, value in pairs(given) do
    local rule = schema[name]
    if not rule then
      refuse_unknown(schema, name, where)
    end
    local ok, err = options.check_value(name, value, rule, where)
    if not ok then
      return nil, err
    end
  end
  return true
end

--- A checked copy of the given options with the schema's defaults. table | nil, err.
function options.read(schema, given, where)
  local ok, err = options.check(schema, given, where)
  if not ok then
    return nil, err
  end
  local copy = {}
  for name, rule in pairs(schema) do
    local value = given[name]
    if value == nil then
      value = rule.default
    end
    copy[name] = value
  end
  return copy
end

return options
