---@meta webpubsub.outbox

---@class webpubsub.outbox
local outbox = {}

---@class webpubsub.OutboxOptions
---@field client webpubsub.Client|webpubsub.ClientOptions
---@field max_count? integer messages that may wait, 10000
---@field max_bytes? integer bytes of their bodies, 16777216
---@field on_full? "drop_newest"|"drop_oldest"
---@field in_flight? integer sends at once, 8
---@field flush_timeout? number seconds to send what waits when the worker ends, 5
---@field dict? string name of a lua_shared_dict for the counters

---@class webpubsub.OutboxStats
---@field enqueued integer
---@field sent integer
---@field failed integer
---@field dropped integer
---@field pending integer

---@class webpubsub.Outbox
local Outbox = {}

---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Error? err
function Outbox:send_to_all(message, options) end

---@param group string
---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Error? err
function Outbox:send_to_group(group, message, options) end

---@param user_id string
---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Error? err
function Outbox:send_to_user(user_id, message, options) end

---@param connection_id string
---@param message webpubsub.Message
---@param options? webpubsub.MessageOptions
---@return true? ok, webpubsub.Error? err
function Outbox:send_to_connection(connection_id, message, options) end

---@return webpubsub.OutboxStats
function Outbox:stats() end

---@param options webpubsub.OutboxOptions
---@return webpubsub.Outbox? outbox, webpubsub.Error? err
function outbox.new(options) end

return outbox
