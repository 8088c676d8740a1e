---@meta

-- Types of webhooks: what webpubsub.event_handler takes, and its events.

---@class webpubsub.EventHandlerOptions
---@field hub string
---@field access_keys? (string|webpubsub.Key)[] a signature by any of them is believed
---@field connection_string? string in place of access_keys; also names the allowed endpoint
---@field authenticate? fun(request: webpubsub.WebhookRequest): boolean?, integer? true, or nil and a status
---@field insecure? boolean true: no request is checked
---@field handle_connect? fun(event: webpubsub.Event, response: webpubsub.EventResponse)
---@field handle_user_event? fun(event: webpubsub.Event, response: webpubsub.EventResponse)
---@field on_connected? fun(event: webpubsub.Event)
---@field on_disconnected? fun(event: webpubsub.Event)
---@field on_group_joined? fun(event: webpubsub.Event)
---@field on_group_left? fun(event: webpubsub.Event)
---@field allowed_endpoints? string[] URLs; every host when absent
---@field middleware? fun(event: webpubsub.Event, response: webpubsub.EventResponse, next: fun())[]
---@field max_body? integer bytes; 2097152
---@field logger? fun(level: string, line: string)|table

---@class webpubsub.WebhookRequest
---@field method string
---@field headers table<string, string|string[]> names in any letter case
---@field body? string
---@field read_body? fun(limit: integer): string?, string? bytes, or nil and "too_large" or a sentence
---@field target? string path and query

---@class webpubsub.WebhookResponse
---@field status integer
---@field headers table<string, string|string[]>
---@field body string

---@class webpubsub.Event
---@field kind "connect"|"connected"|"disconnected"|"group_joined"|"group_left"|"user"
---@field name string
---@field id string unique within the connection; the same again when the service repeats an event
---@field hub string
---@field connection_id string
---@field user_id? string
---@field origin string
---@field source? string
---@field time? string
---@field subprotocol? string
---@field client_protocol "default"|"mqtt"
---@field states table decoded connection state
---@field connection_state? string as it came
---@field request webpubsub.WebhookRequest
---@field claims? table<string, string[]> connect
---@field query? table<string, string[]> connect
---@field headers? table<string, string[]> connect
---@field subprotocols? string[] connect
---@field client_certificates? table[] connect
---@field data? any user event: text, decoded JSON or bytes
---@field data_type? "text"|"json"|"binary"|"protobuf"
---@field body? string user event: the bytes that came
---@field content_type? string
---@field metadata? table<string, string>
---@field reason? string disconnected
---@field group? string group events
---@field mqtt? table
---@field namespace? string Socket.IO
---@field socket_id? string Socket.IO

---@class webpubsub.EventResponse
local EventResponse = {}

---@param value? any connect: { user_id, groups, roles, subprotocol, user_properties }; user event: the data
---@param options? { content_type?: string, metadata?: table<string, string>, user_properties?: table[] }
function EventResponse:success(value, options) end

---@param status integer 400 to 599
---@param message? string
function EventResponse:fail(status, message) end

---@param answer { code: integer, reason?: string, user_properties?: table[] } CONNACK code
function EventResponse:fail_with(answer) end

---@param name string
---@param value any JSON value; nil removes it
function EventResponse:set_state(name, value) end

function EventResponse:clear_state() end

---@return boolean
function EventResponse:answered() end

---@class webpubsub.EventHandler
local EventHandler = {}

---@param request webpubsub.WebhookRequest
---@param write? fun(level: string, line: string) for log lines when the handler has no logger
---@return webpubsub.WebhookResponse
function EventHandler:handle(request, write) end

---@return integer bytes
function EventHandler:max_body() end
