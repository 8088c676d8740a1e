-- Sends of the same message by the poller, WIDTH in flight. Prints microseconds per request.
-- Usage: send_many.lua ENDPOINT COUNT WIDTH

local core = require "webpubsub.core"
local webpubsub = require "webpubsub"

local endpoint, count, width = arg[1], tonumber(arg[2]), tonumber(arg[3])
local poller = assert(webpubsub.poller { max_connections = width })
local hub = assert(webpubsub.client {
  endpoint = endpoint,
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
  transport = poller,
})

local left = count

local function sender()
  while left > 0 do
    left = left - 1
    assert(hub:send_to_all { from = "user1", data = "Hello world" })
  end
end

local began = core.monotonic()
for _ = 1, width do
  poller:spawn(sender)
end
poller:run()
print(("%.3f"):format((core.monotonic() - began) / count * 1e6))
