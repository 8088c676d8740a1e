--- Plain http URLs that never leave this machine: the only ones that may carry a bearer token unencrypted.

local loopback = {}

--- Is it a plain http URL of localhost, ::1 or 127.0.0.0/8? Whatever stands beside host and port makes it another one.
function loopback.is_url(url)
  local authority = url:match "^http://([^/?#]*)"
  local host = authority and (authority:match "^(%b[]):?%d*$" or authority:match "^([^:%[%]@]+):?%d*$")
  return host == "localhost" or host == "[::1]" or (host or ""):find "^127%.%d+%.%d+%.%d+$" ~= nil
end

return loopback
