--- A transport's response → what a method answers.
-- A transport answers { status, body, headers = { lower-case name = value } }, or header_block (the lines as they
-- came) in place of headers; that is read when somebody first looks at `headers`.

local errors = require "webpubsub.error"
local http_date = require "webpubsub.http_date"
local json = require "webpubsub.json"
local secret = require "webpubsub.secret"

local response = {}

local function parse_headers(block)
  local headers = {}
  for name, value in block:gmatch "([^:\r\n]+):[ \t]*([^\r\n]*)" do
    name = name:lower()
    value = value:gsub("[ \t]+$", "")
    headers[name] = headers[name] and (headers[name] .. ", " .. value) or value
  end
  return headers
end

--- Reads the header lines on first use; pure, so it is fine inside a metamethod.
local lazy = {}

function lazy:__index(field)
  if field ~= "headers" then
    return nil
  end
  local headers = parse_headers(rawget(self, "header_block") or "")
  rawset(self, "headers", headers)
  return headers
end

--- Completes what a transport answered.
function response.complete(raw, request_id)
  raw.request_id = request_id
  return setmetatable(raw, lazy)
end

--- The text with a secret replaced wherever it stands.
function response.without(text, hidden)
  return secret.mask(text, hidden, "REDACTED")
end

--- Takes a secret of the request out of what a transport answered.
function response.conceal(raw, hidden)
  raw.body = response.without(raw.body, hidden)
  if rawget(raw, "header_block") then
    raw.header_block = response.without(raw.header_block, hidden)
  end
  local headers = rawget(raw, "headers")
  for name, value in pairs(headers or {}) do
    headers[name] = type(value) == "string" and response.without(value, hidden) or value
  end
end

local codes = {
  [400] = "bad_request",
  [401] = "unauthorized",
  [403] = "forbidden",
  [404] = "not_found",
  [408] = "timeout",
  [409] = "conflict",
  [413] = "payload_too_large",
  [415] = "unsupported_media_type",
  [429] = "throttled",
}

local function code_of(status)
  return codes[status] or (status >= 500 and "service_error") or "unexpected_status"
end

--- 4xx other than 408 is a refusal; after anything else the service may have acted.
local function outcome_of(status)
  return (status >= 400 and status < 500 and status ~= 408) and "rejected" or "maybe_sent"
end

--- The service's error object; also inside an outer `error` (contract: error body).
local function read_error_body(raw)
  local body = raw.body ~= "" and json.decode(raw.body)
  if type(body) ~= "table" then
    return {}
  end
  return type(body.error) == "table" and body.error or body
end

local function text_or_nil(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- As text_or_nil, fit for a log line.
local function line_or_nil(value)
  return text_or_nil(value) and errors.line(value)
end

--- Seconds until an HTTP date, by the service's own clock where the answer tells it.
local function seconds_until(text, headers, clock)
  local moment = http_date.read(text)
  local now = moment and (http_date.read(headers.date or "") or (clock and clock()))
  return now and math.max(0, moment - now)
end

--- Seconds to wait, from the millisecond headers of Azure or Retry-After (RFC 9110, 10.2.3) in seconds or as a date.
local function retry_after_of(headers, clock)
  local milliseconds = (headers["retry-after-ms"] or headers["x-ms-retry-after-ms"] or ""):match "^(%d+)"
  if milliseconds then
    return tonumber(milliseconds) / 1000
  end
  local text = headers["retry-after"] or ""
  return tonumber((text:match "^%d+")) or seconds_until(text, headers, clock)
end

--- The error of a status that is no success. clock: epoch seconds, for an answer without Date.
function response.failure(raw, clock)
  local described = read_error_body(raw)
  local headers = raw.headers
  return errors.new {
    code = code_of(raw.status),
    message = line_or_nil(described.message) or ("the service answered with status " .. raw.status),
    service_code = line_or_nil(headers["x-ms-error-code"]) or line_or_nil(described.code),
    target = line_or_nil(described.target),
    status = raw.status,
    outcome = outcome_of(raw.status),
    request_id = raw.request_id,
    retry_after = retry_after_of(headers, clock),
  }
end

local function unreadable(raw, sentence)
  return nil,
    errors.new {
      code = "bad_response",
      message = sentence,
      status = raw.status,
      outcome = "maybe_sent",
      request_id = raw.request_id,
    }
end

local answers = {}

function answers.exists(raw)
  return raw.status == 200, raw
end

function answers.token(raw)
  local body = json.decode(raw.body)
  local token = type(body) == "table" and text_or_nil(body.token)
  if not token then
    return unreadable(raw, "the answer holds no token")
  end
  return token
end

--- The path and query of nextLink. Its host is not followed: the next page comes from the endpoint that gave this one.
local function continuation_of(link)
  if type(link) ~= "string" then
    return nil
  end
  return link:match "^https?://[^/]+(/[^#]*)" or link:match "^(/[^#]*)"
end

local function read_connection(item)
  local connection_id = type(item) == "table" and text_or_nil(item.connectionId)
  return connection_id and { connection_id = connection_id, user_id = text_or_nil(item.userId) }
end

function answers.page(raw)
  local body = json.decode(raw.body)
  if type(body) ~= "table" or type(body.value) ~= "table" then
    return unreadable(raw, "the answer is not a page of connections")
  end
  local page = { continuation_token = continuation_of(body.nextLink) }
  for i, item in ipairs(body.value) do
    page[i] = read_connection(item)
    if not page[i] then
      return unreadable(raw, "the answer is not a page of connections")
    end
  end
  return page, raw
end

local function is_success(row, status)
  local list = row.success
  for i = 1, #list do
    if list[i] == status then
      return true
    end
  end
  return false
end

--- read(row, completed response, clock) → answer, response | nil, err.
function response.read(row, raw, clock)
  if not is_success(row, raw.status) then
    return nil, response.failure(raw, clock)
  end
  local answer = answers[row.answer]
  if answer then
    return answer(raw)
  end
  return true, raw
end

return response
