--- Event handlers of hubs: checked settings, and which handler gets an event (contract, event handlers, section 1).
--
-- hubs: name in lower case → { anonymous, handlers = { { url, system_events (set), user_events (set; "*": all) }, … }
-- }. The hub `_default` stands for every hub that is not named.

local rules = require "webpubsub.emulator.rules"

local settings = {}

settings.default_hub = "_default"

local system_events = { connect = true, connected = true, disconnected = true }
local url_bytes, list_limit, handler_limit, hub_limit = 4096, 256, 64, 256

local function trimmed(text)
  return text:match "^%s*(.-)%s*$"
end

-- Contract: parameters stand in path or query, never in the host name.
local function check_url(url)
  if type(url) ~= "string" or #url > url_bytes or url:find "[%s%c]" then
    return nil, "The URL of an event handler must be an absolute http or https URL."
  end
  local authority, rest = url:match "^[Hh][Tt][Tt][Pp][Ss]?://([^/?#]+)(.*)$"
  if not authority or authority:find "[{}@]" or rest:find "#" then
    return nil,
      "The URL of an event handler must be absolute, http or https, without user, fragment or host parameters."
  end
  for name in rest:gmatch "{([^}]*)}?" do
    if name:lower() ~= "hub" and name:lower() ~= "event" then
      return nil, ("The URL of an event handler knows the parameters {hub} and {event}, not {%s}."):format(name)
    end
  end
  return url
end

-- A comma-separated text or a list of names, as a set of trimmed names in lower case.
local function name_set(value)
  local list = type(value) == "table" and value or {}
  if type(value) == "string" then
    for name in value:gmatch "[^,]+" do
      list[#list + 1] = name
    end
  elseif type(value) ~= "table" then
    return nil
  end
  local set = {}
  for position, name in pairs(list) do
    if type(position) ~= "number" or type(name) ~= "string" or #list > list_limit then
      return nil
    end
    set[trimmed(name):lower()] = true
  end
  set[""] = nil
  return set
end

local function check_system_events(value)
  local set = name_set(value == nil and {} or value)
  for name in pairs(set or { [""] = true }) do
    if not system_events[name] then
      return nil, "system_events may hold connect, connected and disconnected."
    end
  end
  return set
end

local function check_user_events(value)
  local set = name_set(value == nil and {} or value)
  for name in pairs(set or { [""] = true }) do
    if name ~= "*" and not rules.is_event(name) then
      return nil, "user_events must be * or names of events."
    end
  end
  return set
end

local handler_checks = { url = check_url, system_events = check_system_events, user_events = check_user_events }

local function check_members(value, checks, what)
  for name in pairs(value) do
    if not checks[name] then
      return nil, ("%s has no setting %s."):format(what, tostring(name))
    end
  end
  local checked = {}
  for name, check in pairs(checks) do
    local why
    checked[name], why = check(value[name])
    if checked[name] == nil then
      return nil, why
    end
  end
  return checked
end

local function check_handlers(value)
  if value == nil then
    return {}
  elseif type(value) ~= "table" or #value > handler_limit then
    return nil, "The handlers of a hub must be a list of at most 64 event handlers."
  end
  local list = {}
  for position, handler in pairs(value) do
    if type(position) ~= "number" or type(handler) ~= "table" then
      return nil, "The handlers of a hub must be a list of tables with a url."
    end
    local checked, why = check_members(handler, handler_checks, "An event handler")
    if not checked then
      return nil, why
    end
    list[position] = checked
  end
  return list
end

local function check_anonymous(value)
  if value == nil or type(value) == "boolean" then
    return value or false
  end
  return nil, "anonymous must be true or false."
end

local hub_checks = { handlers = check_handlers, anonymous = check_anonymous }

--- Checked settings by hub name, or nil and a sentence. Every handler is a table of `url`, `system_events` and
-- `user_events`, the two being lists or comma-separated texts.
function settings.read(hubs)
  local checked, count = {}, 0
  if type(hubs) ~= "table" then
    return nil, "hubs must be a table of settings by hub name."
  end
  for name, value in pairs(hubs) do
    count = count + 1
    if type(name) ~= "string" or not (rules.is_hub(name) or name == settings.default_hub) then
      return nil, "A hub is named by a letter, then up to 127 letters, digits or _`,.[]; or it is _default."
    elseif type(value) ~= "table" or count > hub_limit then
      return nil, "The settings of a hub must be a table, of at most 256 hubs."
    end
    local hub, why = check_members(value, hub_checks, "A hub")
    if not hub then
      return nil, why
    end
    checked[name:lower()] = hub
  end
  return checked
end

--- The settings of a hub (lower case), or nil.
function settings.of(hubs, hub)
  return hubs[hub] or hubs[settings.default_hub]
end

--- May clients of the hub come without a token?
function settings.is_anonymous(hubs, hub)
  local found = settings.of(hubs, hub)
  return found ~= nil and found.anonymous
end

local function takes(handler, kind, name)
  if kind == "user" then
    return handler.user_events["*"] or handler.user_events[name:lower()]
  end
  return handler.system_events[kind]
end

--- The first handler of the hub that takes the event, or nil. kind: "connect", "connected", "disconnected" or "user",
-- the last with the event's name.
function settings.handler(hubs, hub, kind, name)
  local found = settings.of(hubs, hub)
  for _, handler in ipairs(found and found.handlers or {}) do
    if takes(handler, kind, name) then
      return handler
    end
  end
  return nil
end

return settings
