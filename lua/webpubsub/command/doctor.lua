--- webpubsub doctor: looks at everything between a program and its messages, and says what is wrong.

local connect = require "webpubsub.command.connect"
local core = require "webpubsub.core"
local diagnosis = require "webpubsub.command.diagnosis"
local json = require "webpubsub.json"
local luajit = require "webpubsub.command.luajit"
local mac = require "webpubsub.mac"
local names = require "webpubsub.names"
local report = require "webpubsub.command.report"
local webpubsub = require "webpubsub"
local websocket = require "webpubsub.command.websocket"

local doctor = {}

local finding = diagnosis.finding
local probe_group = "webpubsub-doctor"
local arrival_seconds = 5

-- The parts of the connection string and the endpoint as calls use it; or a finding.
local function read_connection_string(text)
  local parts, why = core.parse_connection_string(text)
  local endpoint
  if parts then
    endpoint, why = core.normalize_endpoint(parts.endpoint, parts.port)
  end
  if not endpoint then
    return nil, finding("connection string", "problem", "The connection string is not valid: %s.", why)
  end
  return { endpoint = endpoint, key = parts.access_key }
end

local function check_key_text(key)
  if key:find "^[\"']" or key:find "[\"']$" then
    return finding(
      "key text",
      "problem",
      "The access key has a quotation mark at its end; quote the whole string instead."
    )
  elseif key:find "%s" then
    return finding("key text", "problem", "The access key has white space in it; it was not copied well.")
  end
  return finding("key text", "ok", "The access key has %d characters.", #key)
end

local function check_name(kind, check, name)
  local ok, why = check(name)
  if ok then
    return finding(kind, "ok", "The %s name is valid: %s", kind, name)
  end
  return finding(kind, "problem", "The %s name is not valid: %s.", kind, why)
end

-- The group as paths carry it: a "/" is legal, and no path reaches it.
local function check_group(name)
  local segment, why = names.path_segment("group", name)
  return segment and check_name("group", names.check_group, name)
    or finding("group", "problem", "The group name is not valid: %s.", why)
end

local nobody_there = "Nobody is in the group %s of this hub: sends to it are accepted and reach nobody. Letter case "
  .. "counts, and clients need webpubsub.group in their token or the role webpubsub.joinLeaveGroup to get in."

-- Whether somebody listens, for those whose clients hear nothing.
local function check_listeners(client, group)
  local exists = client:group_exists(group)
  if exists == false then
    return finding("listeners", "problem", nobody_there, group)
  end
  return finding(
    "listeners",
    exists and "ok" or "unknown",
    exists and "Somebody is in the group %s." or "Whether somebody is in the group %s could not be seen.",
    group
  )
end

local function hear(client, connection, deadline)
  while core.monotonic() < deadline do
    local text = connection:receive(math.max(0.001, deadline - core.monotonic()))
    local message = text and json.decode(text)
    if not text then
      return nil
    elseif type(message) == "table" and message.event == "connected" then
      client:send_to_connection(message.connectionId, { doctor = true })
    elseif type(message) == "table" and message.type == "message" then
      return true
    end
  end
end

-- A client of our own connects and gets a message.
local function check_round_trip(client)
  local obstacle = websocket.obstacle()
  if obstacle then
    return finding("round trip", "unknown", "A client was not tried: %s", obstacle)
  end
  local access, err = client:get_client_access_token {}
  if not access then
    return finding("round trip", "problem", "No token for a client can be made: %s.", err.message)
  end
  local connection, why = websocket.connect(access.url, arrival_seconds)
  if not connection then
    return finding("round trip", "problem", "REST calls work, but no WebSocket client can connect: %s.", why)
  end
  local heard = hear(client, connection, core.monotonic() + arrival_seconds)
  connection:close()
  if heard then
    return finding("round trip", "ok", "A client connected to the hub and got a message.")
  end
  return finding("round trip", "problem", "A client connected, but a message to it did not come within 5 seconds.")
end

-- Health needs no token, so it tells the network from the key.
local function check_reach(client, list)
  local answer, err = client:send_request { method = "HEAD", path = "/api/health" }
  if not answer then
    list[#list + 1] = diagnosis.unreachable(err)
    return nil
  elseif answer.status >= 300 then
    list[#list + 1] = finding(
      "reachability",
      "problem",
      "Something answers at the endpoint with status %d to a health " .. "call; it may not be Web PubSub.",
      answer.status
    )
    return nil
  end
  list[#list + 1] = finding("reachability", "ok", "The service answers.")
  return answer
end

local function check_key(client, facts, list, clock)
  local exists, err = client:group_exists(probe_group)
  if exists ~= nil then
    list[#list + 1] = finding("key", "ok", "The service accepts the access key.")
    return true
  end
  local prepared = client:prepare("group_exists", probe_group)
  list[#list + 1] = diagnosis.refused(err, prepared and prepared.url or facts.endpoint, clock.state == "problem")
  return false
end

local function check_service(read, facts, list)
  local client, err = webpubsub.client {
    endpoint = facts.endpoint,
    hub = read.hub,
    credential = facts.key,
    timeout = read.timeout or 10,
    retry_total = 0, -- every answer is a finding
  }
  if not client then
    list[#list + 1] = finding("client", "problem", "No client can be made: %s.", err.message)
    return
  end
  local answer = check_reach(client, list)
  if not answer then
    return
  end
  local clock = diagnosis.clock(answer.headers.date, os.time())
  list[#list + 1] = clock
  if not check_key(client, facts, list, clock) then
    return
  elseif read.group then
    list[#list + 1] = check_listeners(client, read.group)
  end
  list[#list + 1] = check_round_trip(client)
end

local function check_token(read, facts, list)
  local token = read.token == "-" and (io.stdin:read "*l" or "") or read.token
  token = token:match "access_token=([^&%s]+)" or token:match "^[Bb]earer%s+(%S+)" or token
  local audience = read.url and read.url:match "^[^#]*" or facts.endpoint .. "/client/hubs/" .. read.hub
  local key = mac.new(facts.key)
  local expected = { mac = key, audience = audience, now = os.time(), group = read.group }
  for _, one in ipairs(diagnosis.token(token, expected)) do
    list[#list + 1] = one
  end
end

local function examine(read)
  local facts, problem = read_connection_string(connect.text(read))
  if not facts then
    return { problem }
  end
  local list = {
    finding("connection string", "ok", "The endpoint is %s", facts.endpoint),
    check_key_text(facts.key),
    check_name("hub", names.check_hub, read.hub),
  }
  if read.group then
    list[#list + 1] = check_group(read.group)
  end
  local names_are_good = list[3].state == "ok" and (not list[4] or list[4].state == "ok")
  if read.token then
    check_token(read, facts, list)
  end
  if names_are_good and list[2].state == "ok" then
    check_service(read, facts, list)
  end
  return list
end

local marks = { ok = "ok       ", problem = "PROBLEM  ", unknown = "?        " }

local function run(read)
  luajit.prefer()
  local list, problems = examine(read), 0
  for _, one in ipairs(list) do
    problems = problems + (one.state == "problem" and 1 or 0)
    if not read.json then
      report.line(marks[one.state] .. one.text)
    end
  end
  if read.json then
    report.json { ok = problems == 0, findings = core.array(list) }
  end
  return problems == 0 and report.done or report.no
end

function doctor.add(add, runs)
  local command = add("doctor", "Explain a 401 or a client that hears nothing.")
  command:option("--group", "Also look at this group."):argname "NAME"
  command
    :option("--token", "Also look at this token or client URL; - reads it from standard input, which is safer.")
    :argname "TEXT"
  command:option("--url", "The URL that the token is for (default: that of the hub's clients)."):argname "URL"
  connect.add(command)
  runs.doctor = run
end

return doctor
