--- `json.webpubsub.azure.v1`: client messages. JSON payloads and ids stay the bytes that arrived.

local core = require "webpubsub.core"
local member = require "webpubsub.emulator.protocol.member"
local metadata = require "webpubsub.emulator.metadata"

local json_request = {}

local depth = 64

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
  local kind, why = member.needed_string(members, "dataType")
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
  local value = member.raw(members, "data")
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
  if member.raw(members, "metadata") then
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
  local group, why = member.needed_string(members, "group")
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
  local ttl, why = member.ttl(members)
  if why then
    return nil, why
  end
  local no_echo, problem = member.boolean(members, "noEcho")
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
  if not stream or not member.needed_string(stream, "streamId") then
    return nil, "'stream' must be an object with a 'streamId'"
  end
  request.kind, request.stream_id = "stream", stream.streamId
  return request
end

function readers.sendtogroup(members, request)
  local ok, why = with_group(members, request)
  if not ok then
    return nil, why
  elseif member.raw(members, "stream") then
    return read_stream_start(members, request)
  end
  return add_sending(members, request)
end

function readers.event(members, request)
  local name, why = member.needed_string(members, "event")
  if not name then
    return nil, why
  end
  request.event = name
  return add_message(members, request)
end

function readers.sequenceack(members, request)
  local id, why = member.sequence_id(members)
  if not id then
    return nil, why
  end
  request.sequence_id = id
  return request
end

-- Messages of the protocol family that this emulator knows by name alone. Raw ids, so that an answer can name them.
local function unbuilt(id_name, field)
  return function(members, request)
    if id_name then
      local id, why = member.needed_string(members, id_name)
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

--- A request from the text of one client message, or nil and a sentence when it does not fit the format: `kind` (the
-- type in lower case; "stream" for a sendToGroup that starts one), `name` (the type as written), `ack_id` (digits) and
-- what the type has: `group`, `event`, `message`, `no_echo`, `sequence_id`, `unbuilt`, `invocation_id`, `stream_id`.
function json_request.parse(text)
  local members, why = members_of(text)
  if not members then
    return nil, why
  end
  local name, problem = member.needed_string(members, "type")
  local reader = name and readers[name:lower()]
  if not reader then
    return nil, problem or "'type' is unknown"
  end
  local ack_id, bad_id = member.ack_id(members)
  if bad_id then
    return nil, bad_id
  end
  return reader(members, { kind = name:lower(), name = name, ack_id = ack_id })
end

return json_request
