-- The child of slow_names_spec: sends to a name that resolves slowly, in frames of 10 ms of the loop that is named.
-- Prints what the frames saw: the longest time between two of them, of a poll, a cancel and a close, in milliseconds.

local core = require "webpubsub.core"
local curl = require "webpubsub.curl"
local webpubsub = require "webpubsub"

local frame_seconds, frames = 0.01, 60
local poller = assert(webpubsub.poller())
local hub = assert(webpubsub.client {
  endpoint = "http://slow.test",
  hub = "chat",
  credential = "k",
  transport = poller,
  proxy = false,
})

local longest = {}

local function measure(what, f, ...)
  local began = core.monotonic()
  local result = f(...)
  longest[what] = math.max(longest[what] or 0, (core.monotonic() - began) * 1000)
  return result
end

local timed_out
poller:spawn(function()
  local _, err = hub:send_to_all("x", { timeout = 0.2 })
  timed_out = err.code .. " " .. err.outcome
end)
local cancelled = poller:spawn(hub.send_to_all, hub, "y")
poller:spawn(hub.send_to_all, hub, "z")

local count, last = 0, core.monotonic()

--- Whether there is another frame.
local function frame()
  local now = core.monotonic()
  longest.frame = math.max(longest.frame or 0, (now - last) * 1000)
  last = now
  measure("poll", poller.poll, poller, 0)
  count = count + 1
  if count == 10 then
    assert(measure("cancel", cancelled.cancel, cancelled) == "not_sent")
  end
  return count < frames
end

local loops = {}

function loops.plain()
  while frame() do
    curl.sleep(frame_seconds)
  end
end

function loops.luv()
  local uv = require "luv"
  local timer = uv.new_timer()
  timer:start(0, frame_seconds * 1000, function()
    if not frame() then
      timer:stop()
    end
  end)
  uv.run()
end

function loops.cqueues()
  local cqueues = require "cqueues"
  local queue = cqueues.new()
  queue:wrap(function()
    while frame() do
      cqueues.sleep(frame_seconds)
    end
  end)
  assert(queue:loop())
end

function loops.copas()
  local copas = require "copas"
  while frame() do
    copas.step(frame_seconds)
  end
end

loops[arg[1]]()
measure("close", poller.close, poller)
print(
  ("%s frame=%.0f poll=%.0f cancel=%.0f close=%.0f"):format(
    tostring(timed_out),
    longest.frame,
    longest.poll,
    longest.cancel,
    longest.close
  )
)
