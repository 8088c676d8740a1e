--- Functions on text for filters, every one in time proportional to what it reads. Positions count characters from 0,
-- so that an id of several bytes a character is cut where its reader would.

local text = {}

local character = "[%z\1-\127\194-\244][\128-\191]*"

-- How far the needle's own beginning reaches at each of its places (Knuth, Morris, Pratt): the search never goes back.
local function borders(needle)
  local list, length = { 0 }, 0
  for index = 2, #needle do
    while length > 0 and needle:byte(length + 1) ~= needle:byte(index) do
      length = list[length]
    end
    if needle:byte(length + 1) == needle:byte(index) then
      length = length + 1
    end
    list[index] = length
  end
  return list
end

-- Byte position of the needle's first place, from 1; nil when it is nowhere.
local function find(haystack, needle)
  if needle == "" then
    return 1
  elseif #needle > #haystack then
    return nil
  end
  local list, length = borders(needle), 0
  for index = 1, #haystack do
    while length > 0 and needle:byte(length + 1) ~= haystack:byte(index) do
      length = list[length]
    end
    if needle:byte(length + 1) == haystack:byte(index) then
      length = length + 1
    end
    if length == #needle then
      return index - length + 1
    end
  end
  return nil
end

function text.length(value)
  local _, count = value:gsub(character, "")
  return count
end

function text.contains(value, part)
  return find(value, part) ~= nil
end

function text.indexof(value, part)
  local at = find(value, part)
  return at and text.length(value:sub(1, at - 1)) or -1
end

function text.startswith(value, part)
  return value:sub(1, #part) == part
end

function text.endswith(value, part)
  return part == "" or value:sub(-#part) == part
end

function text.trim(value)
  local from = value:match "^%s*()"
  local to = #value
  while to >= from and value:find("^%s", to) do
    to = to - 1
  end
  return value:sub(from, to)
end

-- Byte position at which the character of that number begins; the place behind the end counts as one.
local function place(value, number)
  local at = 1
  for _ = 1, number do
    if at > #value then
      return nil
    end
    at = value:match("^" .. character .. "()", at)
  end
  return at
end

--- nil when start or end lie outside.
function text.substring(value, start, length)
  local from = start >= 0 and start <= #value and place(value, start)
  if not from then
    return nil
  elseif not length then
    return value:sub(from)
  end
  local rest = value:sub(from)
  local to = length >= 0 and length <= #rest and place(rest, length)
  return to and rest:sub(1, to - 1) or nil
end

return text
