--- webpubsub emulator

local connect = require "webpubsub.command.connect"
local luajit = require "webpubsub.command.luajit"
local report = require "webpubsub.command.report"

local emulator = {}

local names = { "port", "host", "access_key", "hub", "log_level", "event_log" }

local function options_of(read)
  local options = {}
  for _, name in ipairs(names) do
    options[name] = read[name]
  end
  options.endpoint = #read.endpoint > 0 and read.endpoint or nil
  options.faults = #read.fault > 0 and read.fault or nil
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
  command:flag("--event-log", "Print client events and count them as handled.")
  command:flag("--lifeline", "Stop when standard input ends.")
  runs.emulator = run
end

return emulator
