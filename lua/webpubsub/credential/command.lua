--- Tokens of the developer tools az and azd: child processes without a shell. A poller's other tasks go on meanwhile.

local answer = require "webpubsub.credential.answer"
local common = require "webpubsub.credential.common"
local host = require "webpubsub.host.openresty"
local json = require "webpubsub.json"
local token = require "webpubsub.credential.token"

local command = {}

local own = {
  tenant_id = { type = "string" },
  subscription = { type = "string" },
  environment = { type = "strings" },
}
command.schemas = { azure_cli = common.schema(own), azure_developer_cli = common.schema(own) }
command.schemas.azure_developer_cli.subscription = nil

local most_output = 1048576
local pause = 0.01

--- Reads what the child writes, without blocking. output | nil, "timeout" or "long".
local function collect(child, context)
  local pieces, size = {}, 0
  while true do
    local bytes, why = child:read(0)
    if bytes then
      pieces[#pieces + 1] = bytes
      size = size + #bytes
      if size > most_output then
        return nil, "long"
      end
    elseif why ~= "timeout" then
      return table.concat(pieces)
    elseif context.transport:now() >= context.deadline then
      return nil, "timeout"
    else
      context.transport:sleep(pause)
    end
  end
end

--- Waits for the end. exit code | nil.
local function finish(child, context)
  while true do
    local code, why = child:wait(0)
    if why ~= "timeout" then
      return code
    elseif context.transport:now() >= context.deadline then
      return nil
    end
    context.transport:sleep(pause)
  end
end

--- output, exit code | nil, why. The folder is one that nobody but root writes to.
local function run(arguments, environment, context)
  local all = { "env" } -- which looks the program up in the PATH of `environment`
  for _, text in ipairs(arguments) do
    all[#all + 1] = text
  end
  local options = { capture_output = true, merge_error = true, directory = "/bin", environment = environment }
  local child = require("webpubsub.process").start(all, options)
  if not child then
    return nil, "start"
  end
  local output, why = collect(child, context)
  local code = output and finish(child, context)
  child:close()
  if not output then
    return nil, why
  end
  return output, code
end

--- Warnings may stand around the JSON.
local function find_json(output)
  local value = json.decode(output:match "{.*}" or "")
  return type(value) == "table" and value or {}
end

--- A local date and time, as older versions of az print it.
local function local_moment(text)
  local year, month, day, hour, min, sec = text:match "^(%d%d%d%d)-(%d%d)-(%d%d) (%d%d):(%d%d):(%d%d)"
  return year and os.time { year = year, month = month, day = day, hour = hour, min = min, sec = sec }
end

local az, azd = { name = "azure_cli_credential" }, { name = "azure_developer_cli_credential" }

function az.arguments(read)
  local list = { "az", "account", "get-access-token", "--output", "json", "--resource", common.resource(read.scope) }
  for _, pair in ipairs { { "--tenant", read.tenant_id }, { "--subscription", read.subscription } } do
    list[#list + 1] = pair[1]
    list[#list + 1] = pair[2]
    if not pair[2] then
      list[#list] = nil
    end
  end
  return list
end

function az.read(body)
  local expires_on = tonumber(body.expires_on)
  return body.accessToken, expires_on or (type(body.expiresOn) == "string" and local_moment(body.expiresOn))
end

az.logged_out = "az login"

function azd.arguments(read)
  local list = { "azd", "auth", "token", "--output", "json", "--no-prompt", "--scope", read.scope }
  if read.tenant_id then
    list[#list + 1] = "--tenant-id"
    list[#list + 1] = read.tenant_id
  end
  return list
end

function azd.read(body)
  return body.token, type(body.expiresOn) == "string" and answer.moment(body.expiresOn)
end

azd.logged_out = "not logged in"

local function failure(tool, program, output, code)
  local text = output and output:lower() or ""
  if code == 127 or (not output and code == "start") then
    return answer.unavailable(tool.name, program .. " is not installed")
  elseif text:find(tool.logged_out, 1, true) or text:find("azd auth login", 1, true) then
    return answer.unavailable(tool.name, program .. " is not logged in")
  elseif not output then
    local sentence = code == "timeout" and " gave no answer in time" or " wrote too much"
    return answer.failed(tool.name, program .. sentence)
  end
  -- What the tool printed is not repeated: a part of it may be a token.
  return answer.failed(tool.name, ("%s ended with code %s"):format(program, tostring(code)))
end

local function fetch(tool, read, context)
  if host.inside then
    return answer.unavailable(tool.name, "inside nginx no child process can be started")
  end
  local arguments = tool.arguments(read)
  local output, code = run(arguments, read.environment, context)
  if not output or code ~= 0 then
    return failure(tool, arguments[1], output, code)
  end
  local text, expires_on = tool.read(find_json(output))
  return answer.entry(tool.name, text, context.now, expires_on)
end

local function check(read)
  if read.tenant_id and not read.tenant_id:find "^[%w][%w.-]*$" then
    return nil, "tenant_id may have letters, digits and any of - ."
  elseif read.subscription and not read.subscription:find "^[%w_][%w_ .()-]*$" then
    return nil, "subscription may have letters, digits, spaces and any of - _ . ( )"
  end
  return true
end

local function new(tool, schema, given)
  local read, err = common.read(schema, given, tool.name)
  if not read then
    return nil, err
  end
  local ok, sentence = check(read)
  if not ok then
    return common.refuse(tool.name, sentence)
  end
  return token.new {
    name = tool.name,
    timeout = read.timeout,
    source = function(context)
      return fetch(tool, read, context)
    end,
  }
end

function command.azure_cli(given)
  return new(az, command.schemas.azure_cli, given)
end

function command.azure_developer_cli(given)
  return new(azd, command.schemas.azure_developer_cli, given)
end

return command
