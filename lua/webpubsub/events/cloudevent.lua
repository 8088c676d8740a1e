--- Header fields and body → an event (contract: event handlers, sections 3 and 6). Pure.

local core = require "webpubsub.core"
local fields = require "webpubsub.events.fields"
local json = require "webpubsub.json"
local mqtt = require "webpubsub.events.mqtt"
local state = require "webpubsub.events.state"

local cloudevent = {}

local kinds = {
  ["sys.connect"] = "connect",
  ["sys.connected"] = "connected",
  ["sys.disconnected"] = "disconnected",
  ["gp.joined"] = "group_joined",
  ["gp.left"] = "group_left",
}

--- ce-type → kind, event name | nil.
local function read_type(text)
  local rest = text:match "^azure%.webpubsub%.(.+)$"
  local user = rest and rest:match "^user%.(.+)$"
  if user then
    return "user", user
  end
  return rest and kinds[rest], rest and rest:match "%.(.+)$"
end

--- A new map without JSON nulls, which stand for absent members.
local function without_nulls(object)
  local copy = {}
  for name, value in pairs(object) do
    if type(value) == "table" then
      value = without_nulls(value)
    end
    copy[name] = value ~= json.null and value or nil
  end
  return copy
end

--- The event as far as the header fields tell | nil, status, sentence.
function cloudevent.head(map)
  local kind, name = read_type(map["ce-type"] or "")
  if map["ce-specversion"] ~= "1.0" then
    return nil, 400, "ce-specversion must be 1.0"
  elseif not kind then
    return nil, 400, "ce-type is no event of the service"
  elseif (map["ce-id"] or "") == "" then
    return nil, 400, "ce-id is missing"
  end
  local event = {
    kind = kind,
    name = name,
    id = map["ce-id"],
    time = map["ce-time"],
    source = map["ce-source"],
    hub = map["ce-hub"],
    connection_id = map["ce-connectionid"],
    user_id = map["ce-userid"],
    subprotocol = map["ce-subprotocol"],
    origin = map["webhook-request-origin"],
    namespace = map["ce-namespace"],
    socket_id = map["ce-socketid"],
    client_protocol = mqtt.is(map) and "mqtt" or "default",
    connection_state = map["ce-connectionstate"],
    states = state.read(map["ce-connectionstate"]),
  }
  if event.client_protocol == "mqtt" then
    event.mqtt = { physical_connection_id = map["ce-physicalconnectionid"], session_id = map["ce-sessionid"] }
  end
  return event
end

--- A JSON object from the body | nil, 400, sentence.
local function read_object(body)
  local members = core.json_members(body)
  local value = members and json.decode(body)
  if type(value) ~= "table" then
    return nil, 400, "the body is no JSON object"
  end
  return without_nulls(value)
end

local function add_mqtt(event, more, sentence)
  if not more then
    return nil, 400, sentence
  end
  for name, value in pairs(more) do
    event.mqtt[name] = value
  end
  return event
end

local function is_array_of(list, kind)
  for key, value in pairs(list) do
    if type(key) ~= "number" or type(value) ~= kind then
      return false
    end
  end
  return true
end

local function is_texts(list)
  return is_array_of(list, "string")
end

--- name → array of strings, nothing else.
local function is_lists(object)
  for name, list in pairs(object) do
    if type(name) ~= "string" or type(list) ~= "table" or not is_texts(list) then
      return false
    end
  end
  return true
end

local function is_certificates(list)
  return is_array_of(list, "table")
end

local connect_members = {
  { "claims", "claims", is_lists },
  { "query", "query", is_lists },
  { "headers", "headers", is_lists },
  { "subprotocols", "subprotocols", is_texts },
  { "clientCertificates", "client_certificates", is_certificates },
}

local bodies = {}

function bodies.connect(event, body)
  local object, status, sentence = read_object(body)
  if not object then
    return nil, status, sentence
  end
  for _, member in ipairs(connect_members) do
    local value = object[member[1]]
    if value == nil then
      value = {}
    elseif type(value) ~= "table" or not member[3](value) then
      return nil, 400, member[1] .. " has another form than the contract's"
    end
    event[member[2]] = value
  end
  if event.mqtt then
    return add_mqtt(event, mqtt.connect(object.mqtt))
  end
  return event
end

function bodies.connected(event, body)
  local object, status, sentence = read_object(body)
  return object and event, status, sentence
end

function bodies.disconnected(event, body)
  local object, status, sentence = read_object(body)
  if not object then
    return nil, status, sentence
  elseif object.reason ~= nil and type(object.reason) ~= "string" then
    return nil, 400, "reason must be a text"
  end
  event.reason = object.reason
  if event.mqtt and object.mqtt ~= nil then
    return add_mqtt(event, mqtt.disconnected(object.mqtt))
  end
  return event
end

function bodies.group_joined(event, body)
  local object, status, sentence = read_object(body)
  if not object then
    return nil, status, sentence
  elseif type(object.group) ~= "string" or object.group == "" then
    return nil, 400, "group is missing"
  end
  event.group = object.group
  return event
end

bodies.group_left = bodies.group_joined

local function read_json(body)
  local value
  if core.json_check(body) then
    value = json.decode(body)
  end
  return value
end

--- Data by media type (contract: user events) → data, type | nil, status, sentence.
local function read_data(event, media, body)
  if media == "application/json" then
    local value = read_json(body)
    if value == nil then
      return nil, 400, "the body is no JSON"
    end
    return value, "json"
  elseif media == "text/plain" then
    if not core.utf8_length(body) then
      return nil, 400, "the body is no UTF-8 text"
    end
    return body, "text"
  elseif media == "application/octet-stream" then
    return body, "binary"
  elseif media == "application/x-protobuf" then
    return body, "protobuf"
  elseif event.mqtt then
    return body, "binary" -- any MIME type that the publisher named
  end
  return nil, 415, "user events are text/plain, application/json, application/octet-stream or application/x-protobuf"
end

local function sorted_properties(map)
  local list = {}
  for name, values in pairs(fields.with_prefix(map, "mqtt-")) do
    for i, value in ipairs(values) do
      list[#list + 1] = { name = name, value = value, i }
    end
  end
  table.sort(list, function(a, b)
    return a.name < b.name or (a.name == b.name and a[1] < b[1])
  end)
  for _, property in ipairs(list) do
    property[1] = nil
  end
  return list
end

function bodies.user(event, body, map)
  event.content_type = map["content-type"]
  local media = (event.content_type or ""):lower():match "^%s*([^;%s]*)"
  local data, kind, sentence = read_data(event, media, body)
  if data == nil then
    return nil, kind, sentence
  end
  event.data, event.data_type, event.body = data, kind, body
  event.metadata = fields.with_prefix(map, "x-webpubsub-metadata-")
  if event.mqtt then
    event.mqtt.user_properties = sorted_properties(map)
  end
  return event
end

--- Adds to an event of head what its body tells. event | nil, status, sentence.
function cloudevent.body(event, body, map)
  return bodies[event.kind](event, body, map)
end

return cloudevent
