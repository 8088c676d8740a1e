--- webpubsub group, user, connection, permission and health: one subcommand for each REST operation that is no send.

local connect = require "webpubsub.command.connect"
local core = require "webpubsub.core"
local report = require "webpubsub.command.report"

local calls = {}

-- command → subcommands: name, method, what it does, positional arguments, options.
local commands = {
  group = {
    { "exists", "group_exists", "Is anybody in the group?", { "group" } },
    { "list", "list_connections", "List the connections of the group.", { "group" }, { "top" } },
    {
      "close",
      "close_group_connections",
      "Close the connections of the group.",
      { "group" },
      { "reason", "excluded" },
    },
    { "add-user", "add_user_to_group", "Add all connections of a user.", { "group", "user" } },
    { "remove-user", "remove_user_from_group", "Remove all connections of a user.", { "group", "user" } },
    { "add-connection", "add_connection_to_group", "Add a connection.", { "group", "connection" } },
    { "remove-connection", "remove_connection_from_group", "Remove a connection.", { "group", "connection" } },
    { "add-matching", "add_connections_to_groups", "Add the connections of a filter.", { "groups" }, { "filter" } },
    { "remove-matching", "remove_connections_from_groups", "Remove those of a filter.", { "groups" }, { "filter" } },
  },
  user = {
    { "exists", "user_exists", "Has the user a connection?", { "user" } },
    { "close", "close_user_connections", "Close the user's connections.", { "user" }, { "reason", "excluded" } },
    { "leave-groups", "remove_user_from_all_groups", "Take the user out of all groups.", { "user" } },
  },
  connection = {
    { "exists", "connection_exists", "Is the connection open?", { "connection" } },
    { "close", "close_connection", "Close the connection.", { "connection" }, { "reason" } },
    { "close-all", "close_all_connections", "Close all connections of the hub.", {}, { "reason", "excluded" } },
    { "leave-groups", "remove_connection_from_all_groups", "Take it out of all groups.", { "connection" } },
  },
  permission = {
    { "grant", "grant_permission", "Let a connection do it.", { "permission", "connection" }, { "group" } },
    { "revoke", "revoke_permission", "Forbid it to a connection.", { "permission", "connection" }, { "group" } },
    { "check", "check_permission", "May a connection do it?", { "permission", "connection" }, { "group" } },
  },
  health = { { false, "get_service_status", "Ask whether the service is up.", {} } },
}

local descriptions = {
  group = "Ask about a group and change who is in it.",
  user = "Ask about a user's connections.",
  connection = "Ask about connections and close them.",
  permission = "Grant, revoke and check what a connection may do with a group.",
  health = "Ask whether the service is up.",
}

local options = {
  top = function(command)
    command:option("--top", "At most so many."):argname("N"):convert(connect.whole)
  end,
  reason = function(command)
    command:option("--reason", "What the clients hear."):argname "TEXT"
  end,
  excluded = function(command)
    command:option("--excluded", "A connection to spare. May be repeated."):argname("ID"):count "*"
  end,
  filter = function(command)
    command:option("--filter", "OData filter; without it all connections of the hub."):argname "TEXT"
  end,
  group = function(command)
    command:option("--group", "The group that the permission is for."):argname("NAME"):count(1)
  end,
}

-- The table of options for a method, from what the command line said.
local function call_options(read, row)
  local call = {}
  for _, name in ipairs(row[5] or {}) do
    call[name] = read[name]
  end
  if call.excluded and #call.excluded == 0 then
    call.excluded = nil
  end
  if row[4][1] == "permission" then
    call.target_name, call.group = call.group, nil
  end
  return call
end

-- The order of the library's methods: they name the user or connection behind the group.
local function arguments_of(read, row)
  local list = {}
  for index, name in ipairs(row[4]) do
    list[index] = read[name]
  end
  return list
end

local function list(read, client, row)
  local items, call = {}, call_options(read, row)
  repeat
    local page, err = client:list_connections(read.group, call)
    if not page then
      return report.failure(read, err)
    end
    for _, one in ipairs(page) do
      items[#items + 1] = { connectionId = one.connection_id, userId = one.user_id }
    end
    call.continuation_token = page.continuation_token
  until not page.continuation_token
  if read.json then
    return report.success(read, { connections = core.array(items) })
  end
  for _, one in ipairs(items) do
    report.line(one.connectionId .. "\t" .. (one.userId or ""))
  end
  return report.done
end

local function perform(read, client, row)
  local values, call = arguments_of(read, row), call_options(read, row)
  if row[4][1] == "groups" then
    call.groups = read.groups
    return client[row[2]](client, call)
  elseif #values == 0 then
    return client[row[2]](client, call)
  elseif #values == 1 then
    return client[row[2]](client, values[1], call)
  end
  return client[row[2]](client, values[1], values[2], call)
end

local function run_row(read, row)
  local client = connect.client(read)
  if row[2] == "list_connections" then
    return list(read, client, row)
  end
  local answer, detail = perform(read, client, row)
  if answer == nil then
    return report.failure(read, detail)
  elseif row[2]:find "exists$" or row[2] == "check_permission" then
    report.success(read, { answer = answer }, answer and "yes" or "no")
    return answer and report.done or report.no
  end
  return report.success(read, { status = detail.status, requestId = detail.request_id })
end

local function add_row(command, row)
  for _, name in ipairs(row[4]) do
    local argument = command:argument(name)
    if name == "groups" then
      argument:args "+"
    end
  end
  for _, name in ipairs(row[5] or {}) do
    options[name](command)
  end
  connect.add(command)
end

local function add_command(add, runs, name, rows)
  local command, by_name = add(name, descriptions[name]), {}
  if not rows[1][1] then
    add_row(command, rows[1])
    runs[name] = function(read)
      return run_row(read, rows[1])
    end
    return
  end
  command:command_target "subcommand"
  command:require_command(true)
  for _, row in ipairs(rows) do
    by_name[row[1]] = row
    add_row(add(row[1], row[3], command), row)
  end
  runs[name] = function(read)
    return run_row(read, by_name[read.subcommand])
  end
end

--- The methods that these commands call, for the check that none is missing.
function calls.methods()
  local set = {}
  for _, rows in pairs(commands) do
    for _, row in ipairs(rows) do
      set[row[2]] = true
    end
  end
  return set
end

function calls.add(add, runs)
  for _, name in ipairs { "group", "user", "connection", "permission", "health" } do
    add_command(add, runs, name, commands[name])
  end
end

return calls
