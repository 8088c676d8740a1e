--- What one client may do with groups: the roles of its token, and what grants and revokes made of them.

local pattern = require "webpubsub.emulator.pattern"

local permissions = {}
permissions.__index = permissions

local pattern_limit, literal_limit = 10, 1000 -- contract, limits

permissions.kinds = { "sendToGroup", "joinLeaveGroup" }

-- Contract, path parameters: any letter case, and the numbers of the permissions.
local by_spelling = {
  sendtogroup = "sendToGroup",
  ["1"] = "sendToGroup",
  joinleavegroup = "joinLeaveGroup",
  ["2"] = "joinLeaveGroup",
}

--- The permission that a path segment names, or nil.
function permissions.kind(text)
  return by_spelling[text:lower()]
end

-- literal: group → true (allowed) or false (revoked). An entry decides alone; only without one do `all` and patterns
-- count.
local function empty_rules()
  return { all = false, literal = {}, literal_count = 0, patterns = {} }
end

local function set_literal(rules, group, allowed)
  if rules.literal[group] == nil then
    if rules.literal_count >= literal_limit then
      return nil, "conflict"
    end
    rules.literal_count = rules.literal_count + 1
  end
  rules.literal[group] = allowed
  return true
end

local function add_literal(rules, group)
  if not set_literal(rules, group, true) then
    return nil, "a client has at most 1000 literal rules for a permission"
  end
  return true
end

local function add_pattern(self, rules, text)
  local compiled, why = pattern.compile(text)
  if not compiled then
    return nil, why
  elseif self.pattern_count >= pattern_limit then
    return nil, "a client has at most 10 role patterns"
  end
  self.pattern_count = self.pattern_count + 1
  rules.patterns[#rules.patterns + 1] = compiled
  return true
end

-- Roles of other names are the application's own business and are left alone.
local function add_role(self, role)
  for _, kind in ipairs(permissions.kinds) do
    local rules, name = self.rules[kind], "webpubsub." .. kind
    if role == name then
      rules.all = true
      return true
    elseif role:sub(1, #name + 1) == name .. "." then
      return add_literal(rules, role:sub(#name + 2))
    elseif role:sub(1, #name + 2) == name .. "s." then
      return add_pattern(self, rules, role:sub(#name + 3))
    end
  end
  return true
end

--- From a list of role strings: the permissions, or nil and a sentence.
function permissions.from_roles(roles)
  local self = { rules = {}, pattern_count = 0 }
  for _, kind in ipairs(permissions.kinds) do
    self.rules[kind] = empty_rules()
  end
  for _, role in ipairs(roles) do
    local ok, why = add_role(self, role)
    if not ok then
      return nil, why
    end
  end
  return setmetatable(self, permissions)
end

--- May the client use the permission on the group?
function permissions:allows(kind, group)
  local rules = self.rules[kind]
  local literal = rules.literal[group]
  if literal ~= nil then
    return literal
  elseif rules.all then
    return true
  end
  for _, compiled in ipairs(rules.patterns) do
    if compiled:matches(group) then
      return true
    end
  end
  return false
end

--- true, or nil and "conflict" when there would be more than 1000 literal rules. The group is literal: `*` means `*`.
function permissions:grant(kind, group)
  return set_literal(self.rules[kind], group, true)
end

--- As grant; the revoke outlives roles and patterns until the same group is granted again.
function permissions:revoke(kind, group)
  return set_literal(self.rules[kind], group, false)
end

return permissions
