-- 60 frames a second with OUTSTANDING sends under way to an endpoint that answers late. HOST gives the frames: "plain"
-- (a loop of its own), "collecting" (the same, and the collector works between the frames alone), or the timers of
-- "luv", "cqueues" or "copas".
-- Prints in milliseconds the longest poll, its 99.9th and 50th percentile and the most processor time of one (the rest
-- is other programs), and sends per second.
-- "small": the host has told the collector of Lua 5.4 to take small steps. By default it may sweep everything in one.
-- Usage: frames.lua ENDPOINT OUTSTANDING SECONDS HOST [small]

local core = require "webpubsub.core"
local curl = require "webpubsub.curl"
local webpubsub = require "webpubsub"

local endpoint, outstanding, seconds = arg[1], tonumber(arg[2]), tonumber(arg[3])
local frame = 1 / 60
if arg[5] == "small" then
  collectgarbage("incremental", 200, 10, 10)
end
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
local last_tick = math.floor(seconds / frame)

--- Whether there is a next frame.
local function draw()
  local began, worked = core.monotonic(), os.clock()
  poller:poll(0)
  times[#times + 1] = core.monotonic() - began
  most_work = math.max(most_work, os.clock() - worked)
  return #times < last_tick
end

local function until_next()
  return math.max(0, start + #times * frame - core.monotonic())
end

local hosts = {}

function hosts.plain()
  while draw() do
    curl.sleep(until_next())
  end
end

function hosts.collecting()
  collectgarbage "stop"
  while draw() do
    collectgarbage("step", 200)
    collectgarbage "stop" -- a step turns LuaJIT's collector on again
    curl.sleep(until_next())
  end
end

function hosts.luv()
  local uv = require "luv"
  local timer = uv.new_timer()
  timer:start(0, 17, function()
    if not draw() then
      timer:close()
    end
  end)
  uv.run()
end

function hosts.cqueues()
  local cqueues = require "cqueues"
  local queue = cqueues.new()
  queue:wrap(function()
    while draw() do
      cqueues.sleep(until_next())
    end
  end)
  assert(queue:loop())
end

--- copas 1.1.7 has no timers: frames are its steps.
function hosts.copas()
  local copas = require "copas"
  while draw() do
    copas.step(until_next())
  end
end

hosts[arg[4]]()
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
