--- One cosocket under a deadline: from nginx's pool, or opened through the name, the proxy and TLS.
-- A stream in the sense of webpubsub.transport.openresty.http.

local core = require "webpubsub.core"
local http = require "webpubsub.transport.openresty.http"
local routes = require "webpubsub.transport.openresty.route"

local connection = {}
connection.__index = connection

--- Gives the next operation what is left until the deadline. true | nil, "timeout".
local function arm(self)
  local left = self.deadline - core.monotonic()
  if left <= 0 then
    return nil, "timeout"
  end
  local ms = math.ceil(left * 1000)
  self.socket:settimeouts(ms, ms, ms)
  return true
end

function connection:receive(most)
  local ok, why = arm(self)
  if not ok then
    return nil, why
  end
  return self.socket:receiveany(most)
end

--- true | nil, why.
function connection:send(bytes)
  local ok, why = arm(self)
  if not ok then
    return nil, why
  end
  local sent
  sent, why = self.socket:send(bytes)
  if not sent then
    return nil, why
  end
  return true
end

--- Back into the pool; a connection that cannot go there is closed by nginx.
function connection:keep(settings)
  self.socket:setkeepalive(settings.keepalive_timeout * 1000, settings.pool_size)
end

function connection:close()
  self.socket:close()
end

--- What nginx says while connecting → code, sentence.
local function connect_failure(why, peer)
  if why == "timeout" then
    return "timeout", "no connection in time to " .. peer
  elseif why:find("no resolver defined", 1, true) then
    return "resolve_failed",
      "nginx has no resolver for the name of "
        .. peer
        .. "; put a directive like `resolver 127.0.0.53;`, with the address of your DNS server, into the http block"
  elseif why:find("could not be resolved", 1, true) or why:find("failed to parse host name", 1, true) then
    return "resolve_failed", "could not resolve the name of " .. peer
  end
  return "connect_failed", ("could not connect to %s (%s)"):format(peer, why)
end

local function tls_failure(why, peer)
  if why == "timeout" then
    return "timeout", "no TLS connection in time to " .. peer
  end
  local hint = ""
  if why:find("unable to get local issuer certificate", 1, true) or why:find "self[- ]signed certificate" then
    hint = "; the directives lua_ssl_trusted_certificate and lua_ssl_verify_depth say whom nginx trusts"
  end
  return "tls_failed", ("no trusted TLS connection to %s (%s)%s"):format(peer, why, hint)
end

--- Asks the proxy for a tunnel (RFC 9110, 9.3.6). true | nil, code, sentence.
local function open_tunnel(self, route)
  local ask = { method = "CONNECT", headers = {} }
  local ok, why = self:send(http.bytes(ask, route.peer, route.peer, route.proxy.header))
  if not ok then
    return nil, connect_failure(why, "the proxy for " .. route.peer)
  end
  local answer, code = http.receive(self, "CONNECT", 65536)
  if not answer then
    return nil, code == "timeout" and code or "connect_failed", "the proxy gave no connection to " .. route.peer
  elseif answer.status < 200 or answer.status > 299 then
    return nil, "connect_failed", ("the proxy gave no connection to %s (status %d)"):format(route.peer, answer.status)
  end
  return true
end

--- true | nil, code, sentence.
local function open_tls(self, route, verify)
  local ok, why = arm(self)
  if ok then
    ok, why = self.socket:sslhandshake(false, route.server_name, verify)
  end
  if not ok then
    return nil, tls_failure(why, route.peer)
  end
  return true
end

--- A name look-up has nginx's resolver_timeout and no other, so what is left is waited for beside it. true | nil, why.
local function connect_by_name(self, address, port, options)
  local left = self.deadline - core.monotonic()
  local attempt = ngx.thread.spawn(function()
    return self.socket:connect(address, port, options)
  end)
  local alarm = ngx.thread.spawn(function()
    ngx.sleep(left)
    return nil, "timeout"
  end)
  local _, ok, why = ngx.thread.wait(attempt, alarm)
  ngx.thread.kill(attempt)
  ngx.thread.kill(alarm)
  return ok, why
end

--- true | nil, why.
local function connect(self, address, port, options)
  local ok, why = arm(self)
  if not ok then
    return nil, why
  elseif routes.is_name(address) then
    return connect_by_name(self, address, port, options)
  end
  return self.socket:connect(address, port, options)
end

--- true | nil, code, sentence.
local function establish(self, route, settings)
  local hop = route.proxy or route
  local name = route.proxy and ("the proxy " .. hop.host .. ":" .. hop.port) or route.peer
  local ok, why = connect(self, hop.address, hop.port, { pool = route.pool, pool_size = settings.pool_size })
  if not ok then
    return nil, connect_failure(why, name)
  end
  self.reused = self.socket:getreusedtimes() > 0
  local code, sentence
  if route.proxy and route.scheme == "https" and not self.reused then
    ok, code, sentence = open_tunnel(self, route)
  end
  if ok and route.scheme == "https" and not self.reused then
    ok, code, sentence = open_tls(self, route, settings.verify)
  end
  return ok, code, sentence
end

--- open(route, settings, deadline) → connection | nil, code, sentence. connection.reused: did it come from the pool?
function connection.open(route, settings, deadline)
  local self = setmetatable({ socket = ngx.socket.tcp() }, connection)
  self.deadline = math.min(deadline, core.monotonic() + settings.connect_timeout)
  local ok, code, sentence = establish(self, route, settings)
  if not ok then
    self:close()
    return nil, code, sentence
  end
  self.deadline = deadline
  return self
end

return connection
