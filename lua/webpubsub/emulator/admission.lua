--- An offer of a handshake and the event handler's answer → the connection to be (contract, handshake inputs).

local client_claims = require "webpubsub.emulator.claims"
local json = require "webpubsub.emulator.protocol.json"
local json_reliable = require "webpubsub.emulator.protocol.json_reliable"
local rules = require "webpubsub.emulator.rules"
local simple = require "webpubsub.emulator.protocol.simple"

local admission = {}

-- Subprotocols of the service: a module for those that are built, false for the others.
local subprotocols = {
  [json.name] = json,
  [json_reliable.name] = json_reliable,
  ["protobuf.webpubsub.azure.v1"] = false,
  ["protobuf.reliable.webpubsub.azure.v1"] = false,
}

local function refuse(status, why)
  return nil, { status = status, message = why, headers = {} }
end

local function is_offered(offer, name)
  for _, offered in ipairs(offer.subprotocols) do
    if offered == name then
      return true
    end
  end
  return false
end

-- Contract, subprotocol choice: the first offered one that the service knows. The name as the client wrote it.
local function first_known(offer)
  local unbuilt
  for _, name in ipairs(offer.subprotocols) do
    local module = subprotocols[name:lower()]
    if module then
      return module, name
    elseif module == false then
      unbuilt = unbuilt or name
    end
  end
  if unbuilt then
    return refuse(501, ("The subprotocol %s is not built yet in this emulator."):format(unbuilt))
  end
  return simple
end

-- RFC 6455 section 4.1: a client fails on a subprotocol that it did not offer.
local function chosen(offer, name)
  local module = subprotocols[name:lower()]
  if not is_offered(offer, name) then
    return refuse(500, "The event handler chose a subprotocol that the client did not offer.")
  elseif module == false then
    return refuse(501, ("The subprotocol %s is not built yet in this emulator."):format(name))
  end
  return module or simple, name
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

-- What the handler says replaces what the token says (contract, connect answer).
local function merged(claims, answer)
  local raw = {}
  for name, value in pairs(claims) do
    raw[name] = value
  end
  raw.sub = answer.user_id or raw.sub
  raw.role = answer.roles or raw.role
  raw["webpubsub.group"] = answer.groups or raw["webpubsub.group"]
  return raw
end

local function who(offer, answer)
  local claims, why = client_claims.read(answer and merged(offer.claims, answer) or offer.claims)
  if not claims then
    return refuse(answer and (answer.groups or answer.roles) and 500 or 400, why)
  end
  return claims
end

local function connection_of(offer, claims, protocol)
  local target, bad_mode
  if protocol == simple then
    target, bad_mode = target_of(offer.query)
    if bad_mode then
      return nil, bad_mode
    end
  end
  return {
    hub = offer.hub,
    user_id = claims.user_id,
    first_groups = claims.groups,
    permissions = claims.permissions,
    protocol = protocol,
    target = target or nil,
  }
end

--- The user of the token alone, whom the connect event names.
function admission.user_of(offer)
  local claims = client_claims.read { sub = offer.claims.sub }
  return claims and claims.user_id
end

--- `{ key, subprotocol, connection }`, or nil and `{ status, message, headers }` to refuse. `answer`: what
-- webhook.connect read of the handler's answer, or nil without a handler. The connection has everything but its id.
function admission.accept(offer, answer)
  local protocol, name = (answer and answer.subprotocol and chosen or first_known)(offer, answer and answer.subprotocol)
  if not protocol then
    return nil, name
  end
  local claims, bad_claims = who(offer, answer)
  if not claims then
    return nil, bad_claims
  end
  local connection, bad_mode = connection_of(offer, claims, protocol)
  if not connection then
    return nil, bad_mode
  end
  connection.subprotocol = name
  return { key = offer.key, subprotocol = name, connection = connection }
end

--- Which of a returning client's offers is the reliable protocol, or nil.
function admission.reliable_offer(offer)
  for _, name in ipairs(offer.subprotocols) do
    if name:lower() == json_reliable.name then
      return name
    end
  end
  return nil
end

return admission
