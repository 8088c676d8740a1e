-- A proxy that opens tunnels and nothing else, as a child process. Prints its port, then each CONNECT line and the
-- Proxy-Authorization that came with it.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local queue = cqueues.new()
local listener = socket.listen { host = "127.0.0.1", port = 0 }
assert(listener:listen())

local function print_line(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

local function quiet(connection)
  connection:setmode("b", "bn")
  connection:onerror(function(_, _, code)
    return code
  end)
  return connection
end

local function pump(from, to)
  for bytes in
    function()
      return from:read(-16384)
    end
  do
    to:write(bytes)
    to:flush()
  end
  to:shutdown "w"
end

local function serve(client)
  local line, authorization = client:read "*l", "none"
  for header in client:lines "*l" do
    header = header:gsub("\r$", "")
    if header == "" then
      break
    end
    authorization = header:match "^Proxy%-Authorization: (.*)$" or authorization
  end
  print_line(line:gsub("\r$", "") .. " " .. authorization)
  -- Whatever the name is, the port is one of this machine.
  local upstream = quiet(socket.connect { host = "127.0.0.1", port = tonumber(line:match ":(%d+) ") })
  assert(upstream:connect())
  client:write "HTTP/1.1 200 Connection established\r\n\r\n"
  queue:wrap(pump, client, upstream)
  pump(upstream, client)
end

queue:wrap(function()
  local _, _, port = listener:localname()
  print_line(tostring(port))
  for client in listener:clients() do
    queue:wrap(serve, quiet(client))
  end
end)

assert(queue:loop())
