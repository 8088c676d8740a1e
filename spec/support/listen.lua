-- A server in a child of a spec: prints its port as a line, serves each connection in a coroutine, and ends with
-- whoever holds its standard input. listen(serve, print_line) never returns.

local cqueues = require "cqueues"
local socket = require "cqueues.socket"

local function code_of(_, _, code)
  return code
end

return function(serve, print_line)
  local queue = cqueues.new()
  local listener = socket.listen { host = "127.0.0.1", port = 0 }
  assert(listener:listen())
  queue:wrap(function()
    local _, _, port = listener:localname()
    print_line(tostring(port))
    for connection in listener:clients() do
      queue:wrap(serve, connection)
    end
  end)
  queue:wrap(function()
    local input = socket.fdopen(0)
    input:onerror(code_of)
    input:read(1)
    os.exit(0)
  end)
  assert(queue:loop())
end
