-- The poller under copas (package lua-copas, LuaJIT or Lua 5.1): one copas thread drives it, tasks send.
-- copas waits for objects with getfd, and for one object of a descriptor only; so the driver alone waits for it.
--   LUA=luajit script/lua examples/copas.lua

local copas = require "copas"

local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"

local frame = 0.016

local service = assert(emulator.start { port = 0 })
local poller = assert(webpubsub.poller())
local hub = assert(webpubsub.from_connection_string(service.connection_string, "chat", { transport = poller }))

--- Receiving says "timeout" until copas has selected the descriptor once.
local function watch(fd)
  local selected = false
  return {
    getfd = function()
      return fd
    end,
    receive = function()
      if selected then
        return ""
      end
      selected = true
      return nil, "timeout"
    end,
    close = function() end, -- copas closes what a finished thread waited for last
  }
end

local sent, frames = 0, 0
for _ = 1, 3 do
  poller:spawn(function()
    for i = 1, 10 do
      assert(hub:send_to_all { number = i })
      sent = sent + 1
    end
  end)
end

copas.addthread(function()
  while poller:poll(0) > 0 do
    copas.receive(watch(poller:fd()))
  end
end)

-- copas 1.1.7 has no timers: the frames see to the poller's deadlines.
local deadline = core.monotonic() + 30
while poller:poll(0) > 0 and core.monotonic() < deadline do
  copas.step(math.min(frame, poller:timeout() or frame))
  frames = frames + 1
end
print(("%d sent in %d steps of copas"):format(sent, frames))
poller:close()
service:stop()
os.exit(sent == 30 and 0 or 1)
