--- The operations of the REST data plane, version 2024-12-01, as data: one row each.
-- The client makes its methods from these rows and the emulator its routes. Order: that of the published document.
--
-- name        method of the client; the Python package's name
-- id          operation id of the published OpenAPI document
-- method      HTTP method
-- path        template; the names in braces are wire names
-- arguments   positional arguments in order; "message" is the body, the others go into the path
-- options     names of the query parameters' options, in the order in which they are written
-- body        "message", "groups" (an object of `groups` and `filter`), or nothing
-- success     the statuses that are success; every other one is an error
-- answer      "exists" (200 true, 404 false), "page", "token", or nothing (`true, response`)
-- idempotent  may be repeated without a second effect
-- since       first stable API version that has it
-- hidden      used by other methods, not a method of its own

local operations = {}

--- What a name means on the wire: path parameters and query parameters by their option names.
-- kind: name (a path segment), permission, string, strings (repeated parameter), integer with its limits.
-- since: the API version that added the parameter, where it is younger than its operations.
operations.parameters = {
  hub = { wire = "hub", kind = "hub" },
  group = { wire = "group", kind = "group" },
  user_id = { wire = "userId", kind = "id" },
  connection_id = { wire = "connectionId", kind = "id" },
  permission = { wire = "permission", kind = "permission" },

  api_version = { wire = "api-version", kind = "string" },
  excluded = { wire = "excluded", kind = "strings" },
  filter = { wire = "filter", kind = "string", since = "2022-11-01" },
  message_ttl_seconds = {
    wire = "messageTtlSeconds",
    kind = "integer",
    minimum = 0,
    maximum = 300,
    since = "2024-01-01",
  },
  reason = { wire = "reason", kind = "string" },
  target_name = { wire = "targetName", kind = "string" },
  max_page_size = { wire = "maxpagesize", kind = "integer", minimum = 1, maximum = 200 },
  top = { wire = "top", kind = "integer", minimum = 1, maximum = 2147483647 },
  continuation_token = { wire = "continuationToken", kind = "string" },
  token_user_id = { wire = "userId", kind = "string" },
  token_roles = { wire = "role", kind = "strings" },
  token_groups = { wire = "group", kind = "strings", since = "2022-11-01" },
  minutes_to_expire = { wire = "minutesToExpire", kind = "integer", minimum = 1, maximum = 2147483647 },
  client_type = { wire = "clientType", kind = "string", since = "2024-01-01" },
}

local hub_path = "/api/hubs/{hub}"
local connection_path = hub_path .. "/connections/{connectionId}"
local group_path = hub_path .. "/groups/{group}"
local group_connection_path = group_path .. "/connections/{connectionId}"
local permission_path = hub_path .. "/permissions/{permission}/connections/{connectionId}"
local user_path = hub_path .. "/users/{userId}"
local user_group_path = user_path .. "/groups/{group}"

operations.list = {
  {
    name = "get_service_status",
    id = "HealthApi_GetServiceStatus",
    method = "HEAD",
    path = "/api/health",
    arguments = {},
    options = {},
    success = { 200 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "add_connections_to_groups",
    id = "WebPubSub_AddConnectionsToGroups",
    method = "POST",
    path = hub_path .. "/:addToGroups",
    arguments = {},
    options = {},
    body = "groups",
    success = { 200 },
    idempotent = true,
    since = "2024-01-01",
  },
  {
    name = "remove_connections_from_groups",
    id = "WebPubSub_RemoveConnectionsFromGroups",
    method = "POST",
    path = hub_path .. "/:removeFromGroups",
    arguments = {},
    options = {},
    body = "groups",
    success = { 200 },
    idempotent = true,
    since = "2024-01-01",
  },
  {
    name = "close_all_connections",
    id = "WebPubSub_CloseAllConnections",
    method = "POST",
    path = hub_path .. "/:closeConnections",
    arguments = {},
    options = { "excluded", "reason" },
    success = { 204 },
    idempotent = false, -- a repetition also closes who connected in between
    since = "2021-10-01",
  },
  {
    name = "generate_client_token",
    id = "WebPubSub_GenerateClientToken",
    method = "POST",
    path = hub_path .. "/:generateToken",
    arguments = {},
    options = { "token_user_id", "token_roles", "token_groups", "minutes_to_expire", "client_type" },
    success = { 200 },
    answer = "token",
    idempotent = true, -- nothing changes at the service
    since = "2021-10-01",
    hidden = true,
  },
  {
    name = "send_to_all",
    id = "WebPubSub_SendToAll",
    method = "POST",
    path = hub_path .. "/:send",
    arguments = { "message" },
    options = { "excluded", "filter", "message_ttl_seconds" },
    body = "message",
    success = { 202 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "connection_exists",
    id = "WebPubSub_ConnectionExists",
    method = "HEAD",
    path = connection_path,
    arguments = { "connection_id" },
    options = {},
    success = { 200, 404 },
    answer = "exists",
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "close_connection",
    id = "WebPubSub_CloseConnection",
    method = "DELETE",
    path = connection_path,
    arguments = { "connection_id" },
    options = { "reason" },
    success = { 204 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "send_to_connection",
    id = "WebPubSub_SendToConnection",
    method = "POST",
    path = connection_path .. "/:send",
    arguments = { "connection_id", "message" },
    options = { "message_ttl_seconds" },
    body = "message",
    success = { 202 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "remove_connection_from_all_groups",
    id = "WebPubSub_RemoveConnectionFromAllGroups",
    method = "DELETE",
    path = connection_path .. "/groups",
    arguments = { "connection_id" },
    options = {},
    success = { 204 },
    idempotent = true,
    since = "2022-11-01",
  },
  {
    name = "group_exists",
    id = "WebPubSub_GroupExists",
    method = "HEAD",
    path = group_path,
    arguments = { "group" },
    options = {},
    success = { 200, 404 },
    answer = "exists",
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "close_group_connections",
    id = "WebPubSub_CloseGroupConnections",
    method = "POST",
    path = group_path .. "/:closeConnections",
    arguments = { "group" },
    options = { "excluded", "reason" },
    success = { 204 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "send_to_group",
    id = "WebPubSub_SendToGroup",
    method = "POST",
    path = group_path .. "/:send",
    arguments = { "group", "message" },
    options = { "excluded", "filter", "message_ttl_seconds" },
    body = "message",
    success = { 202 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "list_connections",
    id = "WebPubSub_ListConnectionsInGroup",
    method = "GET",
    path = group_path .. "/connections",
    arguments = { "group" },
    options = { "max_page_size", "top", "continuation_token" },
    success = { 200 },
    answer = "page",
    idempotent = true,
    since = "2024-12-01",
  },
  {
    name = "add_connection_to_group",
    id = "WebPubSub_AddConnectionToGroup",
    method = "PUT",
    path = group_connection_path,
    arguments = { "group", "connection_id" },
    options = {},
    success = { 200 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "remove_connection_from_group",
    id = "WebPubSub_RemoveConnectionFromGroup",
    method = "DELETE",
    path = group_connection_path,
    arguments = { "group", "connection_id" },
    options = {},
    success = { 204 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "grant_permission",
    id = "WebPubSub_GrantPermission",
    method = "PUT",
    path = permission_path,
    arguments = { "permission", "connection_id" },
    options = { "target_name" },
    success = { 200 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "revoke_permission",
    id = "WebPubSub_RevokePermission",
    method = "DELETE",
    path = permission_path,
    arguments = { "permission", "connection_id" },
    options = { "target_name" },
    success = { 204 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "check_permission",
    id = "WebPubSub_CheckPermission",
    method = "HEAD",
    path = permission_path,
    arguments = { "permission", "connection_id" },
    options = { "target_name" },
    success = { 200, 404 },
    answer = "exists",
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "user_exists",
    id = "WebPubSub_UserExists",
    method = "HEAD",
    path = user_path,
    arguments = { "user_id" },
    options = {},
    success = { 200, 404 },
    answer = "exists",
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "close_user_connections",
    id = "WebPubSub_CloseUserConnections",
    method = "POST",
    path = user_path .. "/:closeConnections",
    arguments = { "user_id" },
    options = { "excluded", "reason" },
    success = { 204 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "send_to_user",
    id = "WebPubSub_SendToUser",
    method = "POST",
    path = user_path .. "/:send",
    arguments = { "user_id", "message" },
    options = { "filter", "message_ttl_seconds" },
    body = "message",
    success = { 202 },
    idempotent = false,
    since = "2021-10-01",
  },
  {
    name = "remove_user_from_all_groups",
    id = "WebPubSub_RemoveUserFromAllGroups",
    method = "DELETE",
    path = user_path .. "/groups",
    arguments = { "user_id" },
    options = {},
    success = { 204 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "add_user_to_group",
    id = "WebPubSub_AddUserToGroup",
    method = "PUT",
    path = user_group_path,
    arguments = { "group", "user_id" },
    options = {},
    success = { 200 },
    idempotent = true,
    since = "2021-10-01",
  },
  {
    name = "remove_user_from_group",
    id = "WebPubSub_RemoveUserFromGroup",
    method = "DELETE",
    path = user_group_path,
    arguments = { "group", "user_id" },
    options = {},
    success = { 204 },
    idempotent = true,
    since = "2021-10-01",
  },
}

--- The rows by their names.
operations.by_name = {}
for _, row in ipairs(operations.list) do
  operations.by_name[row.name] = row
end

--- Other names under which a method is known: the official packages call check_permission both ways.
operations.aliases = { has_permission = "check_permission" }

return operations
