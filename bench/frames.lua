-- A game loop of 60 frames a second with OUTSTANDING sends under way to an endpoint that answers late.
-- Prints in milliseconds the longest poll, its 99.9th and 50th percentile and the most processor time of one (the rest
-- is other programs), and sends per second.
-- Usage: frames.lua ENDPOINT OUTSTANDING SECONDS

local core = require "webpubsub.core"
local curl = require "webpubsub.curl"
local webpubsub = require "webpubsub"

local endpoint, outstanding, seconds = arg[1], tonumber(arg[2]), tonumber(arg[3])
local frame = 1 / 60
local poller = assert(webpubsub.poller())
local hub = assert(webpubsub.client {
  endpoint = endpoint,
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
  transport = poller,
})

local sent, running = 0, true

local function sender()
  while running do
    assert(hub:send_to_all { from = "user1", data = "Hello world" })
    sent = sent + 1
  end
end

for _ = 1, outstanding do
  poller:spawn(sender)
end

local times, most_work, start = {}, 0, core.monotonic()
for tick = 1, math.floor(seconds / frame) do
  local began, worked = core.monotonic(), os.clock()
  poller:poll(0)
  times[tick] = core.monotonic() - began
  most_work = math.max(most_work, os.clock() - worked)
  curl.sleep(start + tick * frame - core.monotonic())
end
running = false
local elapsed = core.monotonic() - start
poller:close()

table.sort(times)
local function percentile(part)
  return times[math.max(1, math.ceil(#times * part))] * 1000
end
print(
  ("%.3f %.3f %.3f %.3f %.0f"):format(
    times[#times] * 1000,
    percentile(0.999),
    percentile(0.5),
    most_work * 1000,
    sent / elapsed
  )
)
