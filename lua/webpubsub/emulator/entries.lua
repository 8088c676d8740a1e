--- Journal entries and connections as JSON texts, and the filters that select them.

local core = require "webpubsub.core"
local keys = require "webpubsub.keys"

local entries = {}

local shown_groups = 1000

local function data_of(entry)
  if entry.data_type == "json" then
    return entry.data -- the bytes as they arrived
  elseif entry.data_type == "text" then
    return core.json_encode(entry.data)
  end
  return '"' .. core.base64_encode(entry.data) .. '"'
end

local function recipients_of(entry)
  local list = {}
  for index, one in ipairs(entry.recipients or {}) do
    list[index] = { connectionId = one.connection_id, userId = one.user_id }
  end
  return entry.recipients and core.array(list)
end

local function metadata_of(entry)
  return entry.metadata and next(entry.metadata) and entry.metadata or nil
end

--- One entry as a JSON object.
function entries.text(entry)
  local text = core.json_encode {
    id = entry.id,
    kind = entry.kind,
    time = entry.time,
    hub = entry.hub,
    from = entry.from,
    to = entry.to,
    name = entry.name,
    group = entry.group,
    fromUserId = entry.from_user_id,
    connectionId = entry.connection_id,
    userId = entry.user_id,
    dataType = entry.data_type,
    metadata = metadata_of(entry),
    count = entry.count,
    recipients = recipients_of(entry),
    method = entry.method,
    target = entry.target,
    status = entry.status,
    fault = entry.fault,
  }
  return entry.data and text:sub(1, -2) .. ',"data":' .. data_of(entry) .. "}" or text
end

-- Is the message meant for, or was it received by, that user or connection?
local function reaches(entry, field, kind, wanted)
  if entry.to == kind and entry.name == wanted then
    return true
  end
  for _, one in ipairs(entry.recipients or {}) do
    if one[field] == wanted then
      return true
    end
  end
  return false
end

local function same(field)
  return function(entry, wanted)
    return entry[field] == wanted
  end
end

local tests = {
  kind = same "kind",
  group = same "group",
  from = same "from",
  to = same "to",
  fromUserId = same "from_user_id",
  dataType = same "data_type",
  hub = function(entry, wanted)
    return entry.hub == wanted:lower()
  end,
  userId = function(entry, wanted)
    return reaches(entry, "user_id", "user", wanted)
  end,
  connectionId = function(entry, wanted)
    return reaches(entry, "connection_id", "connection", wanted)
  end,
}

--- A function(entry) from query values.
function entries.filter(query)
  local wanted = {}
  for name in pairs(tests) do
    wanted[name] = query:last(name)
  end
  return function(entry)
    for name, value in pairs(wanted) do
      if not tests[name](entry, value) then
        return false
      end
    end
    return true
  end
end

local function groups_of(connection)
  local list = keys.sorted(connection.groups)
  for index = #list, shown_groups + 1, -1 do
    list[index] = nil
  end
  return core.array(list)
end

--- One connection as a value for JSON.
function entries.connection(connection)
  return {
    connectionId = connection.id,
    hub = connection.hub,
    userId = connection.user_id,
    subprotocol = connection.protocol and connection.protocol.name,
    groups = groups_of(connection),
    groupCount = connection.group_count,
  }
end

return entries
