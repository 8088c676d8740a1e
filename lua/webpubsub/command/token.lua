--- webpubsub token

local connect = require "webpubsub.command.connect"
local report = require "webpubsub.command.report"

local token = {}

local function list_or_nil(list)
  return #list > 0 and list or nil
end

local function run(read)
  local access, err = connect.client(read):get_client_access_token {
    user_id = read.user,
    groups = list_or_nil(read.group),
    roles = list_or_nil(read.role),
    minutes_to_expire = read.minutes,
    client_protocol = read.protocol,
  }
  if not access then
    return report.failure(read, err)
  end
  return report.success(read, { url = access.url, token = access.token, baseUrl = access.base_url }, access.url)
end

function token.add(add, runs)
  local command = add("token", "Print a URL with which a client can connect. It is a secret until it expires.")
  command:option("--user", "User id (default anonymous)."):argname "ID"
  command:option("--group", "A group to join on connecting. May be repeated."):argname("NAME"):count "*"
  command:option("--role", "A role, such as webpubsub.sendToGroup.lobby. May be repeated."):argname("ROLE"):count "*"
  command:option("--minutes", "Lifetime (default 60)."):argname("N"):convert(connect.whole)
  command:option("--protocol", "Default, MQTT or SocketIO."):argname "NAME"
  connect.add(command)
  runs.token = run
end

return token
