--- webpubsub listen

local connect = require "webpubsub.command.connect"
local core = require "webpubsub.core"
local json = require "webpubsub.json"
local luajit = require "webpubsub.command.luajit"
local report = require "webpubsub.command.report"
local websocket = require "webpubsub.command.websocket"

local listen = {}

local connect_seconds = 15

local function access_of(read)
  local access, err = connect.client(read):get_client_access_token {
    user_id = read.user,
    groups = #read.group > 0 and read.group or nil,
  }
  if not access then
    report.fail(report.usage, err.message)
  end
  return access
end

local function is_text(value)
  return type(value) == "string" and value or nil
end

-- JSON data stands there as it came, digits and all.
local function describe(message, raw)
  local from = message.from == "group" and "[" .. tostring(message.group) .. "]" or "[server]"
  local user_id = is_text(message.fromUserId)
  local data = message.dataType == "json" and core.json_members(raw).data or tostring(message.data)
  local line = ("%s %s%s"):format(from, user_id and user_id .. ": " or "", data)
  return (line:gsub("[\r\n]", " ")) -- a message is one line, or it could look like several
end

-- Everything that is no message goes to standard error, so that standard output is messages alone.
local function tell(text)
  io.stderr:write("webpubsub: " .. report.printable(text) .. "\n")
end

-- true when the text was a message.
local function show(read, text)
  local message = json.decode(text)
  if type(message) ~= "table" then
    return false
  elseif message.event == "connected" then
    tell(("connected to hub %s as connection %s"):format(read.hub, tostring(message.connectionId)))
  elseif message.event == "disconnected" then
    tell("the service says: " .. tostring(message.message))
  elseif message.type == "message" and read.json then
    io.stdout:write(text, "\n") -- as it came
    io.stdout:flush()
  elseif message.type == "message" then
    report.line(describe(message, text))
  end
  return message.type == "message"
end

local function listen_on(read, client)
  local monotime, count = require("cqueues").monotime, 0
  local deadline = read.seconds and monotime() + read.seconds
  while count < (read.count or math.huge) do
    local text, why = client:receive(deadline and math.max(0, deadline - monotime()))
    if text then
      count = count + (show(read, text) and 1 or 0)
    elseif why == "timeout" then
      tell "the time is over"
      return read.count and report.no or report.done
    else
      tell("the connection ended: " .. why)
      return report.no
    end
  end
  return report.done
end

local function run(read)
  luajit.become "Listening"
  local obstacle = websocket.obstacle()
  if obstacle then
    report.fail(report.no, obstacle)
  end
  local client, why = websocket.connect(access_of(read).url, connect_seconds)
  if not client then
    report.fail(3, ("No client could connect to hub %s: %s."):format(read.hub, why))
  end
  local code = listen_on(read, client)
  client:close()
  return code
end

function listen.add(add, runs)
  local command = add("listen", "Connect a client and print the messages that it gets.")
  command:option("--user", "User id (default anonymous)."):argname "ID"
  command:option("--group", "A group to be in. May be repeated."):argname("NAME"):count "*"
  command:option("--count", "End after so many messages."):argname("N"):convert(connect.whole)
  command
    :option("--seconds", "End after so long; with --count and too few messages with exit code 1.")
    :argname("N")
    :convert(connect.seconds)
  connect.add(command)
  runs.listen = run
end

return listen
