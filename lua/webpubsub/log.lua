--- Log lines of calls: what may be written, and to whom.
-- A logger is a function(level, line), or an object with the methods of LuaLogging (debug, info, warn, error). Lines
-- are written only where logging_enable is set; query values and headers that are not on the lists read REDACTED,
-- tokens never appear.

local keys = require "webpubsub.keys"

local log = {}

local shown_headers = {
  ["accept"] = true,
  ["api-supported-versions"] = true,
  ["connection"] = true,
  ["content-length"] = true,
  ["content-type"] = true,
  ["date"] = true,
  ["retry-after"] = true,
  ["retry-after-ms"] = true,
  ["server"] = true,
  ["transfer-encoding"] = true,
  ["user-agent"] = true,
  ["x-ms-client-request-id"] = true,
  ["x-ms-error-code"] = true,
  ["x-ms-retry-after-ms"] = true,
}

local shown_query = {
  ["api-version"] = true,
  clientType = true,
  maxpagesize = true,
  messageTtlSeconds = true,
  minutesToExpire = true,
  top = true,
}

--- The URL with the values of all query parameters but the listed ones replaced.
function log.mask_url(url)
  return (
    url:gsub("([?&])([^=&#]*)=([^&#]*)", function(mark, name, value)
      return mark .. name .. "=" .. (shown_query[name] and value or "REDACTED")
    end)
  )
end

local function shown_value(name, value)
  return shown_headers[name:lower()] and value or "REDACTED"
end

local function write_stderr(level, line)
  io.stderr:write("webpubsub ", level, ": ", line, "\n")
end

--- A function(level, line) for the logger option; stderr when there is none.
function log.writer(logger)
  if logger == nil then
    return write_stderr
  elseif type(logger) == "function" then
    return logger
  end
  return function(level, line)
    logger[level](logger, line)
  end
end

--- Has the value what a logger needs?
function log.is_logger(value)
  if type(value) == "function" then
    return true
  end
  local ok, complete = pcall(function()
    return value.debug and value.info and value.warn and value.error
  end)
  return ok and complete ~= nil and complete ~= false
end

--- A body as one line: length first, so that a cut one is recognised.
local function body_line(body)
  return ("body of %d bytes: %s"):format(#body, body:sub(1, 1024):gsub("%c", "."))
end

--- One info line, then the headers (and the body, where asked for) at debug level.
function log.request(write, request, with_body)
  write("info", ("request %s %s"):format(request.method, log.mask_url(request.url)))
  for i = 1, #request.headers, 2 do
    local name, value = request.headers[i], request.headers[i + 1]
    write("debug", ("request header %s: %s"):format(name, shown_value(name, value)))
  end
  if with_body and request.body then
    write("debug", "request " .. body_line(request.body))
  end
end

function log.response(write, response, seconds, with_body)
  write("info", ("response %d after %.1f ms"):format(response.status, seconds * 1000))
  for _, name in ipairs(keys.sorted(response.headers)) do
    write("debug", ("response header %s: %s"):format(name, shown_value(name, response.headers[name])))
  end
  if with_body and response.body ~= "" then
    write("debug", "response " .. body_line(response.body))
  end
end

function log.failure(write, err, seconds)
  write("warn", ("failed after %.1f ms: %s"):format(seconds * 1000, tostring(err)))
end

return log
