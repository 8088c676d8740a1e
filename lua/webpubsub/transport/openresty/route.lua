--- A URL and the transport's settings → where to connect, and what to say there. Values only.

local core = require "webpubsub.core"

local route = {}

local default_ports = { http = 80, https = 443 }

--- scheme, user information or nil, host (an IPv6 one in brackets), port, the rest | nil.
local function split(url)
  local scheme, authority, rest = url:match "^(https?)://([^/?#]+)(.*)$"
  if not scheme then
    return nil
  end
  local user, place = authority:match "^(.*)@(.-)$"
  place = place or authority
  local host = place:match "^%b[]" or place:match "^[^:]+"
  local port = host and place:sub(#host + 1)
  if not host or not (port == "" or port:find "^:%d+$") then
    return nil
  end
  return scheme, user, host, port == "" and default_ports[scheme] or tonumber(port:sub(2)), rest
end

--- nginx's resolver asks no hosts file, and asks for no resolver where there is no name.
local function address_of(host)
  return host:lower() == "localhost" and "127.0.0.1" or host
end

--- Must the address be looked up?
function route.is_name(address)
  return not (address:find "^%[" or address:find "^%d+%.%d+%.%d+%.%d+$")
end

--- A proxy's URL → { host, port, address, header } | nil, sentence. header: Proxy-Authorization's line, or "".
function route.proxy(url)
  local scheme, user, host, port = split(url)
  if scheme ~= "http" then
    return nil, "inside nginx, proxy must be a URL that begins with http://"
  end
  local header = ""
  if user then
    local plain = core.percent_decode(user)
    if not plain then
      return nil, "the user information of the proxy cannot be read"
    end
    header = "Proxy-Authorization: Basic " .. core.base64_encode(plain) .. "\r\n"
  end
  return { host = host, port = port, address = address_of(host), header = header }
end

--- Everything that makes two connections different. A proxy is told apart by its header too, since a tunnel was opened
-- with it.
local function pool_name(self, proxy, verify)
  local parts = { "webpubsub", self.scheme, self.host, self.port, self.server_name, tostring(verify) }
  if proxy then
    parts[#parts + 1] = proxy.host .. ":" .. proxy.port .. ":" .. proxy.header
  end
  return table.concat(parts, "|")
end

--- of(url, proxy or nil, verify) → { scheme, host, port, host_header, server_name, peer, target, proxy, pool } | nil.
-- peer is what messages name; proxy is the one to connect to.
function route.of(url, proxy, verify)
  local scheme, _, host, port, rest = split(url)
  if not scheme then
    return nil
  end
  rest = rest:gsub("#.*$", "")
  local self = {
    scheme = scheme,
    host = host,
    port = port,
    address = address_of(host),
    host_header = port == default_ports[scheme] and host or (host .. ":" .. port),
    server_name = host:gsub("^%[", ""):gsub("%]$", ""),
    peer = host .. ":" .. port,
    target = rest:sub(1, 1) == "/" and rest or ("/" .. rest),
    proxy = proxy,
  }
  self.pool = pool_name(self, proxy, verify)
  if proxy and scheme == "http" then
    self.target = "http://" .. self.host_header .. self.target -- absolute-form (RFC 9112, 3.2.2)
  end
  return self
end

return route
