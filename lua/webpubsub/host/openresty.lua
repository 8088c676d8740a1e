--- Is this code running inside nginx, and what may be done in the phase it runs in?
-- nginx links an OpenSSL of its own, and a second one in the process crashes it. So whatever picks a part that brings
-- libcrypto or libcurl along asks here first.

local openresty = {}

--- Are we inside nginx with its Lua module? (The table is there in every phase, init included.)
openresty.inside = type(ngx) == "table" and type(ngx.config) == "table" and ngx.config.ngx_lua_version ~= nil

--- Phases in which a cosocket may be opened and `ngx.sleep` may wait.
local yielding = {
  rewrite = true,
  server_rewrite = true,
  access = true,
  content = true,
  timer = true,
  preread = true,
  ssl_cert = true,
  ssl_session_fetch = true,
  ssl_client_hello = true,
}

--- true | nil, sentence that names the phase and the way out.
function openresty.check_yielding()
  local phase = ngx.get_phase()
  if yielding[phase] then
    return true
  end
  local way_out = "send from a timer (ngx.timer.at) or enqueue with webpubsub.outbox"
  return nil, ("nginx allows no sockets in the phase %s; %s"):format(phase, way_out)
end

return openresty
