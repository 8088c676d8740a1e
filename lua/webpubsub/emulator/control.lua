--- The control API under /_emulator/: what test suites and the page ask. Requests → answers and effects; no sockets.
--
-- A call carries the access key's signature, as a REST call does (`aud` is its URL), or comes from our page.

local answers = require "webpubsub.emulator.rest.answers"
local auth = require "webpubsub.emulator.auth"
local client_url = require "webpubsub.emulator.client_url"
local core = require "webpubsub.core"
local effects = require "webpubsub.emulator.effects"
local entries = require "webpubsub.emulator.entries"
local guard = require "webpubsub.emulator.guard"
local member = require "webpubsub.emulator.protocol.member"
local overview = require "webpubsub.emulator.overview"
local rules = require "webpubsub.emulator.rules"
local session = require "webpubsub.emulator.session"
local state = require "webpubsub.emulator.state"
local uri = require "webpubsub.emulator.uri"

local control = {}

local answer_bytes = 1024 * 1024
local longest_wait = 30
local connection_page = 500

local function is_authorized(world, request)
  local token = auth.bearer((request:header "authorization"))
  local host = request:host()
  if token and host then
    return auth.check(
      world.mac,
      token,
      auth.rest_audiences(world.endpoints, host, request.path, request.query),
      request.now
    ) ~= nil
  end
  return guard.admits_call(world, request)
end

local function json_answer(text)
  local answer = answers.json(200, text)
  answer.headers[2] = { "Cache-Control", "no-store" }
  return answer
end

local function invalid(why)
  return answers.bad_request("The request is not valid: " .. why .. ".")
end

local function number_of(query, name, maximum)
  local value = tonumber(query:last(name) or "0") or 0
  return value >= 0 and math.min(value, maximum) or 0
end

local calls = {}

-- With `wait` an empty answer is `pending`: whoever carries it may wait for the journal and ask again.
calls["GET journal"] = function(world, _, query)
  local after = number_of(query, "after", 2 ^ 53)
  local texts, size, last, more = {}, 0, math.max(after, world.journal.id), false
  for _, entry in ipairs(world.journal:after(after, entries.filter(query))) do
    if size > answer_bytes then
      last, more = texts.last, true
      break
    end
    texts[#texts + 1], texts.last = entries.text(entry), entry.id
    size = size + #texts[#texts]
  end
  local text = ('{"entries":[%s],"last":%d,"more":%s}'):format(table.concat(texts, ","), last, tostring(more))
  local answer = json_answer(text)
  answer.pending = #texts == 0 and number_of(query, "wait", longest_wait) or nil
  return answer
end

local function accepts_connection(query)
  local group, user_id = query:last "group", query:last "userId"
  return function(connection)
    return (not group or connection.groups[group]) and (not user_id or connection.user_id == user_id)
  end
end

calls["GET connections"] = function(world, _, query)
  local list = overview.connections(world.state, query:last "hub", query:last "after" or "", accepts_connection(query))
  local page = {}
  for index = 1, math.min(#list, connection_page) do
    page[index] = entries.connection(list[index])
  end
  return json_answer(core.json_encode { connections = core.array(page), more = #list > connection_page })
end

calls["GET overview"] = function(world)
  return json_answer(core.json_encode(overview.of(world.state)))
end

calls["POST reset"] = function(world)
  local list = {}
  for _, hub in pairs(world.state.hubs) do
    for _, connection in pairs(hub.connections) do
      list[#list + 1] = session.close(connection, 1000, "The emulator was reset.")
    end
  end
  world.faults:clear()
  world.journal:clear()
  return answers.empty(204), list
end

calls["POST faults"] = function(world, request)
  for line in request.body:gmatch "[^\n]+" do
    local ok, why = world.faults:add(line)
    if not ok then
      return answers.bad_request(why)
    end
  end
  return answers.empty(204)
end

calls["DELETE faults"] = function(world)
  world.faults:clear()
  return answers.empty(204)
end

local function members_of(request)
  if not core.json_check(request.body) then
    return nil
  end
  return core.json_members(request.body)
end

local function hub_of(members)
  local hub, why = member.needed_string(members, "hub")
  if hub and not rules.is_hub(hub) then
    return nil, "the hub has an invalid name"
  end
  return hub, why
end

calls["POST token"] = function(world, request)
  local members = members_of(request)
  local hub, why = nil, "the body must be a JSON object"
  if members then
    hub, why = hub_of(members)
  end
  if not hub then
    return invalid(why)
  end
  local user_id = member.string(members, "userId")
  local base = "http://" .. request:host()
  return json_answer(core.json_encode {
    url = client_url.build(world.mac, base, hub, user_id ~= "" and user_id or nil, request.now),
  })
end

local selects = {
  all = function(here, hub)
    return here:all(hub)
  end,
  group = function(here, hub, name)
    return here:group(hub, name)
  end,
  user = function(here, hub, name)
    return here:user(hub, name)
  end,
  connection = function(here, hub, name)
    local connection = here:connection(hub, name)
    return connection and { [connection.id] = connection } or {}
  end,
}

local function message_of(members)
  local data, why = member.needed_string(members, "data")
  local data_type = member.string(members, "dataType") or "text"
  if not data then
    return nil, why
  elseif data_type ~= "text" and data_type ~= "json" then
    return nil, "'dataType' must be text or json"
  elseif data_type == "json" and not core.json_check(data) then
    return nil, "the data is not JSON"
  end
  return { data_type = data_type, data = data }
end

local function read_send(request)
  local members = members_of(request)
  if not members then
    return nil, "the body must be a JSON object"
  end
  local hub, bad_hub = hub_of(members)
  local message, bad_message = message_of(members)
  local to, name = member.string(members, "to"), member.string(members, "name")
  if not (hub and message) then
    return nil, bad_hub or bad_message
  elseif not selects[to] then
    return nil, "'to' must be all, group, user or connection"
  elseif to ~= "all" and not name then
    return nil, "'name' is missing"
  elseif to == "group" and not rules.is_group(name) then
    return nil, "the group has an invalid name"
  end
  message.hub, message.to, message.to_name = hub:lower(), to, name
  message.from, message.group = to == "group" and "group" or "server", to == "group" and name or nil
  return message
end

calls["POST send"] = function(world, request)
  local message, why = read_send(request)
  if not message then
    return invalid(why)
  end
  local set = selects[message.to](world.state, message.hub, message.to_name)
  return answers.empty(202), { effects.deliver(message, state.list(set)) }
end

--- Is it ours to answer?
function control.is_path(path)
  return path:find "^/_emulator/" ~= nil
end

--- answer, effects. `answer.pending`: see above.
function control.handle(world, request)
  local call = calls[request.method .. " " .. request.path:match "^/_emulator/(.*)$"]
  local query = uri.query(request.query)
  if not is_authorized(world, request) then
    return answers.empty(401)
  elseif not call then
    return answers.empty(404)
  elseif not query then
    return invalid "the query is malformed"
  elseif not request.body then
    return answers.empty(request.body_problem == "too_large" and 413 or 411)
  end
  return call(world, request, query)
end

return control
