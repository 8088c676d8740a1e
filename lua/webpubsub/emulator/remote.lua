--- Calls of the control API, for the object that `start` answers. From any Lua, by the blocking transport.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"
local jwt = require "webpubsub.emulator.jwt"
local mac = require "webpubsub.mac"

local remote = {}
remote.__index = remote

local call_seconds, token_seconds = 30, 60
local answer_bytes = 64 * 1024 * 1024

--- endpoint: "http://host:port".
function remote.new(endpoint, access_key)
  local transport = assert(require("webpubsub.transport.blocking").new {
    proxy = false,
    max_response_body = answer_bytes,
    connect_timeout = call_seconds,
  })
  return setmetatable({ endpoint = endpoint, mac = assert(mac.new(access_key)), transport = transport }, remote)
end

local function authorization(self, url)
  return "Bearer " .. jwt.sign(self.mac, { aud = url, exp = math.floor(core.time()) + token_seconds })
end

local function query_of(values)
  local parts = {}
  for name, value in pairs(values) do
    parts[#parts + 1] = name .. "=" .. core.percent_encode(tostring(value))
  end
  table.sort(parts)
  return parts[1] and "?" .. table.concat(parts, "&") or ""
end

local function failure_of(response)
  local body = response.body ~= "" and json.decode(response.body)
  local sentence = type(body) == "table" and body.message
  return errors.new {
    code = "unexpected_status",
    message = sentence or ("the emulator answered with status " .. response.status),
    status = response.status,
    outcome = "rejected",
  }
end

--- The decoded answer (true when there is none) | nil, err.
function remote:call(method, path, query, body)
  local url = self.endpoint .. "/_emulator/" .. path .. query_of(query or {})
  local request = {
    method = method,
    url = url,
    headers = { "Authorization", authorization(self, url), "Content-Type", "text/plain" },
    body = body,
    idempotent = method == "GET",
  }
  local wait = query and query.wait or 0
  local response, err = self.transport:send(request, core.monotonic() + call_seconds + wait)
  if not response then
    return nil, errors.adopt(err, "transport_failed", "maybe_sent")
  elseif response.status >= 300 then
    return nil, failure_of(response)
  end
  return response.body ~= "" and json.decode(response.body) or true
end

function remote:close()
  self.transport:close()
end

return remote
