---@meta webpubsub
-- Stubs for the Lua language server: put this folder into workspace.library.

---@class webpubsub
---@field _VERSION string
---@field null userdata JSON null
local webpubsub = {}

---@alias webpubsub.Outcome "not_sent"|"rejected"|"maybe_sent"

---@class webpubsub.Error
---@field code string stable word
---@field message string one sentence
---@field outcome webpubsub.Outcome what is known about delivery
---@field status? integer
---@field service_code? string
---@field target? string
---@field request_id? string
---@field attempts? integer
---@field retry_after? number seconds

---@class webpubsub.Response
---@field status integer
---@field headers table<string, string> by lower-case name
---@field body string
---@field request_id string

---@class webpubsub.CallOptions
---@field timeout? number seconds for the whole call
---@field retry_total? integer
---@field retry_backoff_factor? number
---@field retry_backoff_max? number
---@field retry_mode? "exponential"|"fixed"
---@field at_least_once? boolean
---@field logging_enable? boolean
---@field headers? table<string, string>
---@field request_id? string
---@field traceparent? string W3C Trace Context
---@field tracestate? string

---@class webpubsub.HookEvent: table<string, string|number>

---@class webpubsub.ClientOptions
---@field endpoint? string
---@field hub? string
---@field credential? string|webpubsub.Key|webpubsub.TokenCredential
---@field api_version? string
---@field reverse_proxy_endpoint? string
---@field timeout? number
---@field connect_timeout? number
---@field max_response_body? integer bytes
---@field keepalive_timeout? number seconds, inside nginx
---@field pool_size? integer inside nginx
---@field retry_total? integer
---@field retry_backoff_factor? number
---@field retry_backoff_max? number
---@field retry_mode? "exponential"|"fixed"
---@field at_least_once? boolean
---@field transport? webpubsub.Transport
---@field proxy? string|false
---@field ca_file? string
---@field verify? boolean
---@field allow_insecure_connection? boolean
---@field http_version? "1.1"|"2"
---@field logger? fun(level: string, line: string)|table
---@field logging_enable? boolean
---@field log_body? boolean
---@field application_id? string
---@field metrics? webpubsub.Metrics
---@field hooks? table<"on_request"|"on_response"|"on_retry"|"on_error", fun(event: webpubsub.HookEvent)>
---@field clock? fun(): number

---@class webpubsub.Transport
---@field send fun(self: webpubsub.Transport, request: webpubsub.Request, deadline: number): table?, webpubsub.Error?
---@field sleep fun(self: webpubsub.Transport, seconds: number)
---@field now fun(self: webpubsub.Transport): number
---@field close fun(self: webpubsub.Transport)

---@class webpubsub.Request
---@field method string
---@field url string
---@field audience string
---@field headers string[] name, value, name, value, …
---@field body? string
---@field idempotent boolean
---@field request_id string

---@alias webpubsub.Message table|string|number|boolean|userdata

---@class webpubsub.ConnectionMessageOptions: webpubsub.CallOptions
---@field content_type? string
---@field message_ttl_seconds? integer
---@field metadata? table<string, string>

---@class webpubsub.UserMessageOptions: webpubsub.ConnectionMessageOptions
---@field filter? string

---@class webpubsub.MessageOptions: webpubsub.UserMessageOptions
---@field excluded? string[]

---@class webpubsub.UsersMessageOptions: webpubsub.UserMessageOptions
---@field concurrency? integer calls at a time, with a poller; 16
---@field collapse? boolean one call for many users, by a filter
---@field collapse_size? integer users in one such call; 50

---@class webpubsub.GroupsMessageOptions: webpubsub.MessageOptions
---@field concurrency? integer calls at a time, with a poller; 16

---@class webpubsub.SendResult
---@field target string
---@field ok boolean
---@field error? webpubsub.Error

---@class webpubsub.SendResults: webpubsub.SendResult[]
---@field failed integer

---@class webpubsub.ReasonOptions: webpubsub.CallOptions
---@field reason? string

---@class webpubsub.CloseOptions: webpubsub.ReasonOptions
---@field excluded? string[]

---@class webpubsub.TargetOptions: webpubsub.CallOptions
---@field target_name string

---@class webpubsub.GroupsOptions: webpubsub.CallOptions
---@field groups string[]
---@field filter? string

---@class webpubsub.ListOptions: webpubsub.CallOptions
---@field top? integer
---@field max_page_size? integer
---@field continuation_token? string

---@class webpubsub.Connection
---@field connection_id string
---@field user_id? string

---@class webpubsub.Page: webpubsub.Connection[]
---@field continuation_token? string

---@class webpubsub.TokenOptions: webpubsub.CallOptions
---@field user_id? string
---@field roles? string[]
---@field groups? string[]
---@field minutes_to_expire? integer
---@field jwt_headers? table
---@field client_protocol? "Default"|"MQTT"|"SocketIO"

---@class webpubsub.Access
---@field url string
---@field token string
---@field base_url string

---@class webpubsub.RequestOptions: webpubsub.CallOptions
---@field method string
---@field path string
---@field query? table
---@field body? string|table
---@field content_type? string

---@class webpubsub.Key
local Key = {}

---@param text string
---@return true? ok, webpubsub.Error? err
function Key:update(text) end

---@class webpubsub.Client
local Client = {}

---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:send_to_all(message, options) end

---@param group string
---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:send_to_group(group, message, options) end

---@param user_id string
---@param message webpubsub.Message
---@param options? webpubsub.UserMessageOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:send_to_user(user_id, message, options) end

---@param user_ids string[]
---@param message webpubsub.Message
---@param options? webpubsub.UsersMessageOptions
---@return webpubsub.SendResults?, webpubsub.Error?
function Client:send_to_users(user_ids, message, options) end

---@param groups string[]
---@param message webpubsub.Message
---@param options? webpubsub.GroupsMessageOptions
---@return webpubsub.SendResults?, webpubsub.Error?
function Client:send_to_groups(groups, message, options) end

---@param connection_id string
---@param message webpubsub.Message
---@param options? webpubsub.ConnectionMessageOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:send_to_connection(connection_id, message, options) end

---@param group string
---@param user_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:add_user_to_group(group, user_id, options) end

---@param group string
---@param user_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:remove_user_from_group(group, user_id, options) end

---@param group string
---@param connection_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:add_connection_to_group(group, connection_id, options) end

---@param group string
---@param connection_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:remove_connection_from_group(group, connection_id, options) end

---@param user_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:remove_user_from_all_groups(user_id, options) end

---@param connection_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:remove_connection_from_all_groups(connection_id, options) end

---@param options webpubsub.GroupsOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:add_connections_to_groups(options) end

---@param options webpubsub.GroupsOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:remove_connections_from_groups(options) end

---@param connection_id string
---@param options? webpubsub.ReasonOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:close_connection(connection_id, options) end

---@param user_id string
---@param options? webpubsub.CloseOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:close_user_connections(user_id, options) end

---@param group string
---@param options? webpubsub.CloseOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:close_group_connections(group, options) end

---@param options? webpubsub.CloseOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:close_all_connections(options) end

---@param user_id string
---@param options? webpubsub.CallOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Client:user_exists(user_id, options) end

---@param group string
---@param options? webpubsub.CallOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Client:group_exists(group, options) end

---@param connection_id string
---@param options? webpubsub.CallOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Client:connection_exists(connection_id, options) end

---@param permission "sendToGroup"|"joinLeaveGroup"
---@param connection_id string
---@param options webpubsub.TargetOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:grant_permission(permission, connection_id, options) end

---@param permission "sendToGroup"|"joinLeaveGroup"
---@param connection_id string
---@param options webpubsub.TargetOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:revoke_permission(permission, connection_id, options) end

---@param permission "sendToGroup"|"joinLeaveGroup"
---@param connection_id string
---@param options webpubsub.TargetOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Client:check_permission(permission, connection_id, options) end

---@param permission "sendToGroup"|"joinLeaveGroup"
---@param connection_id string
---@param options webpubsub.TargetOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Client:has_permission(permission, connection_id, options) end

---@param group string
---@param options? webpubsub.ListOptions
---@return webpubsub.Page? page, webpubsub.Response|webpubsub.Error response
function Client:list_connections(group, options) end

---@param group string
---@param options? webpubsub.ListOptions
---@return fun(): webpubsub.Connection?
function Client:each_connection(group, options) end

---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Client:get_service_status(options) end

---@param options? webpubsub.TokenOptions
---@return webpubsub.Access? access, webpubsub.Error? err
function Client:get_client_access_token(options) end

---@param options webpubsub.RequestOptions
---@return webpubsub.Response? response, webpubsub.Error? err
function Client:send_request(options) end

---@param name string
---@return webpubsub.Group
function Client:group(name) end

---@param method string name of a method
---@param ... any what the method takes
---@return webpubsub.Request? request, webpubsub.Error? err
function Client:prepare(method, ...) end

function Client:close() end

---@class webpubsub.Group
local Group = {}

---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:send(message, options) end

---@param user_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:add_user(user_id, options) end

---@param user_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:remove_user(user_id, options) end

---@param connection_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:add_connection(connection_id, options) end

---@param connection_id string
---@param options? webpubsub.CallOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:remove_connection(connection_id, options) end

---@param options? webpubsub.CallOptions
---@return boolean? exists, webpubsub.Response|webpubsub.Error response
function Group:exists(options) end

---@param options? webpubsub.CloseOptions
---@return true? ok, webpubsub.Response|webpubsub.Error response
function Group:close_connections(options) end

---@param options? webpubsub.ListOptions
---@return webpubsub.Page? page, webpubsub.Response|webpubsub.Error response
function Group:list_connections(options) end

---@param options? webpubsub.ListOptions
---@return fun(): webpubsub.Connection?
function Group:each_connection(options) end

---@param options webpubsub.ClientOptions
---@return webpubsub.Client? client, webpubsub.Error? err
function webpubsub.client(options) end

---@param text string
---@param hub string
---@param options? webpubsub.ClientOptions
---@return webpubsub.Client? client, webpubsub.Error? err
function webpubsub.from_connection_string(text, hub, options) end

---@param text string
---@return webpubsub.Key? key, webpubsub.Error? err
function webpubsub.key(text) end

---@param options webpubsub.ClientSecretOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.client_secret_credential(options) end

---@param options webpubsub.CertificateOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.certificate_credential(options) end

---@param options? webpubsub.WorkloadIdentityOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.workload_identity_credential(options) end

---@param options? webpubsub.ManagedIdentityOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.managed_identity_credential(options) end

---@param options? webpubsub.AzureCliOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.azure_cli_credential(options) end

---@param options? webpubsub.AzureDeveloperCliOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.azure_developer_cli_credential(options) end

---@param options? webpubsub.DefaultCredentialOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.default_credential(options) end

---@param credentials webpubsub.TokenCredential[]
---@param options? { timeout: number }
---@return webpubsub.TokenCredential
function webpubsub.chained_token_credential(credentials, options) end

---@param token string
---@param options? { expires_on: number }
---@return webpubsub.TokenCredential
function webpubsub.static_token_credential(token, options) end

---@param f fun(context: webpubsub.TokenContext): string?, any token, epoch seconds of its end; nil, reason
---@param options? webpubsub.CredentialOptions
---@return webpubsub.TokenCredential?, webpubsub.Error?
function webpubsub.function_credential(f, options) end

---@class webpubsub.Metrics
---@field prometheus fun(self: webpubsub.Metrics): string

---@param options? { max_series: integer }
---@return webpubsub.Metrics
function webpubsub.metrics(options) end

---@param options webpubsub.EventHandlerOptions
---@return webpubsub.EventHandler? handler, webpubsub.Error? err
function webpubsub.event_handler(options) end

---A transport that never waits for the network.
---@param options? webpubsub.PollerOptions
---@return webpubsub.Poller?, webpubsub.Error?
function webpubsub.poller(options) end

---@param template string
---@param ... string|number|boolean|table|nil
---@return string filter
function webpubsub.filter(template, ...) end

---@generic T: table
---@param t T
---@return T t
function webpubsub.array(t) end

return webpubsub
