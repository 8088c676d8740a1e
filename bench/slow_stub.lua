-- Answers 202 to everything after SECONDS, many at once. Prints its port. Usage (LuaJIT): slow_stub.lua SECONDS

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local delay = tonumber(arg[1])

local function read_request(connection)
  local length = 0
  for line in connection:lines "*l" do
    if line == "" or line == "\r" then
      return length == 0 or connection:read(length)
    end
    length = tonumber(line:lower():match "^content%-length: *(%d+)") or length
  end
end

local function serve(connection)
  connection:setmode("b", "bf")
  connection:onerror(function(_, _, code)
    return code
  end)
  while read_request(connection) do
    cqueues.sleep(delay)
    connection:write "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    connection:flush()
  end
  connection:close()
end

local queue = cqueues.new()
local listener = socket.listen { host = "127.0.0.1", port = 0 }
assert(listener:listen())
queue:wrap(function()
  local _, _, port = listener:localname()
  print(port)
  io.stdout:flush()
  for connection in listener:clients() do
    queue:wrap(serve, connection)
  end
end)
assert(queue:loop())
