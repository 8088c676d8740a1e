--- webpubsub emulator

local connect = require "webpubsub.command.connect"
local luajit = require "webpubsub.command.luajit"
local report = require "webpubsub.command.report"

local emulator = {}

local names = { "port", "host", "access_key", "hub", "log_level", "event_log" }

-- Options of the command line win over those of the file.
local function file_options(path)
  if not path then
    return {}
  end
  local options, why = require("webpubsub.emulator.config").read(path)
  if not options then
    report.fail(report.no, why)
  end
  return options
end

-- A handler on the command line stands for every hub that the file does not name.
local function add_upstream(options, read)
  if not read.upstream and not read.anonymous and not read.system_events then
    return
  end
  local events = read.system_events or "connect,connected,disconnected"
  local hub = { anonymous = read.anonymous, handlers = {} }
  if read.upstream then
    hub.handlers[1] = { url = read.upstream, user_events = "*", system_events = events ~= "none" and events or "" }
  end
  options.hubs = options.hubs or {}
  options.hubs._default = hub
end

local function options_of(read)
  local options = file_options(read.config)
  add_upstream(options, read)
  for _, name in ipairs(names) do
    if read[name] ~= nil then
      options[name] = read[name]
    end
  end
  options.endpoint = #read.endpoint > 0 and read.endpoint or options.endpoint
  options.faults = #read.fault > 0 and read.fault or options.faults
  return options
end

local function run(read)
  luajit.become "The emulator"
  local ok, why = require("webpubsub.emulator.main").run(options_of(read), read.lifeline)
  if not ok then
    report.fail(report.no, why)
  end
  return report.done
end

function emulator.add(add, runs)
  local command = add("emulator", "Run a local service for development and tests.")
  command:option("--port", "TCP port; 0 takes a free one (default 8080)."):argname("N"):convert(connect.whole)
  command:option("--host", "Address to listen on (default 127.0.0.1 and ::1)."):argname "H"
  command:option("--access-key", "Access key (default: the development key)."):argname "K"
  command:option("--hub", "Hub of the client URL that is printed (default chat)."):argname "NAME"
  command
    :option("--endpoint", "Another URL under which the service is reached. May be repeated.")
    :argname("URL")
    :count "*"
  command:option("--fault", "A fault to serve, such as send:503*2. May be repeated."):argname("FAULT"):count "*"
  command:option("--log-level", "off, error, warn, info or debug (default info)."):argname "LEVEL"
  command:option("--upstream", "Event handler of all hubs; the URL may hold {hub} and {event}."):argname "URL"
  command
    :option("--system-events", "What of connect,connected,disconnected the handler gets (default all; none).")
    :argname "LIST"
  command:flag("--anonymous", "Let clients in without a token.")
  command:option("--config", "Lua or JSON file of options, hubs and their event handlers."):argname "FILE"
  command:flag("--event-log", "Print client events and count them as handled.")
  command:flag("--lifeline", "Stop when standard input ends.")
  runs.emulator = run
end

return emulator
