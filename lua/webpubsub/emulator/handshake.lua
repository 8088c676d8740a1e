--- WebSocket handshakes: request → refusal, or the connection to be (contract, WebSocket client side; RFC 6455
-- section 4.2).

local auth = require "webpubsub.emulator.auth"
local client_claims = require "webpubsub.emulator.claims"
local core = require "webpubsub.core"
local json = require "webpubsub.emulator.protocol.json"
local rules = require "webpubsub.emulator.rules"
local simple = require "webpubsub.emulator.protocol.simple"
local uri = require "webpubsub.emulator.uri"

local handshake = {}

-- Subprotocols of the service: a module for those that are built, false for the others.
local subprotocols = {
  [json.name] = json,
  ["json.reliable.webpubsub.azure.v1"] = false,
  ["protobuf.webpubsub.azure.v1"] = false,
  ["protobuf.reliable.webpubsub.azure.v1"] = false,
}

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

-- The protocol module; nil and a refusal when the only known offers are not built.
local function choose_protocol(request)
  local unbuilt
  for _, name in ipairs(request:list "sec-websocket-protocol") do
    local module = subprotocols[name:lower()]
    if module then
      return module
    elseif module == false then
      unbuilt = unbuilt or name
    end
  end
  if unbuilt then
    return refuse(501, ("The subprotocol %s is not built yet in this emulator."):format(unbuilt))
  end
  return simple
end

local flags = { [""] = false, ["false"] = false, ["true"] = true }

-- Contract, simple clients: names and values ignore letter case, the last of repeated parameters counts.
local function target_of(query)
  local mode = (query:last "webpubsub_mode" or ""):lower()
  if mode == "" or mode == "sendevent" then
    return false
  elseif mode ~= "sendtogroup" then
    return refuse(400, "webpubsub_mode must be sendEvent or sendToGroup.")
  end
  local group = query:last "group"
  local no_echo = flags[(query:last "noEcho" or ""):lower()]
  if not group or not rules.is_group(group) then
    return refuse(400, "The mode sendToGroup needs a valid group.")
  elseif no_echo == nil then
    return refuse(400, "noEcho must be true or false.")
  end
  return { group = group, no_echo = no_echo }
end

local function claims_of(world, request, query, hub)
  local token = query:last "access_token" or auth.bearer((request:header "authorization"))
  if not token then
    return refuse(401, "")
  end
  local audiences = auth.client_audiences(world.endpoints, request:host(), hub)
  local claims, why = auth.check(world.mac, token, audiences, request.now)
  if not claims then
    return nil, { status = 401, message = "", headers = {}, why = why }
  end
  return core.json_members(claims)
end

local function connection_of(raw_claims, protocol, query)
  local claims, why = client_claims.read(raw_claims)
  if not claims then
    return refuse(400, why)
  end
  local target, bad_mode
  if protocol == simple then
    target, bad_mode = target_of(query)
    if bad_mode then
      return nil, bad_mode
    end
  end
  return {
    user_id = claims.user_id,
    first_groups = claims.groups,
    permissions = claims.permissions,
    protocol = protocol,
    target = target or nil,
  }
end

local function hub_of(path_hub, query)
  local hub = path_hub or query:last "hub"
  if not hub or not rules.is_hub(hub) then
    return refuse(400, "The hub is missing or has an invalid name.")
  end
  return hub
end

local function decide(world, request, path_hub)
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
  local claims, unauthorized = claims_of(world, request, query, hub)
  if not claims then
    return nil, unauthorized
  end
  local protocol, unbuilt = choose_protocol(request)
  if not protocol then
    return nil, unbuilt
  end
  local connection, bad_token = connection_of(claims, protocol, query)
  if not connection then
    return nil, bad_token
  end
  connection.hub = hub:lower()
  return { key = key, connection = connection, subprotocol = protocol.name }
end

--- `{ key, subprotocol, connection }` to accept, or nil and `{ status, message, headers, why }` to refuse. The
-- connection has everything but its id. `world` has `mac` and `endpoints`.
function handshake.decide(world, request)
  local kind, hub = handshake.endpoint(request.path)
  if kind == "unbuilt" then
    return refuse(501, "MQTT and Socket.IO clients are not built yet in this emulator.")
  elseif kind ~= "client" then
    return refuse(404, "")
  end
  return decide(world, request, hub)
end

return handshake
