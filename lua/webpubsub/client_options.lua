--- What may be said to a client and to one call.

local client_token = require "webpubsub.client_token"
local operations = require "webpubsub.operations"

local client_options = {}

--- Options of the client that a single call may set for itself.
local shared = {
  timeout = { type = "number", minimum = 0.001, maximum = 86400, default = 30 },
  retry_total = { type = "number", integer = true, minimum = 0, maximum = 1000, default = 3 },
  retry_backoff_factor = { type = "number", minimum = 0, maximum = 3600, default = 0.8 },
  retry_backoff_max = { type = "number", minimum = 0, maximum = 3600, default = 60 },
  retry_mode = { type = "string", values = { "exponential", "fixed" }, default = "exponential" },
  at_least_once = { type = "boolean", default = false },
  logging_enable = { type = "boolean", default = false },
}

local function extend(base, more)
  local schema = {}
  for name, rule in pairs(base) do
    schema[name] = rule
  end
  for name, rule in pairs(more) do
    schema[name] = rule
  end
  return schema
end

client_options.schema = extend(shared, {
  endpoint = { type = "string" },
  hub = { type = "string" },
  credential = { type = { "string", "table" } },
  api_version = { type = "string", default = "2024-12-01" },
  reverse_proxy_endpoint = { type = "string" },
  connect_timeout = { type = "number", minimum = 0.001, maximum = 86400, default = 10 },
  max_response_body = { type = "number", integer = true, minimum = 1024, maximum = 1073741824, default = 4194304 },
  keepalive_timeout = { type = "number", minimum = 0.001, maximum = 86400, default = 60 },
  pool_size = { type = "number", integer = true, minimum = 1, maximum = 65536, default = 30 },
  transport = { type = "table" },
  proxy = { type = { "string", "boolean" } },
  ca_file = { type = "string" },
  verify = { type = "boolean", default = true },
  allow_insecure_connection = { type = "boolean", default = false },
  http_version = { type = "string", values = { "1.1", "2" }, default = "1.1" },
  logger = { type = { "function", "table", "userdata" } },
  log_body = { type = "boolean", default = false },
  application_id = { type = "string" },
  hooks = { type = "table" },
  metrics = { type = "table" },
  clock = { type = "function", default = os.time },
})

--- What any call takes for itself.
local call = {
  headers = { type = "table" },
  request_id = { type = "string" },
  traceparent = { type = "string" },
  tracestate = { type = "string" },
}
for name, rule in pairs(shared) do
  call[name] = rule
end
client_options.call = call

local parameter_types = {
  string = { type = "string" },
  strings = { type = "strings" },
}

local function parameter_rule(parameter)
  if parameter.kind == "integer" then
    return { type = "number", integer = true, minimum = parameter.minimum, maximum = parameter.maximum }
  end
  return parameter_types[parameter.kind]
end

--- The schema of one operation's options.
function client_options.of_operation(row)
  local schema = extend(call, {})
  for _, name in ipairs(row.options) do
    schema[name] = parameter_rule(operations.parameters[name])
  end
  if row.body == "message" then
    schema.content_type = { type = "string" }
    schema.metadata = { type = "table" }
  elseif row.body == "groups" then
    schema.groups = { type = "strings" }
    schema.filter = { type = "string" }
  end
  return schema
end

client_options.access_token = extend(call, client_token.schema)

client_options.send_request = extend(call, {
  method = { type = "string" },
  path = { type = "string" },
  query = { type = "table" },
  body = { type = { "string", "table" } },
  content_type = { type = "string" },
})

return client_options
