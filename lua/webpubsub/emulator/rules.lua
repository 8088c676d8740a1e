--- Limits and name rules of the service that bind requests and client messages alike.

local core = require "webpubsub.core"

local rules = {}

rules.message_bytes = 1048576 -- contract, limits: REST body 1 MiB, WebSocket message 1 MB
rules.group_characters = 1024
rules.ttl_seconds = 300
rules.group_list = 10000 -- groups one client may join by itself, so that a client cannot grow the process without end

-- Unicode white space outside ASCII, as UTF-8: NEL, NBSP, ogham, en quad to hair space, separators, narrow, math,
-- ideographic.
local wide_spaces = {
  "\194\133",
  "\194\160",
  "\225\154\128",
  "\226\128[\128-\138\168\169\175]",
  "\226\129\159",
  "\227\128\128",
}

local function only_white_space(text)
  for _, space in ipairs(wide_spaces) do
    text = text:gsub(space, "")
  end
  return not text:find "%S"
end

--- Contract, path parameters: a letter, then up to 127 of letters, digits, underscore, backtick, comma, dot, brackets.
function rules.is_hub(name)
  return #name <= 128 and name:find "^%a[%w_`,.%[%]]*$" ~= nil
end

--- Contract, path parameters: 1 to 1024 characters of one line, not only white space.
function rules.is_group(name)
  if #name > 4 * rules.group_characters or name:find "\n" or only_white_space(name) then
    return false
  end
  local length = core.utf8_length(name)
  return length ~= nil and length <= rules.group_characters
end

--- Contract, limits: the name of a client's `event`.
function rules.is_event(name)
  return #name <= 128 and name:find "^%a[%w_.%-]*$" ~= nil
end

--- Decimal digits of a JSON number to an integer in the range, or nil. Kept as text until it is known to be small.
function rules.small_integer(digits, minimum, maximum)
  if not digits:find "^%-?%d+$" or #digits > 11 then
    return nil
  end
  local value = tonumber(digits)
  if value < minimum or value > maximum then
    return nil
  end
  return value
end

local greatest_uint64 = "18446744073709551615"

--- Is the text the canonical decimal form of an integer from 0 to 2^64-1? Lua numbers cannot hold them all.
function rules.is_uint64(digits)
  if not digits:find "^%d+$" or (#digits > 1 and digits:sub(1, 1) == "0") then
    return false
  end
  return #digits < 20 or (#digits == 20 and digits <= greatest_uint64)
end

return rules
