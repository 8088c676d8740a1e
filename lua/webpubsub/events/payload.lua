--- The answer to a user event: data as text, JSON or bytes, with metadata (contract: event handlers, user events).

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"
local mqtt = require "webpubsub.events.mqtt"
local options = require "webpubsub.options"

local payload = {}

local schema = {
  content_type = { type = "string" },
  metadata = { type = "table" },
  user_properties = { type = "table" },
}

local known = {
  ["text/plain"] = "text/plain; charset=utf-8",
  ["application/json"] = "application/json; charset=utf-8",
  ["application/octet-stream"] = "application/octet-stream",
  ["application/x-protobuf"] = "application/x-protobuf",
}

local function encode(data, media)
  if media == "application/json" then
    local text, sentence = json.encode(data)
    if not text then
      errors.misuse("success: %s", sentence)
    end
    return text
  elseif type(data) ~= "string" then
    errors.misuse("success: %s needs a string, got %s", media, type(data))
  elseif media == "text/plain" and not core.utf8_length(data) then
    errors.misuse "success: the text is not UTF-8; bytes go with content_type = 'application/octet-stream'"
  end
  return data
end

local function check_header(name, value)
  if type(value) ~= "string" or #value > 1024 then
    errors.misuse "success: metadata and user properties are texts of at most 1024 bytes"
  end
  local ok, sentence = core.check_request("POST", "/", { name, value })
  if not ok then
    errors.misuse("success: %s", sentence)
  end
end

local function add_metadata(headers, metadata)
  local size = 0
  for key, value in pairs(metadata or {}) do
    if type(key) ~= "string" or #key > 256 then
      errors.misuse "success: a metadata key is a text of at most 256 bytes"
    end
    local name = "X-WebPubSub-Metadata-" .. key:lower()
    check_header(name, value)
    headers[name] = value
    size = size + #key + #value
  end
  if size > 8192 then -- contract: the limits of the metadata headers of a send
    errors.misuse "success: metadata may have 8192 bytes in all"
  end
end

local function add_properties(event, headers, properties)
  if properties and not event.mqtt then
    errors.misuse "success: user_properties are for MQTT clients"
  end
  local list, sentence = mqtt.user_properties(properties)
  if sentence then
    errors.misuse("success: %s", sentence)
  end
  for _, item in ipairs(list or {}) do
    local name = "mqtt-" .. item.name
    check_header(name, item.value)
    headers[name] = headers[name] or {}
    table.insert(headers[name], item.value)
  end
end

--- The media type that is written: a string is text, anything else JSON, unless the options say what it is.
local function media_of(event, data, given)
  local media = given or (type(data) == "string" and "text/plain" or "application/json")
  if not known[media] and not event.mqtt then
    errors.misuse "success: content_type must be a media type that the service knows, such as text/plain"
  end
  return media
end

--- response(event, data, { content_type, metadata, user_properties }) → a plain response. Mistakes raise.
function payload.response(event, data, given)
  given = given or {}
  options.check(schema, given, "success")
  local headers = {}
  add_metadata(headers, given.metadata)
  add_properties(event, headers, given.user_properties)
  if data == nil and not given.metadata then
    return { status = 204, headers = headers, body = "" }
  end
  if data == nil then
    data = ""
  end
  local media = media_of(event, data, given.content_type)
  headers["Content-Type"] = known[media] or media
  local ok, sentence = core.check_request("POST", "/", { "Content-Type", headers["Content-Type"] })
  if not ok then
    errors.misuse("success: %s", sentence)
  end
  return { status = 200, headers = headers, body = encode(data, media) }
end

return payload
