--- Client access tokens and the URLs that WebSocket clients open (contract: client access token).

local errors = require "webpubsub.error"
local json = require "webpubsub.json"
local names = require "webpubsub.names"

local client_token = {}

--- Path before the hub, and the name in the REST call, by the lower-case option value.
-- Only Default and MQTT are documented for the REST call; the official packages nevertheless pass socketio there.
local protocols = {
  default = { path = "/client/hubs/", client_type = "Default" },
  mqtt = { path = "/clients/mqtt/hubs/", client_type = "MQTT" },
  socketio = { path = "/clients/socketio/hubs/", client_type = "socketio" },
}

--- The options of get_client_access_token.
client_token.schema = {
  user_id = { type = "string" },
  roles = { type = "strings" },
  groups = { type = "strings" },
  minutes_to_expire = { type = "number", integer = true, minimum = 1, maximum = 2147483647 },
  jwt_headers = { type = "table" },
  client_protocol = { type = "string" },
}

local function check_groups(groups)
  for _, group in ipairs(groups) do
    local ok, sentence = names.check_group(group)
    if not ok then
      return nil, sentence
    end
  end
  return true
end

local function check_roles(roles)
  for _, role in ipairs(roles) do
    if role == "" then
      return nil, "a role cannot be empty"
    end
  end
  return true
end

--- Checks the values that options.check leaves open. The protocol's row | nil, err.
function client_token.check(given)
  local ok, sentence = true, nil
  if given.user_id then
    ok, sentence = names.check_user_id(given.user_id)
  end
  if ok and given.groups then
    ok, sentence = check_groups(given.groups)
  end
  if ok and given.roles then
    ok, sentence = check_roles(given.roles)
  end
  local protocol = protocols[(given.client_protocol or "Default"):lower()]
  if ok and not protocol then
    ok, sentence = nil, "client_protocol must be Default, MQTT or SocketIO"
  end
  if not ok then
    return errors.invalid("get_client_access_token: " .. sentence)
  end
  return protocol
end

--- Header JSON | nil, err. alg and typ are ours: a token under another algorithm would not verify.
function client_token.header(extra)
  local header = { alg = "HS256", typ = "JWT" }
  for name, value in pairs(extra or {}) do
    if name == "alg" or name == "typ" then
      return errors.invalid("get_client_access_token: jwt_headers cannot set " .. name)
    end
    header[name] = value
  end
  local text, sentence = json.encode(header)
  if not text then
    return errors.invalid("get_client_access_token: jwt_headers are not JSON: " .. sentence)
  end
  return text
end

--- An empty list is left out of the claims, as the official packages do.
local function non_empty(list)
  return list and list[1] ~= nil and list or nil
end

--- Claims JSON | nil, err. `now` in epoch seconds.
function client_token.claims(audience, given, now)
  local text, sentence = json.encode {
    aud = audience,
    iat = now,
    exp = now + (given.minutes_to_expire or 60) * 60,
    sub = given.user_id,
    role = non_empty(given.roles),
    ["webpubsub.group"] = non_empty(given.groups),
  }
  if not text then
    return errors.invalid("get_client_access_token: " .. sentence)
  end
  return text
end

--- `aud` of a client token, with http or https scheme.
function client_token.audience(endpoint, protocol, hub_segment)
  return endpoint .. protocol.path .. hub_segment
end

local access = {}

--- Whoever prints the whole value does not print the token by it.
function access:__tostring()
  return "webpubsub.access(" .. self.base_url .. "?access_token=masked)"
end

--- { url, token, base_url } of a token.
function client_token.access(audience, token)
  local base_url = audience:gsub("^http", "ws", 1)
  return setmetatable({ base_url = base_url, token = token, url = base_url .. "?access_token=" .. token }, access)
end

--- The options of the REST call :generateToken, by names of operations.parameters, and what any call takes.
function client_token.rest_options(given, protocol)
  return {
    token_user_id = given.user_id,
    token_roles = given.roles,
    token_groups = given.groups,
    minutes_to_expire = given.minutes_to_expire,
    client_type = protocol.client_type,
    headers = given.headers,
    request_id = given.request_id,
    traceparent = given.traceparent,
    tracestate = given.tracestate,
  }
end

return client_token
