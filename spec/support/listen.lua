-- A server in a child of a spec: prints its port as a line, serves each connection in a coroutine, and ends with
-- whoever holds its standard input. listen(serve, print_line, serve_control) never returns. With serve_control there is
-- a second port, printed behind the first.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local function code_of(_, _, code)
  return code
end

--- Serves another port. The port.
local function open(queue, serve)
  local listener = socket.listen { host = "127.0.0.1", port = 0 }
  assert(listener:listen())
  queue:wrap(function()
    for connection in listener:clients() do
      queue:wrap(serve, connection)
    end
  end)
  local _, _, port = listener:localname()
  return port
end

return function(serve, print_line, serve_control)
  local queue = cqueues.new()
  local ports = tostring(open(queue, serve))
  if serve_control then
    ports = ports .. " " .. open(queue, serve_control)
  end
  print_line(ports)
  queue:wrap(function()
    local input = socket.fdopen(0)
    input:onerror(code_of)
    input:read(1)
    os.exit(0)
  end)
  assert(queue:loop())
end
