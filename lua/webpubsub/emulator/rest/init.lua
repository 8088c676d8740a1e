--- The REST data plane: a request → an answer and a list of effects.
--
-- `world` has `state`, `mac` and `endpoints` (normalized URLs). Order of the checks: path, method, token, version,
-- parameters, body; nothing changes before all of them have passed.

local answers = require "webpubsub.emulator.rest.answers"
local auth = require "webpubsub.emulator.auth"
local parameters = require "webpubsub.emulator.rest.parameters"
local router = require "webpubsub.emulator.router"
local uri = require "webpubsub.emulator.uri"
local versions = require "webpubsub.emulator.rest.versions"

local rest = {}

local calls = {}
for _, room in ipairs { "sends", "closings", "members", "permissions", "listing", "tokens" } do
  for name, call in pairs(require("webpubsub.emulator.rest." .. room)) do
    calls[name] = call
  end
end

local function method_not_allowed(allowed)
  local answer = answers.empty(405)
  answer.headers[1] = { "Allow", table.concat(allowed, ", ") }
  return answer
end

local function find(request)
  local segments, why = uri.segments(request.path)
  if not segments then
    return nil, answers.bad_request("The request is not valid: " .. why .. ".")
  end
  local operation, found = router.find(request.method, segments)
  if operation then
    return operation, found
  end
  return nil, #found > 0 and method_not_allowed(found) or answers.empty(404)
end

local function is_public(operation)
  return operation.path == "/api/health" -- contract, transport basics: health needs no token
end

-- "key" or "entra", or nil and a sentence.
local function authorize(world, request)
  local token = auth.bearer((request:header "authorization"))
  if not token then
    return nil, "there is no bearer token"
  end
  local audiences = auth.rest_audiences(world.endpoints, request:host(), request.path, request.query)
  local claims, why = auth.check(world.mac, token, audiences, request.now)
  if claims or not world.unvalidated_entra_tokens then
    return claims and "key", why
  end
  return auth.looks_like_entra(token, request.now) and "entra", why
end

local function invalid(why, target)
  return nil, answers.bad_request("The request is not valid: " .. why .. ".", target)
end

-- The checked call: `request`, `path` and `query` values.
local function call_of(request, operation, path_values)
  local raw, why = uri.query(request.query)
  if not raw then
    return invalid(why)
  end
  local version, bad_version = versions.of(raw)
  if not version then
    return invalid(bad_version, "api-version")
  elseif version < operation.since then
    return invalid("the operation is known since the API version " .. operation.since, "api-version")
  end
  local path, bad_path, path_target = parameters.path(path_values)
  if not path then
    return invalid(bad_path, path_target)
  end
  local query, bad_query, query_target = parameters.query(operation, raw, version)
  if not query then
    return invalid(bad_query, query_target)
  end
  return { request = request, path = path, query = query }
end

local function answer(world, request, operation, path_values, kind)
  local call, refusal = call_of(request, operation, path_values)
  if not call then
    return refusal
  end
  call.is_entra = kind == "entra"
  return calls[operation.name](world, call)
end

--- answer `{ status, headers, body }`, effects (nil when there are none), and for 401 a sentence for the log.
function rest.handle(world, request)
  local operation, found = find(request)
  if not operation then
    return found
  elseif not request:host() then
    return answers.bad_request "The Host header is missing or malformed."
  end
  local kind, why
  if not is_public(operation) then
    kind, why = authorize(world, request)
    if not kind then
      return answers.empty(401), nil, why
    end
  end
  local result, effects = answer(world, request, operation, found, kind)
  if result.status ~= 401 and not result.bare then
    result.headers[#result.headers + 1] = versions.header
  end
  return result, effects
end

return rest
