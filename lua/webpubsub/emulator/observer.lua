--- What a test suite asks a running emulator: messages, connections, reset, faults. Methods of the object that
-- `start` answers.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"

local observer = {}

local wire_names = {
  hub = "hub",
  group = "group",
  user_id = "userId",
  connection_id = "connectionId",
  from_user_id = "fromUserId",
  from = "from",
  to = "to",
  data_type = "dataType",
}

observer.message_filters = { at_least = "number", timeout = "number" }
for name in pairs(wire_names) do
  observer.message_filters[name] = "string"
end

observer.connection_filters = { hub = "string", group = "string", user_id = "string" }

local function check(where, filter, known)
  if filter ~= nil and type(filter) ~= "table" then
    errors.misuse("%s: the filter must be a table, got %s", where, type(filter))
  end
  for name, value in pairs(filter or {}) do
    if not known[name] then
      errors.misuse("%s: unknown filter '%s'", where, tostring(name))
    elseif type(value) ~= known[name] then
      errors.misuse("%s: the filter %s must be a %s, got %s", where, name, known[name], type(value))
    end
  end
  return filter or {}
end

local function query_of(filter)
  local query = {}
  for name, wire in pairs(wire_names) do
    query[wire] = filter[name]
  end
  return query
end

local function value_or_nil(value)
  return value ~= json.null and value or nil
end

local function connection_ids_of(entry)
  local ids = {}
  for index, one in ipairs(entry.recipients) do
    ids[index] = one.connectionId
  end
  return ids
end

local function data_of(entry)
  return entry.dataType == "binary" and core.base64_decode(entry.data) or entry.data
end

local function message_of(entry)
  return {
    hub = entry.hub,
    from = entry.from,
    to = entry.to,
    group = value_or_nil(entry.group),
    user_id = entry.to == "user" and entry.name or nil,
    connection_id = entry.to == "connection" and entry.name or nil,
    from_user_id = value_or_nil(entry.fromUserId),
    data_type = entry.dataType,
    data = data_of(entry),
    metadata = value_or_nil(entry.metadata),
    recipients = entry.count,
    connection_ids = connection_ids_of(entry),
    time = entry.time,
  }
end

-- One page behind query.after; the journal's position moves on.
local function fetch(self, query, list)
  local page, err = self.remote:call("GET", "journal", query)
  if not page then
    return nil, err
  end
  for _, entry in ipairs(page.entries) do
    list[#list + 1] = message_of(entry)
  end
  query.after = ("%d"):format(page.last)
  return true, page.more
end

--- The messages that passed, oldest first: sends of the application and of clients, also those that reached nobody.
-- Filters: hub, group, user_id and connection_id (addressed to them, or received by them), from_user_id, from ("server"
-- or "group"), to ("all", "group", "user" or "connection"), data_type. `at_least`: waits until so many are there, at
-- most `timeout` seconds (5). list | nil, err.
function observer:messages(filter)
  filter = check("messages", filter, observer.message_filters)
  local query, list = query_of(filter), {}
  query.kind = "message"
  local deadline = core.monotonic() + (filter.timeout or 5)
  while true do
    local ok, more = fetch(self, query, list)
    local left = deadline - core.monotonic()
    if not ok then
      return nil, more
    elseif not more and (#list >= (filter.at_least or 0) or left <= 0) then
      return list
    end
    query.wait = not more and ("%.3f"):format(math.min(left, 10)) or nil
  end
end

local function connection_of(item)
  return {
    connection_id = item.connectionId,
    hub = item.hub,
    user_id = value_or_nil(item.userId),
    subprotocol = value_or_nil(item.subprotocol),
    groups = item.groups,
  }
end

--- The clients that are connected. Filters: hub, group, user_id. list | nil, err.
function observer:connections(filter)
  local query, list = query_of(check("connections", filter, observer.connection_filters)), {}
  repeat
    local page, err = self.remote:call("GET", "connections", query)
    if not page then
      return nil, err
    end
    for _, item in ipairs(page.connections) do
      list[#list + 1] = connection_of(item)
      query.after = item.connectionId
    end
  until not page.more
  return list
end

--- As after the start: closes every client, forgets messages and faults. true | nil, err.
function observer:reset()
  return self.remote:call("POST", "reset", nil, "")
end

--- Orders faults, for instance "send:503*2" or "send:429*1;retry-after=2"; see docs/emulator.md. true | nil, err.
function observer:fault(...)
  for index = 1, select("#", ...) do
    local text = select(index, ...)
    if type(text) ~= "string" then
      errors.misuse("fault: argument %d must be a string, got %s", index, type(text))
    end
    local ok, err = self.remote:call("POST", "faults", nil, text)
    if not ok then
      return nil, err
    end
  end
  return true
end

--- Takes back all faults. true | nil, err.
function observer:clear_faults()
  return self.remote:call("DELETE", "faults")
end

return observer
