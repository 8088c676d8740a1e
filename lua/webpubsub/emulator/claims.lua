--- The claims of a client access token that make a connection: user, roles, groups (contract, client access token).

local core = require "webpubsub.core"
local permissions = require "webpubsub.emulator.permissions"
local rules = require "webpubsub.emulator.rules"

local claims = {}

local function string_of(raw)
  return raw:sub(1, 1) == '"' and core.json_string(raw) or nil
end

-- A claim that is a string or an array of strings, as a list; nil when it is something else.
local function strings(raw)
  if raw == nil or raw == "null" then
    return {}
  elseif raw:sub(1, 1) == '"' then
    return { string_of(raw) }
  end
  local elements = raw:sub(1, 1) == "[" and core.json_elements(raw)
  if not elements then
    return nil
  end
  local list = {}
  for index, element in ipairs(elements) do
    list[index] = string_of(element)
    if not list[index] then
      return nil
    end
  end
  return list
end

-- An empty user id is an anonymous client; a number is its digits.
local function user_of(raw)
  if raw == nil or raw == "null" or raw == '""' then
    return nil
  end
  return string_of(raw) or raw
end

local function groups_of(raw)
  local groups = strings(raw)
  if not groups then
    return nil, "The claim webpubsub.group must be a string or an array of strings."
  end
  for _, name in ipairs(groups) do
    if not rules.is_group(name) then
      return nil, "The token names a group with an invalid name."
    end
  end
  return groups
end

local function permissions_of(raw)
  local roles = strings(raw)
  if not roles then
    return nil, "The claim role must be a string or an array of strings."
  end
  local found, why = permissions.from_roles(roles)
  if not found then
    return nil, "The token has an invalid role: " .. why .. "."
  end
  return found
end

--- From raw JSON values by claim name: `{ user_id, groups, permissions }`, or nil and a sentence.
function claims.read(raw)
  local found, why = permissions_of(raw.role)
  if not found then
    return nil, why
  end
  local groups, bad_groups = groups_of(raw["webpubsub.group"])
  if not groups then
    return nil, bad_groups
  end
  return { user_id = user_of(raw.sub), groups = groups, permissions = found }
end

return claims
