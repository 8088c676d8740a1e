--- `json.reliable.webpubsub.azure.v1`: the frames of protocol.json, with sequence ids and a token to come back with
-- (contract, reliable variants).

local core = require "webpubsub.core"
local json = require "webpubsub.emulator.protocol.json"

local json_reliable = {}

for name, value in pairs(json) do
  json_reliable[name] = value
end

json_reliable.name = "json.reliable.webpubsub.azure.v1"
json_reliable.is_reliable = true

function json_reliable.connected(connection)
  return json.connected(connection, ',"reconnectionToken":' .. core.json_encode(connection.reconnection_token))
end

--- The frame of a message whose text without the closing brace is `open_text` (json.open_message).
function json_reliable.sequenced(open_text, sequence_id)
  return { opcode = "text", data = ('%s,"sequenceId":%d}'):format(open_text, sequence_id) }
end

return json_reliable
