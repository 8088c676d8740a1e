--- webpubsub send

local connect = require "webpubsub.command.connect"
local core = require "webpubsub.core"
local message = require "webpubsub.pipeline.message"
local names = require "webpubsub.names"
local operations = require "webpubsub.operations"
local report = require "webpubsub.command.report"
local response = require "webpubsub.pipeline.response"

local send = {}

local types = { text = "text/plain", json = "application/json", binary = "application/octet-stream" }

-- option → method, and the kind of name that goes into its path
local targets = {
  { "group", "send_to_group", "group" },
  { "user", "send_to_user", "user_id" },
  { "connection", "send_to_connection", "connection_id" },
}

local function refuse(sentence)
  report.fail(report.usage, sentence)
end

local function segment_of(kind, value)
  local segment, sentence = names.path_segment(kind, value)
  if not segment then
    refuse("The target is not valid: " .. sentence .. ".")
  end
  return segment
end

-- The operation and its path; {hub} is left to the client.
local function target_of(read)
  for _, target in ipairs(targets) do
    local value = read[target[1]]
    if value then
      local row, segment = operations.by_name[target[2]], segment_of(target[3], value)
      return row, (row.path:gsub("{(%w+)}", function(name)
        return name ~= "hub" and segment or nil
      end))
    end
  end
  local row = operations.by_name.send_to_all
  return row, row.path
end

local function read_stream(file)
  local bytes = file:read(message.maximum + 1) or ""
  file:close()
  return bytes
end

local function body_of(read)
  if (read.message ~= nil) == (read.file ~= nil) then
    refuse "Give either a message or --file; --file - reads standard input."
  elseif read.message then
    return read.message
  elseif read.file == "-" then
    return io.stdin:read(message.maximum + 1) or ""
  end
  local file, why = io.open(read.file, "rb")
  if not file then
    refuse(("The file cannot be read: %s."):format(why))
  end
  return read_stream(file)
end

-- The bytes go out as they are: JSON keeps its digits and its empty arrays.
local function check_body(body, kind)
  if #body > message.maximum then
    refuse "A message may have 1048576 bytes, this one has more."
  elseif kind == "text" and not core.utf8_length(body) then
    refuse "The message is not UTF-8 text; --type binary sends any bytes."
  elseif kind == "json" and not core.json_check(body) then
    refuse "The message is not JSON; --type text sends any text."
  end
  return body
end

local function metadata_of(read)
  local metadata = {}
  for _, pair in ipairs(read.metadata) do
    local name, value = pair:match "^([^=]+)=(.*)$"
    if not name then
      refuse "Metadata reads KEY=VALUE."
    end
    metadata[name] = value
  end
  return metadata
end

local function headers_of(read)
  local list, err = message.metadata(metadata_of(read))
  if not list then
    refuse("The metadata is not valid: " .. err.message .. ".")
  end
  local headers = {}
  for i = 1, #list, 2 do
    headers[list[i]] = list[i + 1]
  end
  return headers
end

local function run(read)
  local client = connect.client(read)
  local row, path = target_of(read)
  local answer, err = client:send_request {
    method = row.method,
    path = path,
    query = {
      excluded = #read.excluded > 0 and read.excluded or nil,
      filter = read.filter,
      messageTtlSeconds = read.ttl and ("%d"):format(read.ttl) or nil,
    },
    headers = headers_of(read),
    body = check_body(body_of(read), read.type),
    content_type = types[read.type],
  }
  local ok
  if answer then
    ok, err = response.read(row, answer)
  end
  if not ok then
    return report.failure(read, err)
  end
  return report.success(read, { status = answer.status, requestId = answer.request_id }, "accepted")
end

function send.add(add, runs)
  local command = add("send", "Send a message to everybody in a hub, or to a group, user or connection.")
  command:argument("message", "The message."):args "?"
  command:option("--file", "Send what the file holds; - is standard input."):argname "FILE"
  command:mutex(
    command:flag("--all", "To everybody in the hub (default)."),
    command:option("--group", "To a group."):argname "NAME",
    command:option("--user", "To a user."):argname "ID",
    command:option("--connection", "To a connection."):argname "ID"
  )
  command:option("--type", "text, json or binary (default text)."):choices({ "text", "json", "binary" }):default "text"
  command:option("--excluded", "A connection that does not get it. May be repeated."):argname("ID"):count "*"
  command:option("--filter", "OData filter on connections."):argname "TEXT"
  command
    :option("--ttl", "Seconds after which it is not delivered any more, 0 to 300.")
    :argname("N")
    :convert(connect.whole)
  command:option("--metadata", "KEY=VALUE that travels along. May be repeated."):argname("PAIR"):count "*"
  connect.add(command)
  runs.send = run
end

return send
