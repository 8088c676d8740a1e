--- From the command line's options to a client.

local report = require "webpubsub.command.report"
local webpubsub = require "webpubsub"

local connect = {}

local variable = "WEBPUBSUB_CONNECTION_STRING"

local function seconds(text)
  local value = tonumber(text)
  if value and value > 0 and value < 1e6 then
    return value
  end
  return nil, ("'%s' is not a number of seconds above 0"):format(text)
end

connect.seconds = seconds

--- A converter of whole numbers for argparse.
function connect.whole(text)
  local value = tonumber(text)
  if value and value >= 0 and value == math.floor(value) then
    return value
  end
  return nil, ("'%s' is not a whole number"):format(text)
end

--- The options that every command has which calls the service.
function connect.add(command)
  command
    :option("--connection-string", "Of the service; the environment variable " .. variable .. " is safer.")
    :argname "TEXT"
  command:option("--hub", "Hub (default chat)."):argname("NAME"):default "chat"
  command:option("--timeout", "Seconds for a call (default 30)."):argname("SECONDS"):convert(seconds)
  command:flag("--json", "Print JSON, for scripts.")
  return command
end

function connect.text(read)
  local text = read.connection_string or os.getenv(variable)
  if not text or text == "" then
    report.fail(report.usage, ("There is no connection string; set %s or use --connection-string."):format(variable))
  end
  return text
end

--- A client; ends the process with a sentence when it cannot be made.
function connect.client(read)
  local client, err = webpubsub.from_connection_string(connect.text(read), read.hub, { timeout = read.timeout })
  if not client then
    report.fail(report.usage, err.message)
  end
  return client
end

return connect
