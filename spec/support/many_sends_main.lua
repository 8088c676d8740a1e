-- The child of poller_memory_spec: 200,000 sends by one poller, 32 at once. Prints its resident memory in KB after
-- 20,000 of them and at the end. Usage: many_sends_main.lua ENDPOINT

local resident = require "spec.support.resident"
local webpubsub = require "webpubsub"

local poller = assert(webpubsub.poller { max_connections = 32 })
local hub = assert(webpubsub.client {
  endpoint = arg[1],
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
  transport = poller,
})

local sent = 0

local function send_until(last)
  local function sender()
    while sent < last do
      sent = sent + 1
      assert(hub:send_to_all { number = sent })
    end
  end
  for _ = 1, 32 do
    poller:spawn(sender)
  end
  poller:run()
  collectgarbage()
  return resident()
end

print(send_until(20000), send_until(200000))
