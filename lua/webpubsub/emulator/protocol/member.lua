--- Readers of the members of a JSON client message: raw texts by name → values. Each answers the value (nil when the
-- member is absent or null), or nil and a sentence.

local core = require "webpubsub.core"
local rules = require "webpubsub.emulator.rules"

local member = {}

function member.raw(members, name)
  local value = members[name]
  return value ~= "null" and value or nil
end

function member.string(members, name)
  local value = member.raw(members, name)
  if value == nil then
    return nil
  end
  local text = value:sub(1, 1) == '"' and core.json_string(value)
  if not text then
    return nil, "'" .. name .. "' must be a string"
  end
  return text
end

function member.needed_string(members, name)
  local text, why = member.string(members, name)
  if not text then
    return nil, why or "'" .. name .. "' is missing"
  end
  return text
end

function member.ack_id(members)
  local digits = member.raw(members, "ackId")
  if digits and not rules.is_uint64(digits) then
    return nil, "'ackId' must be an integer from 0 to 18446744073709551615"
  end
  return digits
end

--- A number: exact up to 2^53, which no connection reaches.
function member.sequence_id(members)
  local digits = member.raw(members, "sequenceId")
  if not digits or not rules.is_uint64(digits) then
    return nil, "'sequenceId' must be an integer from 0 to 18446744073709551615"
  end
  return tonumber(digits)
end

function member.ttl(members)
  local digits = member.raw(members, "ttlSeconds")
  local seconds = digits and rules.small_integer(digits, 0, rules.ttl_seconds)
  if digits and not seconds then
    return nil, "'ttlSeconds' must be an integer from 0 to 300"
  end
  return seconds
end

function member.boolean(members, name)
  local value = member.raw(members, name)
  if value and value ~= "true" and value ~= "false" then
    return nil, "'" .. name .. "' must be true or false"
  end
  return value == "true"
end

return member
