--- The local service, started as a child process from any Lua.
--
--   local emulator = assert(require("webpubsub.emulator").start())
--   emulator.connection_string
--   emulator:messages { group = "lobby" }; emulator:connections(); emulator:fault "send:503*2"; emulator:reset()
--   emulator:stop()
--
-- The child runs under LuaJIT and ends with this process, whatever way that ends.

local core = require "webpubsub.core"
local luajit = require "webpubsub.emulator.luajit"
local observer = require "webpubsub.emulator.observer"
local options = require "webpubsub.emulator.options"
local remote = require "webpubsub.emulator.remote"

local emulator = {}

local object = {}
for name, value in pairs(observer) do
  object[name] = type(value) == "function" and value or nil
end
object.__index = object

local start_seconds, stop_seconds = 15, 10
local sigterm = 15

local function child_environment(text)
  local environment = luajit.environment()
  environment[#environment + 1] = "WEBPUBSUB_EMULATOR_OPTIONS=" .. text
  return environment
end

local program = [[require("webpubsub.emulator.main").child(os.getenv "WEBPUBSUB_EMULATOR_OPTIONS")]]

local function spawn(text)
  local process = require "webpubsub.process"
  local settings = { environment = child_environment(text), capture_output = true }
  local child, why, errno = process.start({ "luajit", "-e", program }, settings)
  if not child and errno == 2 then -- ENOENT
    return nil, "The emulator runs under LuaJIT, which was not found; the Debian package is luajit2."
  end
  return child, why
end

-- The child's first line, or nil and a sentence.
local function first_line(child)
  local text, deadline = "", core.monotonic() + start_seconds
  while not text:find "\n" do
    local bytes, why = child:read(math.max(0, deadline - core.monotonic()))
    if not bytes then
      local sentence = why == "timeout" and "The emulator did not start within %d seconds."
        or "The emulator ended while it was starting; its standard error may say why."
      return nil, sentence:format(start_seconds)
    end
    text = text .. bytes
  end
  return text:match "^[^\n]*"
end

local function wait_until_ready(child)
  local line, why = first_line(child)
  if not line then
    return nil, nil, why
  end
  local port, endpoint = line:match "^ready (%d+) (%S+)$"
  if not port then
    return nil, nil, line:match "^failed (.*)$" or "The emulator answered with something else than expected."
  end
  return tonumber(port), endpoint
end

-- Where this process reaches the child: an address, so that no name has to be looked up.
local function address_of(host)
  if not host or host == "0.0.0.0" or host == "::" then
    return "127.0.0.1"
  end
  return host:find ":" and "[" .. host .. "]" or host
end

local function to_text(read)
  read.endpoint, read.faults = core.array(read.endpoint), core.array(read.faults)
  return core.json_encode(read)
end

--- Starts a server and answers when it accepts connections: an object with `endpoint`, `connection_string`,
-- `access_key`, `port`, `stop()` and the methods of emulator.observer. nil and a sentence when it cannot start.
-- Options: port (default 0: a free one), host, access_key, endpoint, hub, log_level (default "off"), event_log, faults,
-- hubs (event handlers by hub), and limits and times; docs/emulator.md has them all.
function emulator.start(given)
  local wanted = { log_level = "off", port = 0 }
  for name, value in pairs(given or {}) do
    wanted[name] = value
  end
  local read, bad_option = options.read(wanted)
  if not read then
    return nil, bad_option
  end
  local child, no_child = spawn(to_text(read))
  if not child then
    return nil, no_child
  end
  local port, endpoint, why = wait_until_ready(child)
  if not port then
    child:close()
    return nil, why
  end
  return setmetatable({
    child = child,
    port = port,
    endpoint = endpoint,
    access_key = read.access_key,
    remote = remote.new(("http://%s:%d"):format(address_of(read.host), port), read.access_key),
    connection_string = ("Endpoint=%s;AccessKey=%s;Version=1.0;"):format(endpoint, read.access_key),
  }, object)
end

--- Ends the server and waits for it: true, or nil and a sentence when it had to be killed. Repeating it is harmless.
function object:stop()
  local child = self.child
  if not child then
    return true
  end
  self.child = nil
  self.remote:close()
  child:kill(sigterm)
  local code = child:wait(stop_seconds)
  child:close()
  if code == 0 then
    return true
  end
  return nil, "The emulator did not end by itself and was killed."
end

-- Dropping the object drops the child handle, whose own collection ends the process.
object.close = object.stop

return emulator
