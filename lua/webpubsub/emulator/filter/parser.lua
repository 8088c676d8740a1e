--- Filters: text → a function from a connection's values to true or false. Types are checked while parsing, so that a
-- filter is valid or not whoever is connected.
--
-- Precedence, high to low: not; eq ne gt ge lt le in; and; or. A node is { kind, value }: the kind is "string",
-- "integer", "boolean", "null" or "groups", the value a function of the subject. No part of the text is ever run.

local functions = require "webpubsub.emulator.filter.functions"
local tokens = require "webpubsub.emulator.filter.tokens"

local parser = {}

local depth_limit = 100 -- contract: the emulator's parser depth

local state = {}
state.__index = state

-- Inside the parser a bad filter is an error with this shape; parse turns it into a value.
local function fail(why, token)
  error({ filter = why, at = token.at }, 0)
end

function state:peek()
  return self.tokens[self.position]
end

function state:take()
  self.position = self.position + 1
  return self.tokens[self.position - 1]
end

function state:expect(kind)
  local token = self:take()
  if token.kind ~= kind then
    fail(("'%s' was expected"):format(kind), token)
  end
  return token
end

function state:is_word(word)
  local token = self:peek()
  return token.kind == "name" and token.value == word
end

-- Runs one level deeper.
function state:nested(read)
  self.depth = self.depth + 1
  if self.depth > depth_limit then
    fail("it is nested more than 100 deep", self:peek())
  end
  local node = read(self)
  self.depth = self.depth - 1
  return node
end

local function constant(kind, value)
  return {
    kind = kind,
    value = function()
      return value
    end,
  }
end

-- Of null and a value of any other kind there is always an answer; of two other kinds only where they are the same.
local function want(node, kind, token)
  if node.kind ~= kind and node.kind ~= "null" then
    fail(("a %s was expected"):format(kind == "integer" and "number" or kind), token)
  end
end

local function field(name)
  return function(subject)
    return subject[name]
  end
end

-- Contract: names of identifiers ignore letter case.
local identifiers = {
  userid = { kind = "string", value = field "user_id" },
  connectionid = { kind = "string", value = field "id" },
  protocol = { kind = "string", value = field "subprotocol" },
  groups = { kind = "groups", value = field "groups" },
}

local literals =
  { ["true"] = constant("boolean", true), ["false"] = constant("boolean", false), null = constant "null" }

local function read_arguments(self)
  local list = {}
  self:expect "("
  repeat
    list[#list + 1] = self:nested(self.read_or)
    local token = self:take()
    if token.kind ~= "," and token.kind ~= ")" then
      fail("',' or ')' was expected", token)
    end
  until token.kind == ")"
  return list
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

local function group_count(groups)
  return function(subject)
    local count = 0
    for _ in pairs(groups.value(subject)) do
      count = count + 1
    end
    return count
  end
end

local function read_call(self, token)
  local rule = functions.list[token.value]
  if not rule then
    fail("the function is unknown", token)
  end
  local arguments = read_arguments(self)
  if token.value == "length" and #arguments == 1 and arguments[1].kind == "groups" then
    return { kind = "integer", value = group_count(arguments[1]) }
  elseif #arguments > #rule.types or #arguments < (rule.needed or #rule.types) then
    fail(("%s has another number of arguments"):format(token.value), token)
  end
  for index, argument in ipairs(arguments) do
    want(argument, rule.types[index], token)
  end
  return { kind = rule.result, value = apply(rule, arguments) }
end

local function read_name(self, token)
  if self:peek().kind == "(" then
    return read_call(self, token)
  end
  local node = literals[token.value] or identifiers[token.value:lower()]
  if not node then
    fail("the name is unknown", token)
  end
  return node
end

local function read_not(self, token)
  local node = self:nested(self.read_term)
  if node.kind ~= "boolean" then
    fail("not stands before true or false", token)
  end
  return {
    kind = "boolean",
    value = function(subject)
      return not node.value(subject)
    end,
  }
end

function state:read_term()
  local token = self:take()
  if token.kind == "(" then
    local node = self:nested(self.read_or)
    self:expect ")"
    return node
  elseif token.kind == "string" or token.kind == "integer" then
    return constant(token.kind, token.value)
  elseif token.kind ~= "name" then
    fail("a value was expected", token)
  elseif token.value == "not" then
    return read_not(self, token)
  end
  return read_name(self, token)
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

local function read_comparison(self, left, token, compare)
  local right = self:nested(self.read_term)
  if left.kind == "groups" or right.kind == "groups" then
    fail("groups can only be searched with in", token)
  elseif orders[token.value] then
    want(left, "integer", token)
    want(right, "integer", token)
  end
  return {
    kind = "boolean",
    value = function(subject)
      return compare(left.value(subject), right.value(subject))
    end,
  }
end

local literal_kinds = { string = true, integer = true }

local function read_literal(self)
  local token = self:take()
  local word = token.kind == "name" and literals[token.value]
  if not word and not literal_kinds[token.kind] then
    fail("a list holds literals", token)
  end
  return not word and token.value or word and word.value()
end

local nothing = {} -- stands for null, which no table holds as a key

-- Lookup is by value and type: Lua's keys "1" and 1 are two.
local function read_list(self)
  local set = {}
  self:expect "("
  repeat
    local value = read_literal(self)
    set[value == nil and nothing or value] = true
    local token = self:take()
    if token.kind ~= "," and token.kind ~= ")" then
      fail("',' or ')' was expected", token)
    end
  until token.kind == ")"
  return function()
    return set
  end
end

local function read_in(self, left, token)
  local set
  if self:peek().kind == "(" then
    set = read_list(self)
  else
    local collection = self:nested(self.read_term)
    if collection.kind ~= "groups" then
      fail("in stands before a list or groups", token)
    end
    want(left, "string", token)
    set = collection.value
  end
  if left.kind == "groups" then
    fail("groups cannot be in a list", token)
  end
  return {
    kind = "boolean",
    value = function(subject)
      local value = left.value(subject)
      return set(subject)[value == nil and nothing or value] == true
    end,
  }
end

-- Comparisons stand side by side from the left; each one is a level of nesting.
function state:read_comparison()
  local node, depth = self:read_term(), self.depth
  while true do
    local token = self:peek()
    local word = token.kind == "name" and token.value
    local compare = word and (equality[word] or orders[word])
    if not compare and word ~= "in" then
      self.depth = depth
      return node
    end
    self:take()
    node = compare and read_comparison(self, node, token, compare) or read_in(self, node, token)
    self.depth = self.depth + 1
    if self.depth > depth_limit then
      fail("it is nested more than 100 deep", token)
    end
  end
end

-- A chain of `word` is one node with many terms, however long. `stop`: the value that decides the chain; types are
-- checked already, so that what is left out of the evaluation cannot matter.
local function read_chain(self, word, read, stop)
  local first = read(self)
  if not self:is_word(word) then
    return first
  end
  local terms = { first }
  while self:is_word(word) do
    local token = self:take()
    terms[#terms + 1] = read(self)
    if first.kind ~= "boolean" or terms[#terms].kind ~= "boolean" then
      fail(word .. " stands between true and false", token)
    end
  end
  return {
    kind = "boolean",
    value = function(subject)
      for _, term in ipairs(terms) do
        if term.value(subject) == stop then
          return stop
        end
      end
      return not stop
    end,
  }
end

function state:read_and()
  return read_chain(self, "and", self.read_comparison, false)
end

function state:read_or()
  return read_chain(self, "or", self.read_and, true)
end

local function read_all(self)
  local node = self:read_or()
  local rest = self:take()
  if rest.kind ~= "end" then
    fail("the filter was expected to end", rest)
  elseif node.kind ~= "boolean" then
    fail("a filter must be true or false", self.tokens[1])
  end
  return node.value
end

--- A function of `{ id, user_id, groups (a set), subprotocol }`, or nil and a sentence's middle part.
function parser.parse(text)
  local list, why, at = tokens.of(text)
  if not list then
    return nil, ("%s at position %d"):format(why, at)
  end
  local ok, result = pcall(read_all, setmetatable({ tokens = list, position = 1, depth = 0 }, state))
  if ok then
    return result
  elseif type(result) ~= "table" or not result.filter then
    error(result, 0)
  end
  return nil, ("%s at position %d"):format(result.filter, result.at)
end

return parser
