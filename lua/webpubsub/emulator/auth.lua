--- Token checks of REST calls and of clients (contract, authentication).

local core = require "webpubsub.core"

local auth = {}

local leeway = 300 -- contract: the emulator allows 5 minutes of skew

-- RFC 8725 section 3.1: the algorithm is not the token's choice.
local function check_signature(mac, header_json, input, signature)
  local header = core.json_check(header_json) and core.json_members(header_json)
  if not header or header.alg ~= '"HS256"' then
    return nil, "the token's algorithm is not HS256"
  elseif not core.equal(mac:sign(input), signature) then
    return nil, "the token's signature does not match"
  end
  return true
end

--- Claims (JSON text) of a token that is signed with our key, valid now and meant for one of the audiences; or nil
-- and a sentence.
function auth.check(mac, token, audiences, now)
  local header, claims, signature, input = core.token_split(token)
  if not header then
    return nil, "the token is malformed"
  end
  local signed, why = check_signature(mac, header, input, signature)
  if not signed then
    return nil, why
  end
  local ok, _, sentence = core.token_check(claims, audiences, now, leeway)
  if not ok then
    return nil, sentence
  end
  return claims
end

local entra_audiences = { "https://webpubsub.azure.com" } -- contract, Microsoft Entra ID

--- Does the token look like one of Microsoft Entra for this service, in time and signed by somebody? Who signed it
-- cannot be known here, so this is for those who have asked for it.
function auth.looks_like_entra(token, now)
  local header, claims, signature = core.token_split(token)
  local members = header and core.json_check(header) and core.json_members(header)
  if not members or signature == "" or members.alg == '"HS256"' or members.alg == '"none"' then
    return false
  end
  return (core.token_check(claims, entra_audiences, now, leeway)) and true or false
end

local function add_both_schemes(list, base)
  local rest = base:match "^https?://(.*)$"
  list[#list + 1] = "http://" .. rest
  list[#list + 1] = "https://" .. rest
end

-- The origins under which a token may name us: the Host header of the request and the configured endpoints.
local function bases(endpoints, host)
  local list = {}
  add_both_schemes(list, "http://" .. host)
  local name = host:match "^(.*):80$" or host:match "^(.*):443$"
  if name then
    add_both_schemes(list, "http://" .. name)
  end
  for _, endpoint in ipairs(endpoints) do
    add_both_schemes(list, endpoint)
  end
  return list
end

--- Audiences of a REST call: its URL with and without the query.
function auth.rest_audiences(endpoints, host, path, query)
  local list = {}
  for _, base in ipairs(bases(endpoints, host)) do
    list[#list + 1] = base .. path
    if query then
      list[#list + 1] = base .. path .. "?" .. query
    end
  end
  return list
end

--- Audiences of a client of a hub.
function auth.client_audiences(endpoints, host, hub)
  local list = {}
  for _, base in ipairs(bases(endpoints, host)) do
    list[#list + 1] = base .. "/client/hubs/" .. hub
  end
  return list
end

--- The token of an `Authorization: Bearer` header, or nil.
function auth.bearer(authorization)
  return authorization and authorization:match "^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+)%s*$"
end

return auth
