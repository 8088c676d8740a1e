--- webpubsub: the server side of Azure Web PubSub for Lua.
-- Loading does no I/O and sets no global; parts are loaded when they are first used.

local webpubsub = { _VERSION = require "webpubsub.version" }

local errors = require "webpubsub.error"

--- client { endpoint, hub, credential, … } → client | nil, err.
function webpubsub.client(options)
  return require("webpubsub.client").new(options)
end

local function with_options(parts, endpoint, hub, options)
  local all = { endpoint = endpoint, hub = hub, credential = parts.access_key }
  for name, value in pairs(options or {}) do
    if all[name] ~= nil then
      errors.misuse("from_connection_string: the option %s comes from the connection string", tostring(name))
    end
    all[name] = value
  end
  return all
end

--- from_connection_string(text, hub, options) → client | nil, err.
-- text: Endpoint=…;AccessKey=…;Version=1.0; with an optional Port. Other options as of client.
function webpubsub.from_connection_string(text, hub, options)
  if type(text) ~= "string" then
    errors.misuse("from_connection_string: argument 1 must be the connection string, got %s", type(text))
  elseif type(hub) ~= "string" then
    errors.misuse("from_connection_string: argument 2 must be the hub, got %s", type(hub))
  elseif options ~= nil and type(options) ~= "table" then
    errors.misuse("from_connection_string: options must be a table, got %s", type(options))
  end
  local core = require "webpubsub.core"
  local parts, sentence = core.parse_connection_string(text)
  local endpoint
  if parts then
    endpoint, sentence = core.normalize_endpoint(parts.endpoint, parts.port)
  end
  if not endpoint then
    return errors.invalid("from_connection_string: " .. sentence)
  end
  return webpubsub.client(with_options(parts, endpoint, hub, options))
end

--- key(text) → an access key for the credential option, to be replaced with key:update(text) | nil, err.
function webpubsub.key(text)
  return require("webpubsub.credential.key").new(text)
end

local function credential_maker(module, name)
  return function(...)
    return require("webpubsub.credential." .. module)[name](...)
  end
end

--- Credentials of Microsoft Entra ID, for the client's option `credential`; each { options } → credential | nil, err.
webpubsub.client_secret_credential = credential_maker("entra", "client_secret")
webpubsub.certificate_credential = credential_maker("entra", "certificate")
webpubsub.workload_identity_credential = credential_maker("entra", "workload_identity")
webpubsub.managed_identity_credential = function(options)
  return require("webpubsub.credential.managed_identity").new(options)
end
webpubsub.azure_cli_credential = credential_maker("command", "azure_cli")
webpubsub.azure_developer_cli_credential = credential_maker("command", "azure_developer_cli")
webpubsub.default_credential = credential_maker("default", "new")

--- chained_token_credential(credentials, { timeout }): the first that is available gives the token.
webpubsub.chained_token_credential = credential_maker("chain", "new")

--- static_token_credential(token, { expires_on }).
webpubsub.static_token_credential = credential_maker("given", "static")

--- function_credential(f, options): f(context) → token, expires_on | nil, reason.
webpubsub.function_credential = credential_maker("given", "of_function")

--- poller { … } → a transport for the client's option `transport` that never waits for the network | nil, err. See
-- webpubsub.transport.poller.
function webpubsub.poller(options)
  return require("webpubsub.transport.poller").new(options)
end

--- metrics { max_series = 1000 } → counters for the client's option `metrics`; metrics:prometheus() prints them. See
-- webpubsub.metrics.
function webpubsub.metrics(options)
  return require("webpubsub.metrics").new(options)
end

--- event_handler { hub, access_keys, handle_connect, … } → a handler of the service's webhooks | nil, err. See
-- webpubsub.events.
function webpubsub.event_handler(options)
  return require("webpubsub.events").new(options)
end

--- filter(template, …) → OData filter text; `%s` quotes a value safely. Mistakes raise.
function webpubsub.filter(...)
  return require "webpubsub.filter"(...)
end

--- array(t) → t, marked to be written as a JSON array even when it is empty.
function webpubsub.array(t)
  if type(t) ~= "table" then
    errors.misuse("array: a table is needed, got %s", type(t))
  end
  return require("webpubsub.json").array(t)
end

--- null, the JSON null: the value that lua-cjson and ngx use. Looked up on first use, because it comes from a C module.
return setmetatable(webpubsub, {
  __index = function(self, name)
    if name == "null" then
      self.null = require("webpubsub.json").null
      return self.null
    end
  end,
})
