-- A WebSocket client in a child process (lua-http's, not ours), for specs on every Lua.

local child = require "spec.support.child"
local core = require "webpubsub.core"

local websocket = {}
websocket.__index = websocket

--- connect(url, subprotocol or nil) → client, after the handshake.
function websocket.connect(url, subprotocol)
  local self = setmetatable({ child = child.start("examples/receiver.lua", url, subprotocol) }, websocket)
  local answer = self.child:line()
  if answer ~= "open" then
    self.child:stop()
    error("no WebSocket: " .. answer, 2)
  end
  return self
end

--- The next message: its opcode ("text" or "binary") and its bytes.
function websocket:receive(seconds)
  local opcode, encoded = self.child:line(seconds):match "^(%a+) (%S*)$"
  return opcode, core.base64_decode(encoded)
end

--- Everything that arrives within the seconds, for showing that something does not.
function websocket:drain(seconds)
  return self.child:lines_within(seconds)
end

function websocket:close()
  self.child:stop()
end

return websocket
