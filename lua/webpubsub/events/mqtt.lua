--- What MQTT adds to events and answers (contract: event handlers, MQTT variants).

local core = require "webpubsub.core"

local mqtt = {}

--- HTTP status by CONNACK code. Below 0x80 the return codes of MQTT 3.1.1, section 3.2.2.3; from there on the reason
-- codes of MQTT 5.0, section 3.2.2.2. The mapping is that of the official JavaScript handler.
local statuses = {
  [1] = 400,
  [2] = 400,
  [3] = 503,
  [4] = 401,
  [5] = 401,
  [0x81] = 400, -- malformed packet
  [0x83] = 400, -- implementation specific
  [0x84] = 400, -- unsupported protocol version
  [0x85] = 400, -- client identifier not valid
  [0x86] = 401, -- bad user name or password
  [0x87] = 401, -- not authorized
  [0x8A] = 403, -- banned
  [0x8C] = 400, -- bad authentication method
  [0x90] = 400, -- topic name invalid
  [0x95] = 400, -- packet too large
  [0x97] = 429, -- quota exceeded
  [0x99] = 400, -- payload format invalid
  [0x9A] = 400, -- retain not supported
  [0x9B] = 400, -- QoS not supported
  [0x9F] = 429, -- connection rate exceeded
}

--- CONNACK code by HTTP status, for handlers that know nothing of MQTT.
local codes = {
  [4] = { [400] = 4, [401] = 5, [403] = 5, default = 3 },
  [5] = { [400] = 0x86, [401] = 0x87, [403] = 0x87, [429] = 0x9F, default = 0x80 },
}

function mqtt.status_of(code)
  return statuses[code] or 500
end

function mqtt.code_of(status, protocol_version)
  local of_version = codes[protocol_version] or { default = 1 }
  return of_version[status] or of_version.default
end

--- Is the event of an MQTT client, by its header fields?
function mqtt.is(map)
  return (map["ce-subprotocol"] or ""):lower():find("mqtt", 1, true) ~= nil and map["ce-physicalconnectionid"] ~= nil
end

local function is_property(item)
  return type(item) == "table" and type(item.name) == "string" and type(item.value) == "string"
end

--- Array of { name, value } as decoded → the same | nil, sentence.
function mqtt.user_properties(list)
  if list == nil then
    return nil
  elseif type(list) ~= "table" then
    return nil, "userProperties is no array"
  end
  local properties = {}
  for i, item in ipairs(list) do
    if not is_property(item) then
      return nil, "a user property needs a name and a value"
    end
    properties[i] = { name = item.name, value = item.value }
  end
  return properties
end

local function plain_text(value)
  return value == nil or type(value) == "string"
end

--- The member `mqtt` of a connect body → fields | nil, sentence. The password comes out of its base64.
function mqtt.connect(given)
  if type(given) ~= "table" or type(given.protocolVersion) ~= "number" then
    return nil, "mqtt needs a protocolVersion"
  elseif not plain_text(given.username) or not plain_text(given.password) then
    return nil, "username and password are texts or null"
  end
  local password = given.password and core.base64_decode(given.password)
  if given.password and not password then
    return nil, "the password is not base64 text"
  end
  local properties, sentence = mqtt.user_properties(given.userProperties)
  if sentence then
    return nil, sentence
  end
  return {
    protocol_version = given.protocolVersion,
    username = given.username,
    password = password,
    clean_start = given.cleanStart,
    user_properties = properties,
  }
end

--- The member `mqtt` of a disconnected body → fields | nil, sentence.
function mqtt.disconnected(given)
  if type(given) ~= "table" then
    return nil, "mqtt is no object"
  end
  local fields, packet = { initiated_by_client = given.initiatedByClient == true }, given.disconnectPacket
  if packet ~= nil then
    if type(packet) ~= "table" then
      return nil, "disconnectPacket is no object"
    end
    local properties, sentence = mqtt.user_properties(packet.userProperties)
    if sentence then
      return nil, sentence
    end
    fields.disconnect_packet = { code = tonumber(packet.code) or 0, user_properties = properties }
  end
  return fields
end

return mqtt
