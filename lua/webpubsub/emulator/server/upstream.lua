--- HTTP requests to event handlers: one request → a response, within a deadline, never raising on what the network
-- does.

local cqueues = require "cqueues"
local condition = require "cqueues.condition"
local ce = require "cqueues.errno"
local http_request = require "http.request"
local lua_http = require "webpubsub.host.lua_http"
local sockets = require "cqueues.socket"

local upstream = {}
upstream.__index = upstream

local body_bytes = 16 * 1024 * 1024 -- contract, limits: webhook response
local body_seconds = 30
local line_bytes = 65536
local open_limit = 256 -- requests under way at once; more wait for a place

--- `log`: gets what raises.
function upstream.new(log)
  sockets.setmaxline(line_bytes) -- lua-http's own limit of 4,096 bytes is too small for a connection state
  return setmetatable({ open = 0, freed = condition.new(), log = log }, upstream)
end

-- lua-http writes names in lower case; pseudo headers are its own.
local function lua_http_request(one)
  local request = http_request.new_from_uri(one.url)
  request.follow_redirects, request.version = false, 1.1
  request.proxies, request.hsts, request.cookie_store = false, false, false
  request.headers:upsert(":method", one.method)
  request.headers:upsert("user-agent", "webpubsub-emulator")
  for _, header in ipairs(one.headers) do
    request.headers:append(header[1]:lower(), header[2])
  end
  if one.body then
    request:set_body(one.body)
    request.headers:delete "expect" -- a handler that knows no 100 would cost a second
  end
  return request
end

-- The whole body, or nil when it is cut, late or over the limit.
local function read_body(stream)
  lua_http.limit_chunks(stream, body_bytes)
  local parts, size, deadline = {}, 0, cqueues.monotime() + body_seconds
  while true do
    local chunk, why = stream:get_next_chunk(math.max(0, deadline - cqueues.monotime()))
    if not chunk then
      return not why and table.concat(parts) or nil
    end
    size = size + #chunk
    if size > body_bytes then
      return nil
    end
    parts[#parts + 1] = chunk
  end
end

local function response_of(headers, stream, method)
  local list = {}
  for name, value in headers:each() do
    list[#list + 1] = { name, value }
  end
  local announced = headers:get "content-length" -- none for a 204 or a chunked body
  local fits = (tonumber(announced) or 0) <= body_bytes
  local body = method == "HEAD" and "" or fits and read_body(stream)
  stream:shutdown()
  if not body then
    return nil, "the response was cut, late or too large"
  end
  return { status = tonumber(headers:get ":status"), headers = list, body = body }
end

local function exchange(one, seconds)
  local headers, stream, errno = lua_http_request(one):go(seconds)
  if not headers then
    return nil, errno == ce.ETIMEDOUT and "timeout" or tostring(stream)
  end
  return response_of(headers, stream, one.method)
end

--- `{ status, headers = { { name, value }, … }, body }`, or nil and "timeout" or another word. `one`: method, url,
-- headers, body. `seconds`: until the head of the response has come.
function upstream:send(one, seconds)
  local deadline = cqueues.monotime() + seconds
  while self.open >= open_limit do
    if cqueues.monotime() >= deadline then
      return nil, "timeout"
    end
    cqueues.poll(self.freed, deadline - cqueues.monotime())
  end
  self.open = self.open + 1
  local ok, response, why = xpcall(exchange, debug.traceback, one, math.max(0, deadline - cqueues.monotime()))
  self.open = self.open - 1
  self.freed:signal(1)
  if not ok then
    self.log:error("internal error: %s", tostring(response))
    return nil, "internal error"
  end
  return response, why
end

return upstream
