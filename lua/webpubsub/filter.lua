--- OData filter text with values quoted safely (contract: filter language).
-- A filter that fails must not become nil: an absent filter would send to everybody. So every mistake raises.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"

local quote_list

local function quote_string(value)
  if not core.utf8_length(value) then
    errors.misuse "filter: a text value is not UTF-8"
  end
  return "'" .. value:gsub("'", "''") .. "'"
end

--- The language has whole numbers only.
local function quote_number(value)
  if value ~= math.floor(value) or value >= 2 ^ 63 or value < -2 ^ 63 then
    errors.misuse "filter: a number must be a whole number of at most 64 bits"
  end
  return ("%d"):format(value)
end

local quoters = {
  string = quote_string,
  number = quote_number,
  boolean = tostring,
  ["nil"] = function()
    return "null"
  end,
  table = function(value)
    return quote_list(value)
  end,
}

local function quote(value)
  if value == core.null then
    return "null"
  end
  local quoter = quoters[type(value)]
  if not quoter then
    errors.misuse("filter: a %s cannot stand in a filter", type(value))
  end
  return quoter(value)
end

function quote_list(list)
  local texts = {}
  for _ in next, list do
    local value = rawget(list, #texts + 1)
    if value == nil then
      errors.misuse "filter: a list must have the positions 1 to n without holes; webpubsub.null stands for null"
    elseif type(value) == "table" then
      errors.misuse "filter: a list cannot hold a list"
    end
    texts[#texts + 1] = quote(value)
  end
  if #texts == 0 then
    errors.misuse "filter: a list needs at least one value"
  end
  return "(" .. table.concat(texts, ",") .. ")"
end

--- filter(template, …) → text. `%s` takes a string, whole number, boolean, nil (null) or a list; `%%` is a percent
-- sign.
return function(template, ...)
  if type(template) ~= "string" then
    errors.misuse("filter: the template must be a string, got %s", type(template))
  end
  local values, count, used = { ... }, select("#", ...), 0
  local text = template:gsub("%%(.?)", function(directive)
    if directive == "%" then
      return "%"
    elseif directive ~= "s" then
      errors.misuse("filter: '%%%s' is not known; use %%s for a value and %%%% for a percent sign", directive)
    end
    used = used + 1
    if used > count then
      errors.misuse("filter: the template wants more values than the %d given", count)
    end
    return quote(values[used])
  end)
  if used < count then
    errors.misuse("filter: the template takes %d values, %d were given", used, count)
  end
  return text
end
