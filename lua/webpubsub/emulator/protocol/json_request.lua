--- `json.webpubsub.azure.v1`: client messages. JSON payloads and ids stay the bytes that arrived.

local core = require "webpubsub.core"
local metadata = require "webpubsub.emulator.metadata"
local rules = require "webpubsub.emulator.rules"

local json_request = {}

local depth = 64

-- Readers of members answer the value (nil when it is absent or null), or nil and a sentence.

local function raw(members, name)
  local value = members[name]
  return value ~= "null" and value or nil
end

local function read_string(members, name)
  local value = raw(members, name)
  if value == nil then
    return nil
  end
  local text = value:sub(1, 1) == '"' and core.json_string(value)
  if not text then
    return nil, "'" .. name .. "' must be a string"
  end
  return text
end

local function need_string(members, name)
  local text, why = read_string(members, name)
  if not text then
    return nil, why or "'" .. name .. "' is missing"
  end
  return text
end

local function read_ack_id(members)
  local digits = raw(members, "ackId")
  if digits and not rules.is_uint64(digits) then
    return nil, "'ackId' must be an integer from 0 to 18446744073709551615"
  end
  return digits
end

local function read_ttl(members)
  local digits = raw(members, "ttlSeconds")
  local seconds = digits and rules.small_integer(digits, 0, rules.ttl_seconds)
  if digits and not seconds then
    return nil, "'ttlSeconds' must be an integer from 0 to 300"
  end
  return seconds
end

local function read_boolean(members, name)
  local value = raw(members, name)
  if value and value ~= "true" and value ~= "false" then
    return nil, "'" .. name .. "' must be true or false"
  end
  return value == "true"
end

local function read_base64(value)
  local text = value:sub(1, 1) == '"' and core.json_string(value)
  local bytes = text and core.base64_decode(text)
  if not bytes then
    return nil, "'data' must be a base64 string for this data type"
  end
  return bytes
end

local read_data = {
  json = function(value)
    return value
  end,
  text = function(value)
    local text = value:sub(1, 1) == '"' and core.json_string(value)
    if not text then
      return nil, "'data' must be a string for the data type 'text'"
    end
    return text
  end,
  binary = read_base64,
  protobuf = read_base64,
}

local function read_data_type(members)
  if members.dataType == nil then
    return "json"
  end
  local kind, why = need_string(members, "dataType")
  if not kind then
    return nil, why
  elseif not read_data[kind:lower()] then
    return nil, "'dataType' must be 'json', 'text', 'binary' or 'protobuf'"
  end
  return kind:lower()
end

-- data_type, data; a message of metadata alone is an empty text.
local function read_payload(members, has_metadata)
  if members.data == nil and has_metadata then
    return "text", ""
  end
  local kind, why = read_data_type(members)
  if not kind then
    return nil, why
  end
  local value = raw(members, "data")
  if not value then
    return nil, "'data' is missing or null"
  end
  local data, problem = read_data[kind](value)
  if not data then
    return nil, problem
  end
  return kind, data
end

local function read_message(members)
  local entries, why
  if raw(members, "metadata") then
    entries, why = metadata.from_json(members.metadata)
    if why then
      return nil, why
    end
  end
  local kind, data = read_payload(members, entries ~= nil)
  if not kind then
    return nil, data
  end
  return { data_type = kind, data = data, metadata = entries }
end

local function with_group(members, request)
  local group, why = need_string(members, "group")
  if not group then
    return nil, why
  end
  request.group = group
  return request
end

local readers = {}

function readers.ping(_, request)
  return request
end

readers.joingroup = with_group
readers.leavegroup = with_group

local function add_message(members, request)
  local message, why = read_message(members)
  if not message then
    return nil, why
  end
  request.message = message
  return request
end

local function add_sending(members, request)
  local ttl, why = read_ttl(members)
  if why then
    return nil, why
  end
  local no_echo, problem = read_boolean(members, "noEcho")
  if no_echo == nil then
    return nil, problem
  end
  request.no_echo = no_echo
  request, why = add_message(members, request)
  if request then
    request.message.ttl = ttl
  end
  return request, why
end

local function read_stream_start(members, request)
  local stream = members.stream:sub(1, 1) == "{" and core.json_members(members.stream)
  if not stream or not need_string(stream, "streamId") then
    return nil, "'stream' must be an object with a 'streamId'"
  end
  request.kind, request.stream_id = "stream", stream.streamId
  return request
end

function readers.sendtogroup(members, request)
  local ok, why = with_group(members, request)
  if not ok then
    return nil, why
  elseif raw(members, "stream") then
    return read_stream_start(members, request)
  end
  return add_sending(members, request)
end

function readers.event(members, request)
  local name, why = need_string(members, "event")
  if not name then
    return nil, why
  end
  request.event = name
  return add_message(members, request)
end

-- Messages of the protocol family that this emulator knows by name alone. Raw ids, so that an answer can name them.
local function unbuilt(id_name, field)
  return function(members, request)
    if id_name then
      local id, why = need_string(members, id_name)
      if not id then
        return nil, why
      end
      request[field] = members[id_name]
    end
    request.unbuilt = true
    return request
  end
end

readers.invoke = unbuilt("invocationId", "invocation_id")
readers.cancelinvocation = unbuilt "invocationId"
readers.streamdata = unbuilt("streamId", "stream_id")
readers.streamend = unbuilt("streamId", "stream_id")
readers.sequenceack = unbuilt()
readers.setgroupstate = unbuilt()
readers.subscribegroupstate = unbuilt()
readers.unsubscribegroupstate = unbuilt()

local function members_of(text)
  local ok, why = core.json_check(text, depth)
  if not ok then
    return nil, why
  elseif not text:find "^[ \t\r\n]*{" then
    return nil, "a message must be a JSON object"
  end
  return core.json_members(text)
end

--- A request from the text of one client message, or nil and a sentence when it does not fit the format:
-- `kind` (the type in lower case; "stream" for a sendToGroup that starts one), `name` (the type as written), `ack_id`
-- (digits) and what the type has: `group`, `event`, `message`, `no_echo`, `unbuilt`, `invocation_id`, `stream_id`.
function json_request.parse(text)
  local members, why = members_of(text)
  if not members then
    return nil, why
  end
  local name, problem = need_string(members, "type")
  local reader = name and readers[name:lower()]
  if not reader then
    return nil, problem or "'type' is unknown"
  end
  local ack_id, bad_id = read_ack_id(members)
  if bad_id then
    return nil, bad_id
  end
  return reader(members, { kind = name:lower(), name = name, ack_id = ack_id })
end

return json_request
