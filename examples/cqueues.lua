-- The poller under cqueues (package lua-cqueues): client methods wait in the coroutines that cqueues runs, by the
-- option wait.  script/lua examples/cqueues.lua

local cqueues = require "cqueues"

local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"

local function wait(fd, seconds)
  cqueues.poll({ pollfd = fd, events = "r" }, seconds)
end

local service = assert(emulator.start { port = 0 })
local poller = assert(webpubsub.poller { wait = wait })
local hub = assert(webpubsub.from_connection_string(service.connection_string, "chat", { transport = poller }))

local queue = cqueues.new()
local frames, sent, senders = 0, 0, 3

for _ = 1, senders do
  queue:wrap(function()
    for i = 1, 10 do
      assert(hub:send_to_all { number = i })
      sent = sent + 1
      cqueues.sleep(0.02)
    end
    senders = senders - 1
  end)
end

queue:wrap(function()
  while senders > 0 do
    frames = frames + 1
    cqueues.sleep(0.016)
  end
end)

assert(queue:loop())
print(("%d sent while %d frames of another coroutine ran"):format(sent, frames))
poller:close()
service:stop()
os.exit(sent == 30 and 0 or 1)
