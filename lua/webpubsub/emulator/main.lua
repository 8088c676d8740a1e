--- The emulator as a program: options → a running server. Runs under LuaJIT.

local main = {}

local function missing(name)
  return not pcall(require, name)
end

--- nil when everything that the server needs can be loaded, else a sentence that names the package.
function main.obstacle()
  if type(jit) ~= "table" then
    return "The emulator runs under LuaJIT; the Debian package is luajit2."
  elseif missing "cqueues" or missing "http.h1_reason_phrases" or missing "openssl.digest" then
    return "The emulator needs lua-http for LuaJIT; the Debian package is lua-http."
  elseif missing "webpubsub.core" or missing "webpubsub.openssl" then
    return "webpubsub is not built for LuaJIT yet; script/build or luarocks --lua-version 5.1 make does it."
  end
  return nil
end

local function time_stamp()
  local now = require("webpubsub.core").time()
  return ("%s.%03d"):format(os.date("%H:%M:%S", now), math.floor(now % 1 * 1000))
end

local function new_log(level)
  local function write(line)
    io.stderr:write(line)
  end
  return require("webpubsub.emulator.log").new(level, write, time_stamp)
end

-- With the event log switched on, the log is an event listener: it takes every user event and so counts as its handler
-- where there is none (contract, event listeners).
local function event_listener(options)
  if not options.event_log then
    return function()
      return false
    end
  end
  return function(connection, event)
    local message = event.message
    local text = ("event %s from connection %s, %s: %s"):format(
      event.name,
      connection.id,
      message.data_type,
      message.data_type == "binary" and require("webpubsub.core").base64_encode(message.data) or message.data
    )
    io.stderr:write((text:gsub("%c", " ")) .. "\n")
    return true
  end
end

local wildcards = { ["0.0.0.0"] = true, ["::"] = true, ["127.0.0.1"] = true, ["::1"] = true }

local function endpoint_of(host, port)
  if not host or wildcards[host] then
    host = "localhost"
  elseif host:find ":" then
    host = "[" .. host .. "]"
  end
  return ("http://%s:%d"):format(host, port)
end

local loopback = { ["127.0.0.1"] = true, ["::1"] = true, localhost = true }

-- On a network the page needs the token of this run; on this machine it does not.
local function page_url(endpoint, options, page_token)
  local open = not options.host or loopback[options.host]
  return endpoint .. "/" .. (open and "" or "?token=" .. page_token)
end

-- The client URL comes last: whoever reads our output then knows that all of it is there.
local function greet(endpoint, options, page_token)
  local core, mac = require "webpubsub.core", require("webpubsub.mac").new(options.access_key)
  local url = require("webpubsub.emulator.client_url").build(mac, endpoint, options.hub, nil, core.time())
  local connection_string = ("Endpoint=%s;AccessKey=%s;Version=1.0;"):format(endpoint, options.access_key)
  print("endpoint:          " .. endpoint)
  print("connection string: " .. connection_string)
  print("live page:         " .. page_url(endpoint, options, page_token))
  print("client to try:     " .. url)
  io.stdout:flush()
end

--- Runs a server with checked options until it is told to stop. `lifeline`: also until standard input ends.
-- `ready(endpoint, port, page token)` is called when it accepts connections. true, or nil and a sentence.
function main.serve(options, lifeline, ready)
  local listen = {
    endpoints = options.endpoint,
    log = new_log(options.log_level),
    on_event = event_listener(options),
  }
  for name, value in pairs(options) do
    listen[name] = listen[name] or value
  end
  local server, why = require("webpubsub.emulator.server").new(listen)
  if not server then
    return nil, why
  end
  server:run(lifeline, function()
    ready(endpoint_of(options.host, server.port), server.port, server.world.guard.token)
  end)
  return true
end

--- For the command line: serves, having printed how to reach it. true, or nil and a sentence.
function main.run(given, lifeline)
  local obstacle = main.obstacle()
  if obstacle then
    return nil, obstacle
  end
  local options, why = require("webpubsub.emulator.options").read(given)
  if not options then
    return nil, why
  end
  return main.serve(options, lifeline, function(endpoint, _, page_token)
    greet(endpoint, options, page_token)
  end)
end

local function say(...)
  print(...)
  io.stdout:flush()
end

--- For webpubsub.emulator.start: options as a JSON object in the environment, one line of standard output as the
-- answer, "ready PORT ENDPOINT" or "failed SENTENCE". Ends the process.
function main.child(text)
  local obstacle = main.obstacle()
  if obstacle then
    say("failed " .. obstacle)
    os.exit(1)
  end
  local options = require("webpubsub.json").decode(text)
  local ok, why = main.serve(options, true, function(endpoint, port)
    say(("ready %d %s"):format(port, endpoint))
  end)
  if not ok then
    say("failed " .. why)
  end
  os.exit(ok and 0 or 1)
end

return main
