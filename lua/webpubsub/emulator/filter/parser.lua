--- The grammar of filters: text → a function from a connection's values to true or false. Kinds are checked while
-- parsing, so that a filter is valid or not whoever is connected. No part of the text is ever run.
--
-- Precedence, high to low: not; eq ne gt ge lt le in; and; or.

local nodes = require "webpubsub.emulator.filter.nodes"
local tokens = require "webpubsub.emulator.filter.tokens"

local parser = {}

local depth_limit = 100 -- contract: the emulator's parser depth

local state = {}
state.__index = state

-- Inside the parser a bad filter is an error with this shape; parse turns it into a value.
local function fail(why, token)
  error({ filter = why, at = token.at }, 0)
end

local function checked(token, node, why)
  return node or fail(why, token)
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

function state:deepen()
  self.depth = self.depth + 1
  if self.depth > depth_limit then
    fail("it is nested more than 100 deep", self:peek())
  end
end

-- Runs one level deeper.
function state:nested(read)
  self:deepen()
  local node = read(self)
  self.depth = self.depth - 1
  return node
end

-- `( element, element … )`
local function read_list(self, read)
  local list = {}
  self:expect "("
  repeat
    list[#list + 1] = read(self)
    local token = self:take()
    if token.kind ~= "," and token.kind ~= ")" then
      fail("',' or ')' was expected", token)
    end
  until token.kind == ")"
  return list
end

local function read_argument(self)
  return self:nested(self.read_or)
end

local function read_name(self, token)
  if self:peek().kind ~= "(" then
    return checked(token, nodes.word(token.value) or nodes.identifier(token.value), "the name is unknown")
  elseif not nodes.is_function(token.value) then
    fail("the function is unknown", token)
  end
  return checked(token, nodes.call(token.value, read_list(self, read_argument)))
end

local function read_parentheses(self)
  local node = self:nested(self.read_or)
  self:expect ")"
  return node
end

function state:read_term()
  local token = self:take()
  if token.kind == "(" then
    return read_parentheses(self)
  elseif token.kind == "string" or token.kind == "integer" then
    return nodes.constant(token.kind, token.value)
  elseif token.kind ~= "name" then
    fail("a value was expected", token)
  elseif token.value == "not" then
    return checked(token, nodes.negation(self:nested(self.read_term)))
  end
  return read_name(self, token)
end

local function read_literal(self)
  local token = self:take()
  if token.kind == "string" or token.kind == "integer" then
    return nodes.constant(token.kind, token.value)
  end
  return checked(token, token.kind == "name" and nodes.word(token.value), "a list holds literals")
end

local function read_in(self, left, token)
  if self:peek().kind == "(" then
    return checked(token, nodes.in_list(left, read_list(self, read_literal)))
  end
  return checked(token, nodes.in_groups(left, self:nested(self.read_term)))
end

-- Comparisons stand side by side from the left; each one is a level of nesting.
function state:read_comparison()
  local node, depth = self:read_term(), self.depth
  while true do
    local token = self:peek()
    local word = token.kind == "name" and token.value
    if word ~= "in" and not nodes.compares(word) then
      self.depth = depth
      return node
    end
    self:take()
    if word == "in" then
      node = read_in(self, node, token)
    else
      node = checked(token, nodes.comparison(node, word, self:nested(self.read_term)))
    end
    self:deepen()
  end
end

-- A chain of `word` is one node with many terms, however long.
local function read_chain(self, word, read)
  local terms = { read(self) }
  while self:is_word(word) do
    local token = self:take()
    terms[#terms + 1] = read(self)
    if terms[1].kind ~= "boolean" or terms[#terms].kind ~= "boolean" then
      fail(word .. " stands between true and false", token)
    end
  end
  return #terms == 1 and terms[1] or nodes.chain(word, terms)
end

function state:read_and()
  return read_chain(self, "and", self.read_comparison)
end

function state:read_or()
  return read_chain(self, "or", self.read_and)
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

--- A function of `{ id, user_id, groups (a set), group_count, subprotocol }`, or nil and a sentence's middle part.
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
