--- The connect event: its body, and what its answer makes of the connection (contract, event handlers, 6.1 and 6.2).

local answer = require "webpubsub.emulator.webhook.answer"
local core = require "webpubsub.core"

local connect = {}

local json_depth = 64

-- Contract: the service maps claims, so both short and long names occur.
local long_names = {
  role = { "http://schemas.microsoft.com/ws/2008/06/identity/claims/role" },
  sub = { "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier", "nameid" },
}

local function text_of(raw)
  return raw:sub(1, 1) == '"' and core.json_string(raw) or raw
end

local function texts_of(raw)
  local list = {}
  for index, element in ipairs(raw:sub(1, 1) == "[" and core.json_elements(raw) or { raw }) do
    list[index] = text_of(element)
  end
  return core.array(list)
end

local function claims_of(raw)
  local claims = {}
  for name, value in pairs(raw) do
    claims[name] = texts_of(value)
    for _, other in ipairs(long_names[name] or {}) do
      claims[other] = claims[name]
    end
  end
  return claims
end

local function collect(list, hidden)
  local found = {}
  for _, pair in ipairs(list) do
    local name, value = pair[1], pair[2]
    if not hidden(name:lower()) and core.utf8_length(value) then
      found[name] = found[name] or core.array {}
      table.insert(found[name], value)
    end
  end
  return found
end

local function is_token(name)
  return name == "access_token"
end

-- Contract: without Authorization and the headers that the service itself writes.
local function is_reserved(name)
  return name == "authorization" or name:sub(1, 3) == "ce-" or name:sub(1, 8) == "webhook-"
end

--- The request body. `offer`: `claims` (raw JSON by name), `query` (uri.query), `headers` ({ { name, value }, … }),
-- `subprotocols` (a list).
function connect.body(offer)
  return core.json_encode {
    claims = claims_of(offer.claims),
    query = collect(offer.query:pairs(), is_token),
    headers = collect(offer.headers, is_reserved),
    subprotocols = core.array(offer.subprotocols),
    clientCertificates = core.array {},
  }
end

-- Contract: names are read without letter case; null is the same as absent.
local function members_of(body)
  if not body:find "%S" or body:find "^%s*null%s*$" then
    return {}
  end
  local members = core.json_check(body, json_depth) and body:find "^%s*{" and core.json_members(body)
  if not members then
    return nil
  end
  local lower = {}
  for name, raw in pairs(members) do
    lower[name:lower()] = raw ~= "null" and raw or nil
  end
  return lower
end

local function is_string(raw)
  return raw == nil or raw:sub(1, 1) == '"'
end

local function is_list(raw)
  return raw == nil or raw:sub(1, 1) == "["
end

local function read_body(body)
  local members = members_of(body)
  if not members then
    return nil, "the handler's answer is not a JSON object"
  elseif not is_string(members.userid) or not is_string(members.subprotocol) then
    return nil, "userId and subprotocol of the handler's answer must be strings"
  elseif not is_list(members.groups) or not is_list(members.roles) then
    return nil, "groups and roles of the handler's answer must be arrays"
  end
  return {
    user_id = members.userid,
    groups = members.groups and #core.json_elements(members.groups) > 0 and members.groups or nil,
    roles = members.roles,
    subprotocol = members.subprotocol and core.json_string(members.subprotocol),
  }
end

--- `{ user_id, groups, roles, subprotocol, response }` of an accepting answer, the first three as raw JSON and nil
-- where the token's stay; or nil, the status for the client and a sentence.
function connect.read(response)
  if response.status >= 400 and response.status <= 599 then
    return nil, response.status, ("the event handler answered %d"):format(response.status)
  elseif not answer.is_success(response) then
    return nil, 500, ("the event handler answered %d"):format(response.status)
  end
  local found, why = read_body(response.body)
  if not found then
    return nil, 500, why
  end
  found.response = response
  return found
end

return connect
