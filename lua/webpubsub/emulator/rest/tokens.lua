--- Client access tokens on request (contract, generateToken and client access token).

local answers = require "webpubsub.emulator.rest.answers"
local core = require "webpubsub.core"
local jwt = require "webpubsub.emulator.jwt"
local rules = require "webpubsub.emulator.rules"

local tokens = {}

local default_minutes = 60
local paths = { default = "/client/hubs/", mqtt = "/clients/mqtt/hubs/" }

local function bad_group(groups)
  for _, name in ipairs(groups) do
    if not rules.is_group(name) then
      return true
    end
  end
  return false
end

local function filled(list)
  return list and #list > 0 and core.array(list) or nil
end

--- Contract, generateToken: only callers with a Microsoft Entra token get one, access-key tokens get 401.
function tokens.generate_client_token(world, call)
  local query = call.query
  local path = paths[(query.client_type or "Default"):lower()]
  if not call.is_entra then
    return answers.empty(401)
  elseif not path then
    return answers.bad_request("clientType must be Default or MQTT.", "clientType")
  elseif bad_group(query.token_groups or {}) then
    return answers.bad_request("A group name is not valid.", "group")
  end
  local now = math.floor(call.request.now)
  local token = jwt.sign(world.mac, {
    aud = (world.endpoints[1] or "http://" .. call.request:host()) .. path .. call.path.hub,
    iat = now,
    nbf = now,
    exp = now + 60 * (query.minutes_to_expire or default_minutes),
    sub = query.token_user_id,
    role = filled(query.token_roles),
    ["webpubsub.group"] = filled(query.token_groups),
  })
  return answers.json(200, core.json_encode { token = token })
end

return tokens
