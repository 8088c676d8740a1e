--- What a filter is made of (contract, OData filter language): values with a kind, and what may be done with each kind.
--
-- A node is { kind, value }: the kind is "string", "integer", "boolean", "null" or "groups", the value a function of
-- the subject. Whatever makes a node of others answers nil and a sentence's middle part when their kinds do not fit.

local functions = require "webpubsub.emulator.filter.functions"

local nodes = {}

local function boolean(value)
  return { kind = "boolean", value = value }
end

function nodes.constant(kind, value)
  return {
    kind = kind,
    value = function()
      return value
    end,
  }
end

local constants = {
  ["true"] = nodes.constant("boolean", true),
  ["false"] = nodes.constant("boolean", false),
  null = nodes.constant "null",
}

local function field(kind, name)
  return {
    kind = kind,
    value = function(subject)
      return subject[name]
    end,
  }
end

-- Contract: names of identifiers ignore letter case.
local identifiers = {
  userid = field("string", "user_id"),
  connectionid = field("string", "id"),
  protocol = field("string", "subprotocol"),
  groups = field("groups", "groups"),
}

local group_count = field("integer", "group_count")

--- `true`, `false` or `null`; nil for other words.
function nodes.word(name)
  return constants[name]
end

function nodes.identifier(name)
  return identifiers[name:lower()]
end

-- Of null and a value of any other kind there is always an answer; of two other kinds only where they are the same.
local function misfit(node, kind)
  if node.kind ~= kind and node.kind ~= "null" then
    return ("a %s was expected"):format(kind == "integer" and "number" or kind)
  end
end

local function has_null(values, count)
  for index = 1, count do
    if values[index] == nil then
      return true
    end
  end
  return false
end

local function apply(rule, arguments)
  local count = #arguments
  return function(subject)
    local values = {}
    for index = 1, count do
      values[index] = arguments[index].value(subject)
    end
    if not rule.takes_null and has_null(values, count) then
      return rule.null
    end
    return rule.call(values[1], values[2], values[3])
  end
end

function nodes.is_function(name)
  return functions.list[name] ~= nil
end

function nodes.call(name, arguments)
  local rule = functions.list[name]
  if name == "length" and #arguments == 1 and arguments[1].kind == "groups" then
    return group_count -- counted already: a filter may ask for it ten thousand times
  elseif #arguments > #rule.types or #arguments < (rule.needed or #rule.types) then
    return nil, ("%s has another number of arguments"):format(name)
  end
  for index, argument in ipairs(arguments) do
    local why = misfit(argument, rule.types[index])
    if why then
      return nil, why
    end
  end
  return { kind = rule.result, value = apply(rule, arguments) }
end

function nodes.negation(node)
  if node.kind ~= "boolean" then
    return nil, "not stands before true or false"
  end
  return boolean(function(subject)
    return not node.value(subject)
  end)
end

-- Contract: eq and ne compare by value and type; nothing of two types is equal.
local equality = {
  eq = function(a, b)
    return a == b
  end,
  ne = function(a, b)
    return a ~= b
  end,
}

-- Contract: the others need integers, null gives false.
local orders = {
  gt = function(a, b)
    return a ~= nil and b ~= nil and a > b
  end,
  ge = function(a, b)
    return a ~= nil and b ~= nil and a >= b
  end,
  lt = function(a, b)
    return a ~= nil and b ~= nil and a < b
  end,
  le = function(a, b)
    return a ~= nil and b ~= nil and a <= b
  end,
}

function nodes.compares(word)
  return (equality[word] or orders[word]) ~= nil
end

function nodes.comparison(left, word, right)
  local why
  if left.kind == "groups" or right.kind == "groups" then
    why = "groups can only be searched with in"
  elseif orders[word] then
    why = misfit(left, "integer") or misfit(right, "integer")
  end
  if why then
    return nil, why
  end
  local compare = equality[word] or orders[word]
  return boolean(function(subject)
    return compare(left.value(subject), right.value(subject))
  end)
end

local nothing = {} -- stands for null, which no table holds as a key

-- `set`: a function of the subject. Lookup is by value and type: Lua's keys "1" and 1 are two.
local function membership(left, set)
  return boolean(function(subject)
    local value = left.value(subject)
    return set(subject)[value == nil and nothing or value] == true
  end)
end

--- `list`: constant nodes.
function nodes.in_list(left, list)
  if left.kind == "groups" then
    return nil, "groups cannot be in a list"
  end
  local set = {}
  for _, node in ipairs(list) do
    local value = node.value()
    set[value == nil and nothing or value] = true
  end
  return membership(left, function()
    return set
  end)
end

function nodes.in_groups(left, groups)
  if groups.kind ~= "groups" then
    return nil, "in stands before a list or groups"
  end
  local why = misfit(left, "string")
  if why then
    return nil, why
  end
  return membership(left, groups.value)
end

--- `terms` between which `word` stands, "and" or "or". Kinds are checked already, so that what is left out of the
-- evaluation cannot matter.
function nodes.chain(word, terms)
  local stop = word == "or" -- the value that decides
  return boolean(function(subject)
    for _, term in ipairs(terms) do
      if term.value(subject) == stop then
        return stop
      end
    end
    return not stop
  end)
end

return nodes
