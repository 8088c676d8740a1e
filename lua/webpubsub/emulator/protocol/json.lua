--- `json.webpubsub.azure.v1`: the frames of the service. JSON payloads and ids stay the bytes that arrived.

local core = require "webpubsub.core"
local json_request = require "webpubsub.emulator.protocol.json_request"

local json = { name = "json.webpubsub.azure.v1", has_requests = true }

local quote = core.json_encode

local function frame(...)
  return { opcode = "text", data = table.concat { ... } }
end

--- `extra`: further members as text, or nil.
function json.connected(connection, extra)
  local user = connection.user_id and quote(connection.user_id) or "null"
  local id = quote(connection.id)
  return frame('{"type":"system","event":"connected","userId":', user, ',"connectionId":', id, extra or "", "}")
end

function json.disconnected(reason)
  return frame('{"type":"system","event":"disconnected","message":', quote(reason), "}")
end

function json.pong()
  return frame '{"type":"pong"}'
end

--- `ack_id` is the digits of the request.
function json.ack(ack_id)
  return frame('{"type":"ack","ackId":', ack_id, ',"success":true}')
end

local function error_object(name, message)
  return '{"name":' .. quote(name) .. ',"message":' .. quote(message) .. "}"
end

function json.error_ack(ack_id, name, message)
  return frame('{"type":"ack","ackId":', ack_id, ',"success":false,"error":', error_object(name, message), "}")
end

--- `invocation_id` and `stream_id` are the raw JSON strings of the request.
function json.failed_invocation(invocation_id, name, message)
  local failure = error_object(name, message)
  return frame('{"type":"invokeResponse","invocationId":', invocation_id, ',"success":false,"error":', failure, "}")
end

function json.stream_closed(stream_id, name, message)
  return frame('{"type":"streamClosed","streamId":', stream_id, ',"error":', error_object(name, message), "}")
end

local function origin(message)
  if message.from ~= "group" then
    return '"from":"server"'
  end
  local user = message.from_user_id and quote(message.from_user_id) or "null"
  return '"from":"group","group":' .. quote(message.group) .. ',"fromUserId":' .. user
end

local write_data = {
  json = function(data)
    return data
  end,
  text = function(data)
    return quote(data)
  end,
  binary = function(data)
    return '"' .. core.base64_encode(data) .. '"'
  end,
}

--- The text of a message without its closing brace.
function json.open_message(message)
  local extra = message.metadata and (',"metadata":' .. core.json_encode(message.metadata)) or ""
  local kind = message.data_type
  local data = write_data[kind](message.data)
  return table.concat { '{"type":"message",', origin(message), ',"dataType":"', kind, '","data":', data, extra }
end

--- The frame that carries a message.
function json.message(message)
  return frame(json.open_message(message), "}")
end

--- The request in the text of a client message; see json_request.
json.parse = json_request.parse

return json
