-- Many WebSocket clients of the local service in one hub, and broadcasts to all of them.   LUA=luajit script/lua
-- bench/crowd.lua CLIENTS BROADCASTS Prints: messages that came complete and in order, resident kB of the service for
-- each idle client, deliveries a second. Needs a limit of open files above the number of clients (ulimit -n).

local core = require "webpubsub.core"
local cqueues = require "cqueues"
local emulator_module = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"
local resident = require "spec.support.resident"
local sockets = require "cqueues.socket"
local webpubsub = require "webpubsub"

local clients, broadcasts = tonumber(arg[1]), tonumber(arg[2])
local seconds = 120

local emulator = assert(emulator_module.start { port = 0, log_level = "error" })
local hub = assert(webpubsub.from_connection_string(emulator.connection_string, "crowd"))

local access = assert(hub:get_client_access_token())
local request = peer.upgrade(emulator, access.url)

local function open()
  local socket = sockets.connect("127.0.0.1", emulator.port)
  socket:setmode("b", "b")
  socket:settimeout(seconds)
  socket:xwrite(request, "bn")
  local line = socket:xread "*L"
  assert(line and line:find "^HTTP/1.1 101 ", line)
  repeat
    line = socket:xread "*L"
  until line == "\r\n"
  return socket
end

-- A server's frame of fewer than 126 bytes (RFC 6455 section 5.2).
local function read_text(socket)
  local head = socket:xread(2)
  assert(head and #head == 2 and head:byte(1) == 0x81, "a text frame was expected")
  return socket:xread(head:byte(2))
end

local good = 0

local function listen(socket)
  for index = 1, broadcasts do
    local text = read_text(socket)
    if text ~= "message " .. index then
      error(("message %d was expected and %s came"):format(index, tostring(text)))
    end
    good = good + 1
  end
end

local loop = cqueues.new()
local list = {}
local before = resident(emulator.child:id())
loop:wrap(function()
  for index = 1, clients do
    list[index] = open()
  end
end)
assert(loop:loop())
local each = (resident(emulator.child:id()) - before) / clients

for _, socket in ipairs(list) do
  loop:wrap(listen, socket)
end
local started = core.monotonic()
for index = 1, broadcasts do
  assert(hub:send_to_all("message " .. index, { content_type = "text/plain" }))
  assert(loop:step(0))
end
assert(loop:loop())
local spent = core.monotonic() - started
print(("%d %.1f %.0f"):format(good, each, good / spent))
for _, socket in ipairs(list) do
  socket:close()
end
emulator:stop()
