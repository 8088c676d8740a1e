--- Options of the emulator: defaults and rules, the same for the command line and for `start`.

local core = require "webpubsub.core"
local faults = require "webpubsub.emulator.faults"
local log = require "webpubsub.emulator.log"
local rules = require "webpubsub.emulator.rules"
local settings = require "webpubsub.emulator.webhook.settings"

local options = {}

-- Contract, connection string: the development string that the emulator and test suites share.
options.default_key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
options.default_port = 8080

local function check_port(port)
  if type(port) == "number" and port >= 0 and port <= 65535 and port == math.floor(port) then
    return port
  end
  return nil, "The port must be a whole number from 0 to 65535."
end

local function check_host(host)
  if type(host) == "string" and host:find "^[%w%.%-:]+$" then
    return host
  end
  return nil, "The host must be a name or an address."
end

-- Contract, connection string: 32 or more bytes without outer white space, semicolons or control characters.
local function check_key(key)
  local ok = type(key) == "string" and #key >= 32 and not key:find "[;%c]" and not key:find "^%s" and not key:find "%s$"
  if ok and core.utf8_length(key) then
    return key
  end
  return nil, "The access key must have 32 or more bytes without semicolons, control characters or outer white space."
end

local function check_hub(hub)
  if type(hub) == "string" and rules.is_hub(hub) then
    return hub
  end
  return nil, "The hub must be a letter, then up to 127 letters, digits or _`,.[]."
end

local function check_endpoints(value)
  local list = {}
  for index, text in ipairs(type(value) == "table" and value or { value }) do
    local endpoint, why = core.normalize_endpoint(tostring(text))
    if not endpoint then
      return nil, why
    end
    list[index] = endpoint
  end
  return list
end

local function check_level(level)
  if type(level) == "string" and log.is_level(level) then
    return level
  end
  return nil, "The log level must be off, error, warn, info or debug."
end

local function flag(name)
  return function(value)
    if type(value) == "boolean" then
      return value
    end
    return nil, name .. " must be true or false."
  end
end

local function number(name, minimum, maximum, whole)
  return function(value)
    local ok = type(value) == "number" and value >= minimum and value <= maximum
    if ok and (not whole or value == math.floor(value)) then
      return value
    end
    return nil,
      ("%s must be %s from %g to %g."):format(name, whole and "a whole number" or "a number", minimum, maximum)
  end
end

local check_delay = number("A retry delay", 0, 3600)

local function check_delays(value)
  if type(value) ~= "table" or #value > 10 then
    return nil, "event_retry_delays must be a list of at most 10 numbers of seconds."
  end
  for _, delay in ipairs(value) do
    local ok, why = check_delay(delay)
    if not ok then
      return nil, why
    end
  end
  return value
end

local function check_faults(value)
  local list = {}
  for index, text in ipairs(type(value) == "table" and value or { value }) do
    local rule, why = faults.parse(tostring(text))
    if not rule then
      return nil, why
    end
    list[index] = rule.text
  end
  return list
end

local checks = {
  port = check_port,
  host = check_host,
  access_key = check_key,
  hub = check_hub,
  endpoint = check_endpoints,
  log_level = check_level,
  event_log = flag "event_log",
  faults = check_faults,
  history_entries = number("history_entries", 1, 2 ^ 31, true),
  history_bytes = number("history_bytes", 1024, 2 ^ 31, true),
  hubs = settings.read,
  unvalidated_entra_tokens = flag "unvalidated_entra_tokens",
  event_timeout = number("event_timeout", 0.001, 3600),
  event_retry_delays = check_delays,
  recovery_window = number("recovery_window", 0, 86400),
  reliable_messages = number("reliable_messages", 1, 1000000, true),
  reliable_bytes = number("reliable_bytes", 1024, 2 ^ 30, true),
  queue_messages = number("queue_messages", 1, 1000000, true),
  queue_bytes = number("queue_bytes", 1024, 2 ^ 30, true),
  ping_interval = number("ping_interval", 0.01, 3600),
  silence_timeout = number("silence_timeout", 0.01, 86400),
}

--- The names of all options: a set.
options.names = {}
for name in pairs(checks) do
  options.names[name] = true
end

--- Defaults; `host` may stay nil: loopback.
local function defaults()
  return {
    port = options.default_port,
    access_key = options.default_key,
    hub = "chat",
    endpoint = {},
    log_level = "info",
    event_log = false,
    faults = {},
    history_entries = 10000,
    history_bytes = 16 * 1024 * 1024,
    hubs = {},
    unvalidated_entra_tokens = false,
    event_timeout = 100, -- contract, event handlers: emulator limits
    event_retry_delays = { 1, 3, 5 },
    recovery_window = 30, -- contract, reliable variants
    reliable_messages = 1000,
    reliable_bytes = 16 * 1024 * 1024,
    queue_messages = 10000,
    queue_bytes = 16 * 1024 * 1024,
    ping_interval = 40,
    silence_timeout = 120,
  }
end

--- Checked options with defaults, or nil and a sentence. docs/emulator.md says what they are.
function options.read(given)
  local read = defaults()
  for name, value in pairs(given) do
    if not checks[name] then
      return nil, ("The emulator has no option %s."):format(tostring(name))
    end
    local checked, why = checks[name](value)
    if checked == nil then
      return nil, why
    end
    read[name] = checked
  end
  return read
end

return options
