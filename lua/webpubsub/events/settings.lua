--- Options of an event handler: what is checked, and who is believed.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local log = require "webpubsub.log"
local names = require "webpubsub.names"
local options = require "webpubsub.options"
local signature = require "webpubsub.events.signature"

local settings = {}

settings.schema = {
  hub = { type = "string" },
  access_keys = { type = "table" },
  connection_string = { type = "string" },
  authenticate = { type = "function" },
  insecure = { type = "boolean", default = false },
  handle_connect = { type = "function" },
  handle_user_event = { type = "function" },
  on_connected = { type = "function" },
  on_disconnected = { type = "function" },
  on_group_joined = { type = "function" },
  on_group_left = { type = "function" },
  allowed_endpoints = { type = "strings" },
  middleware = { type = "table", default = {} },
  max_body = { type = "number", integer = true, minimum = 1, maximum = 2 ^ 31, default = 2097152 },
  logger = { type = "any" },
}

local function check_verification(read)
  local keys = read.access_keys
  if keys and read.connection_string then
    errors.misuse "event_handler: give access_keys or connection_string, not both"
  elseif keys and #keys == 0 then
    -- { os.getenv "KEY" } is empty when the variable is: that must not switch the check off.
    errors.misuse "event_handler: access_keys is empty"
  end
  local verified = keys or read.connection_string or read.authenticate
  if verified and read.insecure then
    errors.misuse "event_handler: insecure = true contradicts the check of requests"
  elseif not verified and not read.insecure then
    errors.misuse(
      "event_handler: anybody could forge events; give access_keys, connection_string or authenticate"
        .. " (or insecure = true, behind something that checks requests)"
    )
  end
end

local function check_forms(read)
  for _, each in ipairs(read.middleware) do
    if type(each) ~= "function" then
      errors.misuse("event_handler: middleware holds functions, got %s", type(each))
    end
  end
  if read.hub == nil then
    errors.misuse "event_handler: the option hub is missing"
  elseif read.logger ~= nil and not log.is_logger(read.logger) then
    errors.misuse "event_handler: logger must be a function or an object with debug, info, warn and error"
  end
end

--- The host of an endpoint with its port, and without it: the service says which one is meant by neither.
local function add_host(hosts, endpoint)
  local url, sentence = core.normalize_endpoint(endpoint)
  if not url then
    return errors.invalid("event_handler: allowed_endpoints: " .. sentence)
  end
  local host = url:match "^%a+://([^/]+)"
  hosts[host] = true
  hosts[host:gsub(":%d+$", "")] = true
  return true
end

--- Hosts that may send events, or nil for every host.
local function allowed_hosts(endpoints)
  if not endpoints then
    return nil
  end
  local hosts = {}
  for _, endpoint in ipairs(endpoints) do
    local ok, err = add_host(hosts, endpoint)
    if not ok then
      return nil, err
    end
  end
  return hosts
end

local function read_connection_string(read)
  if not read.connection_string then
    return true
  end
  local parts, sentence = core.parse_connection_string(read.connection_string)
  if not parts then
    return errors.invalid("event_handler: " .. sentence)
  end
  read.access_keys = { parts.access_key }
  read.allowed_endpoints = read.allowed_endpoints or { parts.endpoint }
  read.connection_string = nil
  return true
end

--- read(given) → { hub, sources, hosts, … } | nil, err. No key stays in it.
function settings.read(given)
  local read, err = options.read(settings.schema, given, "event_handler")
  if not read then
    return nil, err
  end
  check_verification(read)
  check_forms(read)
  local ok, sentence = names.check_hub(read.hub)
  if not ok then
    return errors.invalid("event_handler: " .. sentence)
  end
  ok, err = read_connection_string(read)
  if not ok then
    return nil, err
  end
  read.hosts, err = allowed_hosts(read.allowed_endpoints)
  if err then
    return nil, err
  end
  read.sources, err = signature.sources(read.access_keys or {})
  if err then
    return nil, err
  end
  read.access_keys = nil
  return read
end

return settings
