--- Wildcards in roles: `?` one character except `.`, `*` any run except `.`, `**` any run; a backslash escapes.

local pattern = {}
pattern.__index = pattern

local characters_limit, asterisks_limit = 1024, 5 -- contract, roles
local character = "[%z\1-\127\194-\244][\128-\191]*"

local function characters(text)
  local list = {}
  for one in text:gmatch(character) do
    list[#list + 1] = one
  end
  return list
end

local function asterisks(list, from)
  local to = from
  while list[to + 1] == "*" do
    to = to + 1
  end
  return to
end

-- One token from list[at]: the token, the position after it, the number of asterisks in it.
local function token(list, at)
  local one = list[at]
  if one == "\\" then
    local escaped = list[at + 1]
    if escaped ~= "\\" and escaped ~= "*" and escaped ~= "?" then
      return nil
    end
    return { literal = escaped }, at + 2, 0
  elseif one == "?" then
    return { any = true }, at + 1, 0
  elseif one == "*" then
    local last = asterisks(list, at)
    return { run = true, dots = last > at }, last + 1, last - at + 1
  end
  return { literal = one }, at + 1, 0
end

local function tokens_of(list)
  local tokens, stars, at = {}, 0, 1
  while list[at] do
    local one, following, more = token(list, at)
    if not one then
      return nil, "a backslash in a role pattern escapes only a backslash, '*' or '?'"
    end
    tokens[#tokens + 1], at, stars = one, following, stars + more
  end
  if stars > asterisks_limit then
    return nil, "a role pattern has at most 5 asterisks"
  end
  return tokens
end

--- Pattern object, or nil and a sentence.
function pattern.compile(text)
  local list = characters(text)
  if #list > characters_limit then
    return nil, "a role pattern has at most 1024 characters"
  end
  local tokens, why = tokens_of(list)
  if not tokens then
    return nil, why
  end
  return setmetatable({ tokens = tokens }, pattern)
end

-- The states of a nondeterministic automaton: positions in the token list. A run may be passed without any character.
local function enter(tokens, states, position)
  while not states[position] do
    states[position] = true
    local one = tokens[position]
    if not (one and one.run) then
      return
    end
    position = position + 1
  end
end

local function advance(tokens, states, one)
  local following = {}
  for position in pairs(states) do
    local current = tokens[position]
    if current and current.run then
      if current.dots or one ~= "." then
        enter(tokens, following, position)
      end
    elseif current and (current.literal == one or (current.any and one ~= ".")) then
      enter(tokens, following, position + 1)
    end
  end
  return following
end

--- Does the whole name match? Letter case counts.
function pattern:matches(name)
  local states = {}
  enter(self.tokens, states, 1)
  for one in name:gmatch(character) do
    states = advance(self.tokens, states, one)
    if not next(states) then
      return false
    end
  end
  return states[#self.tokens + 1] == true
end

return pattern
