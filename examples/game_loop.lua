-- A game loop of 60 frames a second that sends to the local service all the time and never waits for it:
--   script/lua examples/game_loop.lua [SECONDS]

local core = require "webpubsub.core"
local curl = require "webpubsub.curl"
local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"

local frame = 1 / 60
local seconds = tonumber(arg[1]) or 2

local service = assert(emulator.start { port = 0 })
local poller = assert(webpubsub.poller { max_connections = 8 })
local hub = assert(webpubsub.from_connection_string(service.connection_string, "game", { transport = poller }))

local sent, failed, longest = 0, 0, 0

local function tell(tick)
  local ok, err = hub:send_to_group("arena", { tick = tick })
  if ok then
    sent = sent + 1
  else
    failed = failed + 1
    print(err)
  end
end

local function poll()
  local began = core.monotonic()
  local alive = poller:poll(0)
  longest = math.max(longest, core.monotonic() - began)
  return alive
end

local frames = math.floor(seconds / frame)
local start = core.monotonic()
for tick = 1, frames do
  for _ = 1, 4 do
    poller:spawn(tell, tick)
  end
  poll()
  collectgarbage("step", 100) -- the collector works between frames, so that none of its longer steps falls into poll
  curl.sleep(start + tick * frame - core.monotonic()) -- where a game would draw
end
poller:run()

print(("%d frames, %d sent, %d failed, longest poll %.2f ms"):format(frames, sent, failed, longest * 1000))
poller:close()
service:stop()
os.exit(failed == 0 and sent == 4 * frames and 0 or 1)
