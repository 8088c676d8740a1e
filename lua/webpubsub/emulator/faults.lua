--- Faults that a test orders: text → rule, and which rule meets a request.
--
--   KIND:ACTION[*COUNT][;OPTION…]      send:503*2    send:429*1;retry-after=2    connect:reset    list:delay=0.5
--
-- KIND is a REST operation by its method's name, a family of them, `connect` (WebSocket handshakes) or `any`. ACTION is
-- a status of 400 to 599, `reset` (the connection is cut), `drop` (no answer ever comes) or `delay=SECONDS` (served
-- later). Without COUNT a rule stays until it is cleared.

local handshake = require "webpubsub.emulator.handshake"
local operations = require "webpubsub.operations"
local router = require "webpubsub.emulator.router"
local uri = require "webpubsub.emulator.uri"

local faults = {}
faults.__index = faults

local rule_limit, longest_delay, largest_count = 100, 300, 1000000

local function family_of(operation)
  if operation.body == "message" then
    return "send"
  elseif operation.name:find "_permission$" then
    return "permission"
  elseif operation.name:find "^close_" then
    return "close"
  elseif operation.answer == "exists" then
    return "exists"
  elseif operation.name:find "^add_" or operation.name:find "^remove_" then
    return "membership"
  end
  return ({ list_connections = "list", generate_client_token = "token", get_service_status = "health" })[operation.name]
end

local families = {}
local kinds = { any = true, rest = true, connect = true }
for _, operation in ipairs(operations.list) do
  families[operation.name] = family_of(operation)
  kinds[operation.name], kinds[families[operation.name]] = true, true
end

local function refuse(text, rule)
  return nil, ("The fault '%s' is not understood: %s."):format(text:sub(1, 100):gsub("[^\32-\126]", "?"), rule)
end

local function seconds_of(text)
  local seconds = text:find "^%d+%.?%d*$" and tonumber(text)
  return seconds and seconds <= longest_delay and seconds or nil
end

local actions = { reset = true, drop = true }

local function read_action(rule, text)
  local status = text:match "^[45]%d%d$"
  local delay = text:match "^delay=(.*)$"
  if status then
    rule.status = tonumber(status)
  elseif actions[text] then
    rule[text] = true
  elseif delay and seconds_of(delay) then
    rule.delay = seconds_of(delay)
  elseif delay then
    return nil, "a delay is a number of seconds from 0 to 300"
  else
    return nil, "the action is a status from 400 to 599, reset, drop or delay=SECONDS"
  end
  return true
end

local settings = {}

settings["retry-after"] = function(rule, value)
  if not rule.status then
    return nil, "retry-after belongs to a status"
  elseif not (value and value:find "^%d+$" and #value <= 6) then
    return nil, "retry-after is a whole number of seconds"
  end
  rule.retry_after = value
  return true
end

function settings.delay(rule, value)
  rule.delay = value and seconds_of(value)
  return rule.delay ~= nil, "a delay is a number of seconds from 0 to 300"
end

function settings.processed(rule, value)
  if value then
    return nil, "processed takes no value"
  elseif rule.kind == "connect" or not (rule.status or rule.reset or rule.drop) then
    return nil, "processed belongs to a status, reset or drop of a REST call"
  end
  rule.processed = true
  return true
end

local function read_options(rule, text)
  for part in text:gmatch ";([^;]*)" do
    local name, value = part:match "^([^=]*)=(.*)$"
    local set = settings[name or part]
    if not set then
      return nil, "an option is retry-after=SECONDS, delay=SECONDS or processed"
    end
    local ok, why = set(rule, value)
    if not ok then
      return nil, why
    end
  end
  return true
end

local function read_count(rule, text)
  local count = tonumber(text)
  if text:find "^%d+$" and count >= 1 and count <= largest_count then
    rule.left = count
    return true
  end
  return nil, "the count after * is a whole number from 1 to 1000000"
end

--- A rule, or nil and a sentence.
function faults.parse(text)
  local kind, rest = text:match "^%s*([%w_]+):(.-)%s*$"
  if not kind then
    return refuse(text, "it reads KIND:ACTION, such as send:503*2")
  elseif not kinds[kind] then
    return refuse(
      text,
      "the kind is any, rest, connect, send, membership, close, exists, permission, list, token, "
        .. "health, or the name of a method such as send_to_all"
    )
  end
  local what, options = rest:match "^([^;]*)(.*)$"
  local action, count = what:match "^([^*]*)%*?(.*)$"
  local rule = { text = text, kind = kind }
  local ok, why = read_action(rule, action)
  if ok and what:find("*", 1, true) then
    ok, why = read_count(rule, count)
  end
  if ok then
    ok, why = read_options(rule, options)
  end
  if not ok then
    return refuse(text, why)
  end
  return rule
end

--- What a request is to a rule: an operation's name, "connect", or nil for what no fault touches.
function faults.kind_of(method, path)
  if handshake.endpoint(path) then
    return "connect"
  end
  local segments = uri.segments(path)
  local operation = segments and router.find(method, segments)
  return operation and operation.name
end

local function fits(rule, name)
  if rule.kind == "any" or rule.kind == name then
    return true
  end
  return name ~= "connect" and (rule.kind == "rest" or rule.kind == families[name])
end

function faults.new()
  return setmetatable({ rules = {} }, faults)
end

--- Adds a rule behind the others: true, or nil and a sentence.
function faults:add(text)
  local rule, why = faults.parse(text)
  if not rule then
    return nil, why
  elseif #self.rules >= rule_limit then
    return nil, "There are 100 faults already."
  end
  self.rules[#self.rules + 1] = rule
  return true
end

--- The first rule that fits a request of that kind, one use of it spent; nil when there is none.
function faults:take(name)
  for index, rule in ipairs(name and self.rules or {}) do
    if fits(rule, name) then
      rule.left = rule.left and rule.left - 1
      if rule.left == 0 then
        table.remove(self.rules, index)
      end
      return rule
    end
  end
  return nil
end

function faults:clear()
  self.rules = {}
end

return faults
