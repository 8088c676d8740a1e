--- Options of the emulator: defaults and rules, the same for the command line and for `start`.

local core = require "webpubsub.core"
local faults = require "webpubsub.emulator.faults"
local log = require "webpubsub.emulator.log"
local rules = require "webpubsub.emulator.rules"

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

local function check_flag(value)
  if type(value) == "boolean" then
    return value
  end
  return nil, "event_log must be true or false."
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

local function history(name, least)
  return function(value)
    if type(value) == "number" and value == math.floor(value) and value >= least and value <= 2 ^ 31 then
      return value
    end
    return nil, ("%s must be a whole number from %d."):format(name, least)
  end
end

local checks = {
  port = check_port,
  host = check_host,
  access_key = check_key,
  hub = check_hub,
  endpoint = check_endpoints,
  log_level = check_level,
  event_log = check_flag,
  faults = check_faults,
  history_entries = history("history_entries", 1),
  history_bytes = history("history_bytes", 1024),
}

--- Checked options with defaults (`host` may stay nil: loopback), or nil and a sentence.
-- port, host, access_key, hub, endpoint (a URL or a list of them), log_level, event_log,
-- faults (a text or a list of them), history_entries and history_bytes (bounds of what `messages` and the page show).
function options.read(given)
  local read = {
    port = options.default_port,
    access_key = options.default_key,
    hub = "chat",
    endpoint = {},
    log_level = "info",
    event_log = false,
    faults = {},
    history_entries = 10000,
    history_bytes = 16 * 1024 * 1024,
  }
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
