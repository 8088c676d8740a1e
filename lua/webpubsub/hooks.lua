--- What a client's hooks are told: { on_request, on_response, on_retry, on_error }, each function(event).
-- An event is a new table under OpenTelemetry's attribute names. It is made of what cannot hold a secret: no header,
-- no query, no body.

local errors = require "webpubsub.error"
local options = require "webpubsub.options"

local hooks = {}

hooks.schema = {
  on_request = { type = "function" },
  on_response = { type = "function" },
  on_retry = { type = "function" },
  on_error = { type = "function" },
}

local default_ports = { http = 80, https = 443 }

--- "https://host:port/…" → host, port. An IPv6 address loses its brackets, as in server.address.
local function server_of(base)
  local scheme, authority = base:match "^(https?)://([^/]+)"
  local host, port = authority:match "^(.-):(%d+)$"
  host = host or authority
  return host:match "^%[(.*)%]$" or host, tonumber(port) or default_ports[scheme]
end

--- new(given hooks or nil, metrics or nil, URL of the service, where) → hooks of a client; mistakes raise.
function hooks.new(given, metrics, base, where)
  local called, err = options.read(hooks.schema, given or {}, where .. ": hooks")
  if not called then
    return nil, err
  end
  local address, port = server_of(base)
  return { called = called, metrics = metrics, address = address, port = port }
end

--- The event of one attempt (resends: attempts before it). row: nil for send_request, whose path may hold anything.
function hooks.event(self, row, call, made, resends)
  return {
    operation = made.operation,
    request_id = made.request_id,
    traceparent = call.traceparent,
    ["http.request.method"] = made.method,
    ["http.request.resend_count"] = resends > 0 and resends or nil,
    ["server.address"] = self.address,
    ["server.port"] = self.port,
    ["url.template"] = row and row.path,
  }
end

--- Adds how an attempt or a call failed: error.type is the status, or the code where no answer came.
function hooks.failed(event, err)
  event["http.response.status_code"] = err.status
  event["error.type"] = err.status and tostring(err.status) or err.code
  event.outcome = err.outcome
  return event
end

--- Lets the client's metrics count: "attempt", "retry" or "failure". Before the hook, which may change its event.
function hooks.measure(self, what, event)
  if self.metrics then
    self.metrics[what](self.metrics, event)
  end
end

--- Calls a hook, if there is one. nil | the sentence of one that raised; the call goes on.
function hooks.run(self, name, event)
  local hook = self.called[name]
  local ok, raised = true, nil
  if hook then
    ok, raised = pcall(hook, event)
  end
  if not ok then
    local reason = type(raised) == "string" and errors.line(raised) or ("a " .. type(raised))
    return ("the hook %s raised: %s"):format(name, reason)
  end
end

return hooks
