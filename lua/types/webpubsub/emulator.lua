---@meta webpubsub.emulator

---The local service, started as a child process.
---@class webpubsub.emulator
local emulator = {}

---@class webpubsub.EmulatorOptions
---@field port? integer default 0: a free one
---@field host? string default 127.0.0.1 and ::1
---@field access_key? string default: the development key
---@field endpoint? string|string[] other URLs under which it is reached
---@field hub? string
---@field log_level? "off"|"error"|"warn"|"info"|"debug" default off
---@field event_log? boolean
---@field faults? string|string[] such as "send:503*2"
---@field history_entries? integer how many messages are kept for `messages`; default 10000
---@field history_bytes? integer how many bytes of them; default 16 MiB
---@field hubs? table<string, webpubsub.EmulatorHub> settings by hub; `_default` is every hub that is not named
---@field unvalidated_entra_tokens? boolean believes Entra tokens without checking who signed them; default false
---@field event_timeout? number seconds for an event, its attempts included; default 100
---@field event_retry_delays? number[] seconds before another attempt; default { 1, 3, 5 }
---@field recovery_window? number seconds in which a reliable client may come back; default 30
---@field reliable_messages? integer how many messages a reliable client may leave unacknowledged; default 1000
---@field reliable_bytes? integer how many bytes of them; default 16 MiB
---@field queue_messages? integer how many messages may wait for one client; default 10000
---@field queue_bytes? integer how many bytes of them; default 16 MiB
---@field ping_interval? number seconds after which a silent client is pinged; default 40
---@field silence_timeout? number seconds after which a silent client is dropped; default 120

---@class webpubsub.EmulatorHub
---@field anonymous? boolean clients may come without a token; default false
---@field handlers? webpubsub.EmulatorHandler[] the first that takes an event gets it

---@class webpubsub.EmulatorHandler
---@field url string http or https URL, with {hub} and {event} in path or query
---@field system_events? string|string[] of "connect", "connected", "disconnected"
---@field user_events? string|string[] "*", or names

---@class webpubsub.MessageFilter
---@field hub? string
---@field group? string
---@field user_id? string addressed to that user, or received by it
---@field connection_id? string
---@field from_user_id? string
---@field from? "server"|"group"
---@field to? "all"|"group"|"user"|"connection"
---@field data_type? "json"|"text"|"binary"
---@field at_least? integer waits until there are so many
---@field timeout? number seconds that `at_least` waits; default 5

---@class webpubsub.ConnectionFilter
---@field hub? string
---@field group? string
---@field user_id? string

---@class webpubsub.SeenMessage
---@field hub string
---@field from "server"|"group"
---@field to "all"|"group"|"user"|"connection"
---@field group? string
---@field user_id? string
---@field connection_id? string
---@field from_user_id? string
---@field data_type "json"|"text"|"binary"
---@field data any
---@field metadata? table<string, string>
---@field recipients integer
---@field connection_ids string[]
---@field time number

---@class webpubsub.SeenConnection
---@field connection_id string
---@field hub string
---@field user_id? string
---@field subprotocol? string
---@field groups string[]

---@class webpubsub.Emulator
---@field endpoint string
---@field connection_string string
---@field access_key string
---@field port integer
local Emulator = {}

---@param filter? webpubsub.MessageFilter
---@return webpubsub.SeenMessage[]? messages, webpubsub.Error? err
function Emulator:messages(filter) end

---@param filter? webpubsub.ConnectionFilter
---@return webpubsub.SeenConnection[]? connections, webpubsub.Error? err
function Emulator:connections(filter) end

---@return true? ok, webpubsub.Error? err
function Emulator:reset() end

---@param ... string such as "send:429*1;retry-after=2"
---@return true? ok, webpubsub.Error? err
function Emulator:fault(...) end

---@return true? ok, webpubsub.Error? err
function Emulator:clear_faults() end

---@return true? ok, string? sentence
function Emulator:stop() end

---@return true? ok, string? sentence
function Emulator:close() end

---@param options? webpubsub.EmulatorOptions
---@return webpubsub.Emulator? emulator, string? sentence
function emulator.start(options) end

return emulator
