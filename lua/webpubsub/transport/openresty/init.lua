--- Requests by nginx's cosockets: send yields, the worker goes on. See webpubsub.transport for the contract.
-- Connections belong to the worker's keep-alive pools, not to the transport.

local connection = require "webpubsub.transport.openresty.connection"
local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local host = require "webpubsub.host.openresty"
local http = require "webpubsub.transport.openresty.http"
local routes = require "webpubsub.transport.openresty.route"

local openresty = {}
openresty.__index = openresty

function openresty:__tostring()
  return "webpubsub.transport.openresty"
end

local function fail(outcome, code, sentence)
  return nil, errors.new { code = code, message = sentence, outcome = outcome }
end

--- Sends over an open connection. response | nil, code, sentence, did the connection end before any answer.
local function exchange(stream, request, route, settings)
  local hop_headers = route.proxy and route.scheme == "http" and route.proxy.header or nil
  local sent, why = stream:send(http.bytes(request, route.target, route.host_header, hop_headers))
  if why == "timeout" then
    return nil, "timeout", "the request could not be sent in time"
  end
  -- A server may answer and close before it has read a whole body, so a cut sending may still have its answer.
  local response, detail, sentence, begun = http.receive(stream, request.method, settings.max_response_body)
  if not response then
    return nil, detail, sentence, detail == "connection_lost" and not begun
  end
  if detail and sent then
    stream:keep(settings)
  else
    stream:close()
  end
  return response
end

--- Opens a connection and sends once. response | nil, err, may the request go over another connection.
local function attempt(self, request, route, deadline)
  local stream, code, sentence = connection.open(route, self.settings, deadline)
  if not stream then
    local _, err = fail("not_sent", code, sentence)
    err.permanent = code == "resolve_failed" and sentence:find("nginx has no resolver", 1, true) ~= nil or nil
    return nil, err
  end
  local response, early
  response, code, sentence, early = exchange(stream, request, route, self.settings)
  if response then
    return response
  end
  stream:close()
  local _, err = fail("maybe_sent", code, ("%s (%s)"):format(sentence, route.peer))
  return nil, err, early and stream.reused and request.idempotent
end

function openresty:send(request, deadline)
  local ok, sentence = host.check_yielding()
  if not ok then
    return fail("not_sent", "phase_not_allowed", sentence)
  elseif deadline <= core.monotonic() then
    return fail("not_sent", "timeout", "the deadline had passed before the request started")
  end
  local route = routes.of(request.url, self.settings.proxy, self.settings.verify)
  if not route then
    return fail("not_sent", "invalid_argument", "the URL cannot be read")
  end
  -- A kept connection may have ended unseen. What may be repeated goes on to the next one; each that failed is gone,
  -- and a new one is not repeated, so this ends.
  local response, err, again
  local attempts = 0
  repeat
    attempts = attempts + 1
    response, err, again = attempt(self, request, route, deadline)
  until not again
  if err then
    err.attempts = attempts
  end
  return response, err
end

function openresty:sleep(seconds)
  ngx.sleep(seconds)
end

function openresty:now()
  return core.monotonic()
end

--- Nothing to close: idle connections are the worker's and end by keepalive_timeout.
function openresty:close() end

local function refuse(sentence)
  return errors.invalid("webpubsub.transport.openresty: " .. sentence)
end

local function check_host(options)
  if options.ca_file ~= nil then
    return nil, "inside nginx the directive lua_ssl_trusted_certificate takes the place of ca_file"
  elseif options.http_version == "2" then
    return nil, "inside nginx there is HTTP/1.1 alone; leave http_version out"
  end
  return true
end

--- new { connect_timeout, proxy, verify, max_response_body, keepalive_timeout, pool_size } → transport | nil, err.
-- proxy: an http:// URL; the environment's are not read here.
function openresty.new(options)
  local ok, sentence = check_host(options)
  local proxy
  if ok and options.proxy then
    proxy, sentence = routes.proxy(options.proxy)
    ok = proxy ~= nil
  end
  if not ok then
    return refuse(sentence)
  end
  local settings = {
    connect_timeout = options.connect_timeout or 10,
    max_response_body = options.max_response_body or 4194304,
    keepalive_timeout = options.keepalive_timeout or 60,
    pool_size = options.pool_size or 30,
    verify = options.verify ~= false,
    proxy = proxy,
  }
  return setmetatable({ settings = settings }, openresty)
end

return openresty
