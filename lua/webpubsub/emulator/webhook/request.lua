--- Events as HTTP requests: CloudEvents 1.0 in binary mode (contract, event handlers, sections 2 to 6).
--
-- A request is { method, url, headers = { { name, value }, … }, body }.

local core = require "webpubsub.core"

local request = {}

local content_types = {
  text = "text/plain",
  json = "application/json",
  binary = "application/octet-stream",
}

local function escaped(byte)
  return ("%%%02X"):format(byte:byte())
end

-- A user id may hold anything; what would break a header line is percent-encoded, the rest stays as it is.
local function header_text(text)
  return (text:gsub("[%z\1-\31\127]", escaped))
end

--- The template with {hub} and {event} put in, percent-encoded; their names ignore letter case.
function request.url(template, hub, event)
  local values = { hub = hub, event = event }
  return (template:gsub("{([^}]*)}", function(name)
    return core.percent_encode(values[name:lower()] or "")
  end))
end

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

--- Contract, signature: HMAC-SHA256 of the connection id under the text of the access key.
function request.signature(mac, connection_id)
  return "sha256=" .. hex(mac:sign(connection_id))
end

--- The preflight of a URL. `method`: OPTIONS, or GET where OPTIONS is not known.
function request.preflight(method, url, origin)
  return {
    method = method,
    url = url,
    headers = { { "WebHook-Request-Origin", origin }, { "ce-awpsversion", "1.0" } },
  }
end

local function cookie_header(cookies)
  local parts = {}
  for name, value in pairs(cookies or {}) do
    parts[#parts + 1] = name .. "=" .. value
  end
  table.sort(parts)
  return table.concat(parts, "; ")
end

local function metadata_headers(list, metadata)
  for key, value in pairs(metadata or {}) do
    list[#list + 1] = { "X-WebPubSub-Metadata-" .. key:lower(), header_text(value) }
  end
end

local function common_headers(world, connection, event)
  local prefix = event.kind == "user" and "azure.webpubsub.user." or "azure.webpubsub.sys."
  return {
    { "WebHook-Request-Origin", world.origin },
    { "ce-specversion", "1.0" },
    { "ce-awpsversion", "1.0" },
    { "ce-type", prefix .. event.name },
    { "ce-source", ("/hubs/%s/client/%s"):format(connection.hub, connection.id) },
    { "ce-id", ("%d"):format(event.id) },
    { "ce-time", os.date("!%Y-%m-%dT%H:%M:%SZ", event.time) },
    { "ce-hub", connection.hub },
    { "ce-connectionId", connection.id },
    { "ce-eventName", event.name },
    { "ce-signature", request.signature(world.mac, connection.id) },
  }
end

local function add(list, name, value)
  if value and value ~= "" then
    list[#list + 1] = { name, header_text(value) }
  end
end

local function headers_of(world, connection, event)
  local list = common_headers(world, connection, event)
  list[#list + 1] = { "Content-Type", event.content_type }
  add(list, "ce-userId", connection.user_id)
  add(list, "ce-subprotocol", connection.subprotocol)
  add(list, "ce-connectionState", connection.state)
  add(list, "Cookie", cookie_header(connection.cookies))
  metadata_headers(list, event.metadata)
  return list
end

local readers = {}

-- Contract: the connect event names no subprotocol; its body is made with the handshake (webhook.connect).
function readers.connect(event)
  return event.body, "application/json; charset=utf-8"
end

function readers.connected()
  return "{}", "application/json; charset=utf-8"
end

function readers.disconnected(event)
  return '{"reason":' .. core.json_encode(event.reason or "") .. "}", "application/json; charset=utf-8"
end

function readers.user(event)
  return event.message.data, content_types[event.message.data_type]
end

--- The request for an event. `event`: `kind` ("connect", "connected", "disconnected" or "user"), `id` (a number),
-- `time` (epoch seconds), and by kind `body`, `reason`, or `name` and `message`. `world`: `mac` and `origin`.
function request.of(world, connection, event, template)
  local body, content_type = readers[event.kind](event)
  local name = event.kind == "user" and event.name or event.kind
  local one = {
    kind = event.kind,
    name = name,
    id = event.id,
    time = event.time,
    content_type = content_type,
    metadata = event.message and event.message.metadata,
  }
  return {
    method = "POST",
    url = request.url(template, connection.hub, name),
    headers = headers_of(world, connection, one),
    body = body,
  }
end

return request
