-- WebSocket clients for the demo: each is a child process with lua-http's WebSocket client, which prints what it
-- receives.

local core = require "webpubsub.core"
local process = require "webpubsub.process"

local receivers = {}
local receiver = {}
receiver.__index = receiver

local seconds_to_wait = 10

--- The next line that the child prints.
local function read_line(self)
  local deadline = core.monotonic() + seconds_to_wait
  while true do
    local line, rest = self.pending:match "^([^\n]*)\n(.*)$"
    if line then
      self.pending = rest
      return line
    end
    local bytes, why = self.child:read(math.max(0, deadline - core.monotonic()))
    assert(bytes, self.name .. " received nothing: " .. tostring(why))
    self.pending = self.pending .. bytes
  end
end

--- The next message: its bytes and its kind, "text" or "binary".
function receiver:receive()
  local kind, encoded = read_line(self):match "^(%a+) (%S*)$"
  return core.base64_decode(encoded), kind
end

local function readable(bytes, kind)
  if kind == "binary" then
    bytes = bytes:gsub(".", function(byte)
      return ("%02x "):format(byte:byte())
    end)
  end
  return ("%-6s  %s"):format(kind, bytes)
end

--- The messages, readable, up to the one that holds the fence's text.
function receiver:receive_until(fence)
  local messages = {}
  while true do
    local bytes, kind = self:receive()
    if bytes:find(fence, 1, true) then
      return messages
    end
    messages[#messages + 1] = readable(bytes, kind)
  end
end

function receiver:close()
  self.child:close()
end

--- Connects with an access token (of get_client_access_token) and waits for the handshake.
function receivers.connect(name, access, subprotocol)
  local command = { "luajit", "examples/receiver.lua", access.url, subprotocol }
  local self = setmetatable({ name = name, pending = "" }, receiver)
  self.child = assert(process.start(command, {
    capture_output = true,
    environment = { "LUA_PATH=lua/?.lua;lua/?/init.lua;;", "LUA_CPATH=build/luajit/?.so;;" },
  }))
  assert(read_line(self) == "open", name .. " could not connect")
  return self
end

return receivers
