-- Sequential sends of the same message by the client. Prints microseconds per request.
-- Usage: send.lua ENDPOINT COUNT

local core = require "webpubsub.core"
local webpubsub = require "webpubsub"

local endpoint, count = arg[1], tonumber(arg[2])
local hub = assert(webpubsub.client {
  endpoint = endpoint,
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
})

assert(hub:send_to_all { from = "user1", data = "Hello world" })
local began = core.monotonic()
for _ = 1, count do
  assert(hub:send_to_all { from = "user1", data = "Hello world" })
end
print(("%.3f"):format((core.monotonic() - began) / count * 1e6))
