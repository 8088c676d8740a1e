-- COUNT sends started at once on the poller, again and again. Prints microseconds of processor time and of time for
-- each, and the resident memory in KB after the first burst and after ten more.
-- Usage: flat.lua ENDPOINT COUNT

local core = require "webpubsub.core"
local resident = require "spec.support.resident"
local webpubsub = require "webpubsub"

local endpoint, count = arg[1], tonumber(arg[2])
local poller = assert(webpubsub.poller())
local hub = assert(webpubsub.client {
  endpoint = endpoint,
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
  transport = poller,
})

local function send_one()
  assert(hub:send_to_all { from = "user1", data = "Hello world" })
end

local function burst(size)
  for _ = 1, size do
    poller:spawn(send_one)
  end
  poller:run()
end

local function resident_after_collection()
  collectgarbage()
  collectgarbage()
  return resident()
end

burst(100)
burst(count)
local before = resident_after_collection()
local bursts = 10
local work, began = os.clock(), core.monotonic()
for _ = 1, bursts do
  burst(count)
end
local worked, took = os.clock() - work, core.monotonic() - began
local each = 1e6 / (bursts * count)
print(("%.2f %.2f %d %d"):format(worked * each, took * each, before, resident_after_collection()))
