--- A method's arguments → path segments, body and content type.

local errors = require "webpubsub.error"
local message = require "webpubsub.pipeline.message"
local names = require "webpubsub.names"

local arguments = {}

local function refuse_argument(row, position, value)
  local name = row.arguments[position]
  if value == nil then
    errors.misuse("%s: argument %d (%s) is missing", row.name, position, name)
  end
  errors.misuse("%s: argument %d (%s) must be a string, got %s", row.name, position, name, type(value))
end

local function read_segment(row, position, value)
  if type(value) ~= "string" then
    refuse_argument(row, position, value)
  end
  local segment, sentence = names.path_segment(row.arguments[position], value)
  if not segment then
    return errors.invalid(sentence)
  end
  return segment
end

local function check_groups(row, groups)
  if groups == nil then
    errors.misuse("%s: the option groups is missing", row.name)
  elseif #groups == 0 then
    return errors.invalid "groups needs at least one group name"
  end
  for _, group in ipairs(groups) do
    local ok, sentence = names.check_group(group)
    if not ok then
      return errors.invalid(sentence)
    end
  end
  return true
end

--- The body of the operations that move connections in bulk. An empty filter would select every connection as an
-- absent one does; it is sent as it is given.
local function groups_body(row, call)
  local ok, err = check_groups(row, call.groups)
  if not ok then
    return nil, err
  end
  return message.encode { groups = call.groups, filter = call.filter }
end

--- Contract: target_name is documented as required for every permission call, although the schema lets it be absent.
local function check_target(row, call)
  if call.target_name == nil then
    errors.misuse("%s: the option target_name is missing", row.name)
  end
  local ok, sentence = names.check_group(call.target_name)
  if not ok then
    return errors.invalid((sentence:gsub("^a group name", "target_name")))
  end
  return true
end

local function takes(row, option)
  for _, name in ipairs(row.options) do
    if name == option then
      return true
    end
  end
  return false
end

local function read_body(row, call, value)
  if row.body == "message" then
    return message.encode(value, call.content_type)
  elseif row.body == "groups" then
    return groups_body(row, call)
  elseif takes(row, "target_name") then
    local ok, err = check_target(row, call)
    return ok and false, err
  end
  return false
end

local no_segments = {}

--- Path segments by position | nil, err. A message is always the last argument.
local function read_segments(row, first, second)
  local list, segments, value = row.arguments, {}, first
  for position = 1, #list do
    if list[position] ~= "message" then
      local segment, err = read_segment(row, position, value)
      if not segment then
        return nil, err
      end
      segments[position] = segment
    end
    value = second
  end
  return segments
end

--- read(row, call, first, second) → segments by position, body or false, content type | nil, err.
function arguments.read(row, call, first, second)
  local list, segments, last = row.arguments, no_segments, first
  if list[1] and list[1] ~= "message" then
    local err
    segments, err = read_segments(row, first, second)
    if not segments then
      return nil, err
    end
    if list[2] then
      last = second
    end
  end
  local body, content_type = read_body(row, call, last)
  if body == nil then
    return nil, content_type
  end
  return segments, body, content_type
end

--- The options among a method's five arguments: the one after the positional ones. Nothing may come behind it, or an
-- `excluded` in the wrong place would be lost.
function arguments.options(row, first, second, third, fourth, fifth)
  local count, given = #row.arguments, first
  if count > 0 then
    given, second = second, nil
  end
  if count > 1 then
    given, third = third, nil
  end
  if second ~= nil or third ~= nil or fourth ~= nil or fifth ~= nil then
    errors.misuse("%s: takes %d argument%s and one table of options", row.name, count, count == 1 and "" or "s")
  end
  return given
end

return arguments
