--- Listening sockets of the emulator.

local ce = require "cqueues.errno"
local sockets = require "cqueues.socket"

local listeners = {}

local any_port_tries = 20

local function return_error(_, _, why)
  return why
end

local function bind(host, port)
  local socket = sockets.listen { host = host, port = port, reuseaddr = true, v6only = host:find ":" ~= nil }
  socket:onerror(return_error)
  local ok, why = socket:listen()
  if not ok then
    socket:close()
    return nil, why
  end
  return socket
end

local function port_of(socket)
  local _, _, port = socket:localname()
  return port
end

local function sentence(host, port, why)
  if why == ce.EADDRINUSE then
    return ("The port %d on %s is taken by another program; choose one with --port."):format(port, host)
  elseif why == ce.EACCES then
    return ("This user may not listen on port %d of %s."):format(port, host)
  end
  return ("Cannot listen on %s port %d: %s."):format(host, port, ce.strerror(why))
end

-- The loopback addresses of both families on one port; a machine without IPv6 has only the first.
local function bind_loopback(port)
  local first, why = bind("127.0.0.1", port)
  if not first then
    return nil, "127.0.0.1", why
  end
  local second, missing = bind("::1", port_of(first))
  if second then
    return { first, second }
  elseif missing == ce.EADDRINUSE then
    first:close()
    return nil, "::1", missing
  end
  return { first }
end

local function bind_all(host, port)
  if host then
    local socket, why = bind(host, port)
    return socket and { socket } or nil, host, why
  end
  return bind_loopback(port)
end

--- Listening sockets and their port, or nil and a sentence. host nil: 127.0.0.1 and, where there is IPv6, ::1. Port
-- 0: a free one.
function listeners.open(host, port)
  local list, failed_host, why
  for _ = 1, port == 0 and any_port_tries or 1 do
    list, failed_host, why = bind_all(host, port)
    if list then
      return list, port_of(list[1])
    elseif why ~= ce.EADDRINUSE then
      break
    end
  end
  return nil, sentence(failed_host, port, why)
end

return listeners
