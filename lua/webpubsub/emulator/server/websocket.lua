--- One WebSocket client: frames in, messages out of it, a bounded queue of frames back.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"
local ffi = require "ffi"
local bit = require "bit"
local frame = require "webpubsub.emulator.frame"
local outbox = require "webpubsub.emulator.outbox"
local rules = require "webpubsub.emulator.rules"

local websocket = {}
websocket.__index = websocket

local write_budget = 65536
local write_seconds = 30 -- for one budget; who takes longer is a slow client
local close_seconds = 2 -- for the close frame to go out and the other side's to come
local payload_seconds = 30 -- for the rest of a frame whose beginning has come
local messages_per_turn = 32

--- `socket`: a stream. `on_message(client, message)` and `on_end(client)` are called from the reading coroutine.
-- `limits`: `queue_bytes`, `queue_messages`, and in seconds `ping_interval` and `silence_timeout`.
function websocket.new(socket, limits, on_message, on_end)
  return setmetatable({
    stream = socket,
    on_message = on_message,
    on_end = on_end,
    limits = limits,
    outbox = outbox.new(limits.queue_bytes, limits.queue_messages),
    wake = condition.new(),
    finished = false,
    writing = true,
    reading = true,
  }, websocket)
end

--- Queues a frame; one with `expires` (monotonic seconds) is dropped when it is due later. false when the queue is
-- full: the caller decides how the client hears of it.
function websocket:push(bytes, expires)
  if self.finished then
    return true
  elseif not self.outbox:push(bytes, expires) then
    return false
  end
  self.wake:signal()
  return true
end

--- Queues the close frame behind what is queued already; nothing more is accepted.
function websocket:finish(code, reason)
  if not self.finished then
    self.outbox:push(frame.close(code, reason))
    self.finished, self.deadline = true, cqueues.monotime() + close_seconds
    self.wake:signal()
  end
end

--- Forgets what is queued, to make room for a last word to a client that does not keep up.
function websocket:forget()
  self.outbox:clear()
end

--- Ends at once and without a word: the client has another connection already.
function websocket:abandon()
  self.outbox:clear()
  self.finished, self.deadline, self.heard_close = true, cqueues.monotime(), true
  self.stream:shutdown()
  self.wake:signal()
end

local function write_all(self)
  local function abandon()
    return self.finished and cqueues.monotime() >= self.deadline
  end
  while true do
    local bytes = self.outbox:take(cqueues.monotime(), write_budget)
    if bytes and not self.stream:write(bytes, write_seconds, abandon) then
      return
    elseif not bytes and self.finished then
      return
    elseif not bytes then
      cqueues.poll(self.wake)
    end
  end
end

-- The writer is the one that ends the connection: the reader may sit in a read until the socket is shut down.
local function write_loop(self)
  write_all(self)
  while self.reading and self.deadline and cqueues.monotime() < self.deadline do
    cqueues.poll(self.wake, self.deadline - cqueues.monotime())
  end
  self.stream:shutdown()
  self.writing = false
  self.wake:signal()
end

-- RFC 6455 section 5.3. `key` is four bytes, the payload is masked from its first byte on.
local function unmask(payload, key)
  local size = #payload
  local bytes = ffi.new("uint8_t[?]", size)
  ffi.copy(bytes, payload, size)
  local mask = ffi.new("uint8_t[4]", { key:byte(1, 4) })
  for index = 0, size - 1 do
    bytes[index] = bit.bxor(bytes[index], mask[bit.band(index, 3)])
  end
  return ffi.string(bytes, size)
end

-- The first two bytes of the next frame. A silent client is pinged, and given up when it stays silent.
local function wait_for_frame(self)
  local silent, interval = 0, self.limits.ping_interval
  while silent < self.limits.silence_timeout do
    local two, why = self.stream:read(2, interval)
    if two or why ~= "timeout" then
      return two
    end
    silent = silent + interval
    self:push(frame.build("ping", ""))
  end
  self.silent = true
  return nil
end

local function read_payload(self, length)
  local key = self.stream:read(4, payload_seconds)
  local payload = key and self.stream:read(length, payload_seconds)
  return payload and unmask(payload, key)
end

local function length_of(self, start)
  if start.length then
    return start.length
  end
  local extra = self.stream:read(start.extra, payload_seconds)
  return extra and frame.length(extra)
end

-- A frame and its payload; nil at the end of the connection; false, a close code and a sentence for a violation.
local function read_frame(self, parts)
  local two = wait_for_frame(self)
  if not two then
    return nil
  end
  local start, code, why = frame.start(two)
  if not start then
    return false, code, why
  end
  local length = length_of(self, start)
  if not length then
    return nil
  elseif start.opcode == "text" or start.opcode == "binary" or start.opcode == "continuation" then
    local ok, bad_code, problem = parts:admits(start, length)
    if not ok then
      return false, bad_code, problem
    end
  end
  local payload = read_payload(self, length)
  return payload and start, payload
end

local controls = {}

-- RFC 6455 section 5.5.1: a close frame is answered with its code, then the connection ends.
function controls.close(self, payload)
  self:finish(frame.close_answer(payload), "")
  self.heard_close = true
  return true
end

function controls.ping(self, payload)
  if not self:push(frame.build("pong", payload)) then
    self:finish(1008, "")
  end
end

function controls.pong() end

local function on_data(self, parts, start, payload)
  local message, code, why = parts:add(start, payload)
  if message == nil then
    self:finish(code, why)
  elseif message and not self.finished then
    self.on_message(self, message)
  end
end

local function read_loop(self)
  local parts, turn = frame.assembler(rules.message_bytes), 0
  while true do
    local start, payload, why = read_frame(self, parts)
    if start == nil then
      return
    elseif start == false then
      self:finish(payload, why)
      return
    elseif controls[start.opcode] then
      if controls[start.opcode](self, payload) then
        return
      end
    else
      on_data(self, parts, start, payload)
    end
    turn = turn + 1
    if turn % messages_per_turn == 0 then
      cqueues.sleep(0) -- a client that never stops sending leaves the others their turn
    end
  end
end

-- After a violation bytes may still be under way; they are read so that the close frame is not lost to a reset.
local function linger(self)
  if self.writing and not self.heard_close then
    self.stream:drain(4 * rules.message_bytes, math.max(0, self.deadline - cqueues.monotime()))
  end
end

--- Runs the client until the connection is over. `protected(call, …)` runs a call and answers whether it went well.
function websocket:run(controller, protected)
  controller:wrap(function()
    if not protected(write_loop, self) then
      self.writing = false
      self.wake:signal()
    end
  end)
  if not protected(read_loop, self) then
    self:finish(1011, "")
  end
  self.on_end(self)
  if not self.finished then
    self.outbox:clear() -- the other side has gone without a close frame
    self.finished, self.deadline = true, cqueues.monotime()
  end
  self.wake:signal()
  protected(linger, self)
  self.reading = false
  self.wake:signal()
  while self.writing do
    cqueues.poll(self.wake)
  end
  self.stream:close()
end

return websocket
