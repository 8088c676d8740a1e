-- One WebSocket client of the demo. Arguments: URL, subprotocol or nothing. Prints "open", then each message in base64.

local core = require "webpubsub.core"
local cqueues = require "cqueues"
local socket = require "cqueues.socket"
local websocket = require "http.websocket"

local function print_line(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

local queue = cqueues.new()

queue:wrap(function()
  socket.setmaxline(65536)
  local client = websocket.new_from_uri(arg[1], arg[2] and { arg[2] } or nil)
  local ok, why = client:connect(10)
  if not ok then
    print_line("failed: " .. tostring(why))
    os.exit(1)
  end
  print_line "open"
  while true do
    local data, opcode = client:receive()
    if not data then
      print_line("closed " .. core.base64_encode(tostring(opcode)))
      os.exit(0)
    end
    print_line(opcode .. " " .. core.base64_encode(data))
  end
end)

queue:wrap(function()
  local input = socket.fdopen(0)
  input:onerror(function(_, _, code)
    return code
  end)
  input:read(1)
  os.exit(0)
end)

assert(queue:loop())
