--- The words of a filter (contract, OData filter language): text → a list of tokens.
--
-- A token is { kind, value, at }: "name" (a word as written), "string" (without its quotes), "integer" (a number), or a
-- punctuation mark, whose kind is the mark itself. The list ends with the kind "end". Reads every byte once.

local core = require "webpubsub.core"

local tokens = {}

local integer_digits = 15 -- what a Lua number holds exactly

local function read_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local quote = text:find("'", from, true)
    if not quote then
      return nil, "a string has no closing quote"
    end
    parts[#parts + 1] = text:sub(from, quote - 1)
    if text:sub(quote + 1, quote + 1) ~= "'" then
      return { kind = "string", value = table.concat(parts), at = at }, quote + 1
    end
    parts[#parts + 1] = "'"
    from = quote + 2
  end
end

local function read_integer(text, at)
  local sign, digits, after = text:match("^([+-]?)0*(%d+)()", at)
  if not digits or #digits > integer_digits or text:find("^[%w_.]", after) then
    return nil, "a number must be an integer of at most 15 digits"
  end
  local value = tonumber(digits)
  return { kind = "integer", value = sign == "-" and value ~= 0 and -value or value, at = at }, after
end

local function read_name(text, at)
  local name, after = text:match("^([%a_][%w_]*)()", at)
  return { kind = "name", value = name, at = at }, after
end

local function read_mark(text, at)
  return { kind = text:sub(at, at), at = at }, at + 1
end

local readers = {
  { "^'", read_string },
  { "^[+-]?%d", read_integer },
  { "^[%a_]", read_name },
  { "^[(),]", read_mark },
}

local function read(text, at)
  for _, reader in ipairs(readers) do
    if text:find(reader[1], at) then
      return reader[2](text, at)
    end
  end
  return nil, "there is a character that no filter has"
end

--- The tokens, or nil, a sentence's middle part and the place.
function tokens.of(text)
  if not core.utf8_length(text) then
    return nil, "it is not UTF-8", 1
  end
  local list, at = {}, text:match "^%s*()"
  while at <= #text do
    local token, after = read(text, at)
    if not token then
      return nil, after, at
    end
    list[#list + 1] = token
    at = text:match("^%s*()", after)
  end
  list[#list + 1] = { kind = "end", at = at }
  return list
end

return tokens
