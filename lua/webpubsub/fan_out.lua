--- One message to many targets: a call for each, several at a time when the transport can, or one for many users by a
-- filter.

local client_options = require "webpubsub.client_options"
local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local filter = require "webpubsub.filter"
local message = require "webpubsub.pipeline.message"
local operations = require "webpubsub.operations"
local options = require "webpubsub.options"

local fan_out = {}

local concurrency = { type = "number", integer = true, minimum = 1, maximum = 65536, default = 16 }

local own_options = {
  send_to_users = {
    concurrency = concurrency,
    collapse = { type = "boolean", default = false },
    collapse_size = { type = "number", integer = true, minimum = 1, maximum = 1000, default = 50 },
  },
  send_to_groups = { concurrency = concurrency },
}

local single = { send_to_users = "send_to_user", send_to_groups = "send_to_group" }

local function schema_of(where)
  for _, row in ipairs(operations.list) do
    if row.name == single[where] then
      local schema = client_options.of_operation(row)
      for name, rule in pairs(own_options[where]) do
        schema[name] = rule
      end
      return schema
    end
  end
end

fan_out.schemas = { send_to_users = schema_of "send_to_users", send_to_groups = schema_of "send_to_groups" }

local function check_targets(where, targets)
  if type(targets) ~= "table" then
    errors.misuse("%s: argument 1 must be an array of strings, got %s", where, type(targets))
  end
  for i, target in ipairs(targets) do
    if type(target) ~= "string" then
      errors.misuse("%s: argument 1 must be an array of strings, its value %d is a %s", where, i, type(target))
    end
  end
end

--- The options of one call, and ours with their defaults. call, own | nil, err.
local function read_options(where, given)
  local ok, err = options.check(fan_out.schemas[where], given, where)
  if not ok then
    return nil, err
  end
  local call, own = {}, {}
  for name, value in pairs(given) do
    call[name] = value
  end
  for name, rule in pairs(own_options[where]) do
    call[name] = nil
    own[name] = given[name]
    if own[name] == nil then
      own[name] = rule.default
    end
  end
  return call, own
end

--- f(item) for each item → a list of { value, detail }.
local function each(transport, list, limit, f)
  if transport.map then
    return transport:map(list, limit, f)
  end
  local results = {}
  for i, item in ipairs(list) do
    results[i] = { f(item) }
  end
  return results
end

local function record(results, target, answer)
  local ok = answer[1] and true or false
  results[#results + 1] = { target = target, ok = ok, error = not ok and answer[2] or nil }
  if not ok then
    results.failed = results.failed + 1
  end
end

local function one_by_one(client, transport, where, targets, text, call, own)
  local method = client[single[where]]
  local results = { failed = 0 }
  local answers = each(transport, targets, own.concurrency, function(target)
    return method(client, target, text, call)
  end)
  for i, target in ipairs(targets) do
    record(results, target, answers[i])
  end
  return results
end

--- A user whose name cannot stand in a filter must not take the others of its chunk along.
local function check_user(user)
  if user == "" or not core.utf8_length(user) then
    return errors.invalid "send_to_users: a user id is UTF-8 text of at least one character"
  end
  return true
end

local function split(users, size)
  local chunks, answers = {}, {}
  for _, user in ipairs(users) do
    local ok, err = check_user(user)
    if not ok then
      answers[user] = { nil, err }
    else
      local last = chunks[#chunks]
      if not last or #last == size then
        last = {}
        chunks[#chunks + 1] = last
      end
      last[#last + 1] = user
    end
  end
  return chunks, answers
end

local function with_filter(call, users)
  local copy = {}
  for name, value in pairs(call) do
    copy[name] = value
  end
  local among = filter("userId in %s", users)
  copy.filter = call.filter and ("(%s) and %s"):format(call.filter, among) or among
  return copy
end

local function collapsed(client, transport, users, text, call, own)
  local chunks, answers = split(users, own.collapse_size)
  local sent = each(transport, chunks, own.concurrency, function(chunk)
    return client:send_to_all(text, with_filter(call, chunk))
  end)
  for i, chunk in ipairs(chunks) do
    for _, user in ipairs(chunk) do
      answers[user] = sent[i]
    end
  end
  local results = { failed = 0 }
  for _, user in ipairs(users) do
    record(results, user, answers[user])
  end
  return results
end

--- send(client, transport, "send_to_users" or "send_to_groups", targets, message, options) → results | nil, err.
-- results[i] = { target, ok, error } in the order of the targets; results.failed counts those that are not ok.
function fan_out.send(client, transport, where, targets, text, given)
  check_targets(where, targets)
  local call, own = read_options(where, given == nil and {} or given)
  if not call then
    return nil, own
  end
  local body, err = message.encode(text, call.content_type)
  if body == nil then
    err.message = where .. ": " .. err.message
    return nil, err
  end
  if own.collapse then
    return collapsed(client, transport, targets, text, call, own)
  end
  return one_by_one(client, transport, where, targets, text, call, own)
end

return fan_out
