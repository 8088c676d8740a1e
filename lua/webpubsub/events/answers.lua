--- What a handler answers with: the object that it is given, and the plain response that becomes of it.
-- The methods are those of the official JavaScript handler. Mistakes raise at the handler's line.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"
local mqtt = require "webpubsub.events.mqtt"
local names = require "webpubsub.names"
local options = require "webpubsub.options"
local payload = require "webpubsub.events.payload"
local state = require "webpubsub.events.state"

local answers = {}

local methods = {}
methods.__index = methods

local json_type = "application/json; charset=utf-8"

--- plain(status, text) → a response of one sentence.
function answers.plain(status, text)
  return { status = status, headers = { ["Content-Type"] = "text/plain; charset=utf-8" }, body = text or "" }
end

function answers.empty(status)
  return { status = status, headers = {}, body = "" }
end

local function encode(value, method)
  local text, sentence = json.encode(value)
  if not text then
    errors.misuse("%s: %s", method, sentence)
  end
  return text
end

--- new(event) → the object for the handler of that event.
function answers.new(event)
  return setmetatable({ event = event, changes = {} }, methods)
end

local blocking = { connect = true, user = true }

local function check_blocking(self, method)
  if not blocking[self.event.kind] then
    errors.misuse("%s: the service takes no answer to the event %s", method, self.event.name)
  end
end

local function finish(self, method, response)
  if self.response then
    errors.misuse("%s: this event has been answered already", method)
  end
  self.response = response
end

--- Has it been answered?
function methods:answered()
  return self.response ~= nil
end

--- Keeps a JSON value under the name for this connection; nil takes it away. Counts when the answer is a success.
function methods:set_state(name, value)
  check_blocking(self, "set_state")
  if type(name) ~= "string" or not core.utf8_length(name) then
    errors.misuse "set_state: argument 1 (name) must be UTF-8 text"
  end
  self.changes[name] = value ~= nil and encode(value, "set_state")
end

--- Takes the whole state away.
function methods:clear_state()
  check_blocking(self, "clear_state")
  self.changes, self.cleared = {}, true
end

local connect_schema = {
  user_id = { type = "string" },
  groups = { type = "strings" },
  roles = { type = "strings" },
  subprotocol = { type = "string" },
  user_properties = { type = "table" },
}

local function check_connect(event, given)
  options.check(connect_schema, given, "success")
  for _, group in ipairs(given.groups or {}) do
    local ok, sentence = names.check_group(group)
    if not ok then
      errors.misuse("success: %s", sentence)
    end
  end
  local chosen = given.subprotocol
  if not chosen then
    return
  elseif event.mqtt and chosen ~= "mqtt" then
    errors.misuse "success: the subprotocol of an MQTT client is mqtt"
  end
  for _, offered in ipairs(event.subprotocols) do
    if offered == chosen then
      return
    end
  end
  if not event.mqtt then
    errors.misuse "success: the subprotocol is not one of those that the client offered"
  end
end

local function array(list)
  return list and json.array { (table.unpack or unpack)(list) }
end

local function connect_success(event, given)
  if given == nil then
    return answers.empty(204)
  end
  check_connect(event, given)
  local properties, sentence = mqtt.user_properties(given.user_properties)
  if sentence then
    errors.misuse("success: %s", sentence)
  end
  local text = encode({
    userId = given.user_id,
    groups = array(given.groups),
    roles = array(given.roles),
    subprotocol = given.subprotocol,
    mqtt = properties and { userProperties = json.array(properties) },
  }, "success")
  return { status = 200, headers = { ["Content-Type"] = json_type }, body = text }
end

--- connect: success { user_id, groups, roles, subprotocol, user_properties }, all optional; user events:
-- success(data, { content_type, metadata, user_properties }). Without arguments: accepted, nothing to add.
function methods:success(value, more)
  local response
  if self.event.kind == "connect" then
    response = connect_success(self.event, value)
  elseif self.event.kind == "user" then
    response = payload.response(self.event, value, more)
  elseif value == nil then
    response = answers.empty(204)
  else
    check_blocking(self, "success")
  end
  finish(self, "success", response)
end

local function check_status(status, method)
  if type(status) ~= "number" or status < 400 or status > 599 or status % 1 ~= 0 then
    errors.misuse("%s: the status must be a whole number from 400 to 599", method)
  end
end

local function mqtt_failure(status, given, method)
  local properties, sentence = mqtt.user_properties(given.user_properties)
  if sentence then
    errors.misuse("%s: %s", method, sentence)
  end
  local text = encode({
    mqtt = {
      code = given.code,
      reason = given.reason,
      userProperties = properties and json.array(properties),
    },
  }, method)
  return { status = status, headers = { ["Content-Type"] = json_type }, body = text }
end

--- Refuses with an HTTP status and a text. An MQTT client gets the CONNACK code that goes with the status.
function methods:fail(status, message)
  check_status(status, "fail")
  if message ~= nil and type(message) ~= "string" then
    errors.misuse("fail: argument 2 (message) must be a string, got %s", type(message))
  end
  local event = self.event
  if event.kind == "connect" and event.mqtt then
    local version = event.mqtt.protocol_version
    local reason = version == 5 and message or nil -- contract: the reason is of MQTT 5.0 only
    local code = mqtt.code_of(status, version)
    return finish(self, "fail", mqtt_failure(status, { code = code, reason = reason }, "fail"))
  end
  finish(self, "fail", answers.plain(status, message))
end

local failure_schema = {
  code = { type = "number", integer = true, minimum = 1, maximum = 255 },
  reason = { type = "string" },
  user_properties = { type = "table" },
}

--- Refuses an MQTT client with a CONNACK code: { code, reason, user_properties }.
function methods:fail_with(given)
  if self.event.kind ~= "connect" or not self.event.mqtt then
    errors.misuse "fail_with: only the connect event of an MQTT client takes a CONNACK code"
  end
  local ok, err = options.check(failure_schema, given, "fail_with")
  if not ok or not given.code then
    errors.misuse("%s", err and err.message or "fail_with: code is missing")
  end
  finish(self, "fail_with", mqtt_failure(mqtt.status_of(given.code), given, "fail_with"))
end

--- The plain response. State travels with a success alone (contract: connection state).
function answers.response(self)
  local response = self.response or answers.empty(204)
  if response.status >= 300 then
    return response
  end
  if next(self.changes) or self.cleared then
    local before = not self.cleared and self.event.connection_state or nil
    response.headers["ce-connectionState"] = next(self.changes) and state.write(before, self.changes) or ""
  end
  return response
end

return answers
