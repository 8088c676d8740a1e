-- The poller under libuv (package lua-luv): a poll handle watches its descriptor, a timer its deadlines.
--   script/lua examples/luv.lua

local uv = require "luv"

local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"

local service = assert(emulator.start { port = 0 })
local poller = assert(webpubsub.poller())
local hub = assert(webpubsub.from_connection_string(service.connection_string, "chat", { transport = poller }))

local watcher, timer = uv.new_poll(poller:fd()), uv.new_timer()
local frames, sent = 0, 0

--- Polls, and asks for the next call. Both need it: after each spawn too.
local function drive()
  poller:poll(0)
  local seconds = poller:timeout()
  timer:stop()
  if seconds then
    timer:start(math.ceil(seconds * 1000), 0, drive)
  end
end

watcher:start("r", drive)

local function send_ten()
  for i = 1, 10 do
    assert(hub:send_to_all { number = i })
    sent = sent + 1
    poller:sleep(0.02)
  end
end

for _ = 1, 3 do
  poller:spawn(send_ten)
end
drive()

local ticker = uv.new_timer()
ticker:start(0, 16, function()
  frames = frames + 1
  if poller:counts().tasks == 0 then
    watcher:stop()
    timer:stop()
    ticker:stop()
  end
end)
uv.run()

print(("%d sent while %d frames of another timer ran"):format(sent, frames))
poller:close()
service:stop()
os.exit(sent == 30 and 0 or 1)
