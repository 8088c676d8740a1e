--- A client's options → what its calls need: checked once, never changed by a call.

local client_options = require "webpubsub.client_options"
local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local hooks = require "webpubsub.hooks"
local metrics = require "webpubsub.metrics"
local key = require "webpubsub.credential.key"
local log = require "webpubsub.log"
local names = require "webpubsub.names"
local options = require "webpubsub.options"
local transport = require "webpubsub.transport"
local version = require "webpubsub.version"

local client_state = {}

local where = "webpubsub.client"

local function refuse(sentence)
  return errors.invalid(where .. ": " .. sentence)
end

local function require_option(read, name)
  if read[name] == nil then
    errors.misuse("%s: the option %s is missing", where, name)
  end
end

local function read_endpoint(name, text)
  local endpoint, sentence = core.normalize_endpoint(text)
  if not endpoint then
    return refuse(name .. ": " .. sentence)
  end
  return endpoint
end

--- Where requests go, and what they are for.
local function read_site(read)
  local ok, sentence = names.check_hub(read.hub)
  if not ok then
    return refuse(sentence)
  end
  local endpoint, err = read_endpoint("endpoint", read.endpoint)
  local base = endpoint
  if endpoint and read.reverse_proxy_endpoint then
    base, err = read_endpoint("reverse_proxy_endpoint", read.reverse_proxy_endpoint)
  end
  if not base then
    return nil, err
  end
  return {
    base = base,
    audience_base = endpoint,
    hub = core.percent_encode(read.hub),
    hub_name = read.hub,
    api_version = read.api_version,
  }
end

local function read_credential(credential)
  if type(credential) == "string" then
    local made, err = key.new(credential)
    if not made then
      return refuse(err.message)
    end
    return made
  end
  local is_key = credential.kind == "key" and credential.mac
  if not (is_key or type(credential.get_token) == "function") then
    errors.misuse("%s: credential must be an access key, webpubsub.key(text) or an object with get_token", where)
  end
  return credential
end

local function read_transport(read)
  if not read.transport then
    return transport.choose(read)
  end
  for _, name in ipairs { "send", "sleep", "now", "close" } do
    if type(read.transport[name]) ~= "function" then
      errors.misuse("%s: transport has no method %s", where, name)
    end
  end
  return read.transport
end

--- `application/<id>` in front, as the official packages do.
local function user_agent(read)
  local id = read.application_id
  if id and (#id > 24 or not id:find "^[%w._/-]+$") then
    return refuse "application_id may have 24 characters: letters, digits and any of . _ / -"
  end
  local runtime = type(jit) == "table" and jit.version or _VERSION
  return ("%swebpubsub-lua/%s (%s)"):format(id and (id .. " ") or "", version, runtime)
end

local function check_kinds(read)
  for _, name in ipairs { "endpoint", "hub", "credential" } do
    require_option(read, name)
  end
  if read.proxy == true then
    errors.misuse("%s: proxy is the URL of a proxy, or false for none", where)
  end
  if read.metrics ~= nil and not metrics.is(read.metrics) then
    errors.misuse("%s: metrics must come from webpubsub.metrics()", where)
  end
  if read.logger ~= nil and not log.is_logger(read.logger) then
    errors.misuse("%s: logger must be a function or have the methods debug, info, warn and error", where)
  end
end

--- new(options) → state | nil, err.
function client_state.new(given)
  local read, err = options.read(client_options.schema, given, where)
  if not read then
    return nil, err
  end
  check_kinds(read)
  local state = { options = read, plans = {}, write = log.writer(read.logger) }
  for field, reader in pairs { site = read_site, user_agent = user_agent, transport = read_transport } do
    state[field], err = reader(read)
    if not state[field] then
      return nil, err
    end
  end
  if read.hooks or read.metrics then
    state.hooks, err = hooks.new(read.hooks, read.metrics, state.site.base, where)
    if not state.hooks then
      return nil, err
    end
  end
  state.credential, err = read_credential(read.credential)
  read.credential = nil
  if not state.credential then
    return nil, err
  end
  return state
end

return client_state
