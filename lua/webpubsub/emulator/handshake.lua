--- WebSocket handshakes: request → refusal, or an offer that `admission` makes a connection of (contract, WebSocket
-- client side; RFC 6455 section 4.2).

local auth = require "webpubsub.emulator.auth"
local core = require "webpubsub.core"
local rules = require "webpubsub.emulator.rules"
local settings = require "webpubsub.emulator.webhook.settings"
local uri = require "webpubsub.emulator.uri"

local handshake = {}

local function refuse(status, why, headers)
  return nil, { status = status, message = why, headers = headers or {} }
end

--- What kind of endpoint a path names: "client" with the hub (nil for `/client`), "unbuilt", or nil.
function handshake.endpoint(path)
  local segments = uri.segments(path)
  if not segments then
    return nil
  elseif segments[1] == "clients" and (segments[2] == "mqtt" or segments[2] == "socketio") then
    return "unbuilt"
  elseif segments[1] ~= "client" then
    return nil
  elseif #segments == 3 and segments[2] == "hubs" then
    return "client", segments[3]
  elseif #segments == 1 or (#segments == 2 and segments[2] == "") then
    return "client"
  end
  return nil
end

local function has(list, wanted)
  for _, element in ipairs(list) do
    if element:lower() == wanted then
      return true
    end
  end
  return false
end

local version_header = { { "Sec-WebSocket-Version", "13" } }

local function check_upgrade(request)
  local key, count = request:header "sec-websocket-key"
  local bytes = key and core.base64_decode(key)
  if request.method ~= "GET" or request.version ~= 1.1 then
    return refuse(400, "A WebSocket handshake is a GET request of HTTP/1.1.")
  elseif not has(request:list "upgrade", "websocket") or not has(request:list "connection", "upgrade") then
    return refuse(400, "This endpoint wants a WebSocket handshake.")
  elseif request:header "sec-websocket-version" ~= "13" then
    return refuse(400, "Only version 13 of the WebSocket protocol is known.", version_header)
  elseif count ~= 1 or not bytes or #bytes ~= 16 then
    return refuse(400, "Sec-WebSocket-Key must be the base64 text of 16 bytes.")
  elseif not request:host() then
    return refuse(400, "The Host header is missing or malformed.")
  end
  return key
end

local function claims_of(world, request, query, hub)
  local token = query:last "access_token" or auth.bearer((request:header "authorization"))
  if not token and settings.is_anonymous(world.hubs, hub:lower()) then
    return {}
  elseif not token then
    return refuse(401, "")
  end
  local audiences = auth.client_audiences(world.endpoints, request:host(), hub)
  local claims, why = auth.check(world.mac, token, audiences, request.now)
  if not claims then
    return nil, { status = 401, message = "", headers = {}, why = why }
  end
  return core.json_members(claims)
end

local function hub_of(path_hub, query)
  local hub = path_hub or query:last "hub"
  if not hub or not rules.is_hub(hub) then
    return refuse(400, "The hub is missing or has an invalid name.")
  end
  return hub
end

-- Contract, recovery: two parameters instead of an access token.
local function recovery_of(query)
  local id, token = query:last "awps_connection_id", query:last "awps_reconnection_token"
  return id and token and { id = id, token = token } or nil
end

local function offer_of(world, request, query, hub, key)
  local offer = {
    key = key,
    hub = hub:lower(),
    query = query,
    headers = request.headers,
    subprotocols = request:list "sec-websocket-protocol",
    recovery = recovery_of(query),
  }
  if offer.recovery then
    return offer
  end
  local claims, unauthorized = claims_of(world, request, query, hub)
  if not claims then
    return nil, unauthorized
  end
  offer.claims = claims
  return offer
end

local function check(world, request, path_hub)
  local key, refusal = check_upgrade(request)
  if not key then
    return nil, refusal
  end
  local query, why = uri.query(request.query)
  if not query then
    return refuse(400, "The handshake is not valid: " .. why .. ".")
  end
  local hub, bad_hub = hub_of(path_hub, query)
  if not hub then
    return nil, bad_hub
  end
  return offer_of(world, request, query, hub, key)
end

--- `{ key, hub, query, headers, subprotocols, claims (raw JSON by name) }`, with `recovery` (`id`, `token`) instead of
-- claims when a reliable client comes back; or nil and `{ status, message, headers, why }` to refuse. `world` has
-- `mac`, `endpoints` and `hubs`.
function handshake.check(world, request)
  local kind, hub = handshake.endpoint(request.path)
  if kind == "unbuilt" then
    return refuse(501, "MQTT and Socket.IO clients are not built yet in this emulator.")
  elseif kind ~= "client" then
    return refuse(404, "")
  end
  return check(world, request, hub)
end

return handshake
