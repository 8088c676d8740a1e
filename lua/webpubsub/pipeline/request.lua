--- An operation and its arguments → a request value:
-- { method, url, audience, headers = { name, value, name, value, … }, request_id, body or nil, idempotent, operation
-- }. `url` is where the bytes go, `audience` the service's own URL of the same call (they differ behind a reverse
-- proxy).

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local keys = require "webpubsub.keys"

local request = {}

--- The path template as literals and the positions of its arguments: { "…/groups/", 1, "/:send?api-version=…" }.
local function split_path(path, row, wires)
  local positions = {}
  for position, name in ipairs(row.arguments) do
    if name ~= "message" then
      positions["{" .. wires[name].wire .. "}"] = position
    end
  end
  local parts, rest = {}, path
  while true do
    local before, name, after = rest:match "^(.-)(%b{})(.*)$"
    if not before then
      break
    end
    parts[#parts + 1] = before
    parts[#parts + 1] = positions[name]
    rest = after
  end
  parts[#parts + 1] = rest
  return parts
end

--- What is the same in every call of one operation on one client. `site` has base (where bytes go), audience_base (the
-- service's own), hub (a path segment) and api_version.
function request.plan(row, parameters, site)
  local path = row.path:gsub("{hub}", function()
    return site.hub
  end)
  return {
    row = row,
    site = site,
    parameters = parameters,
    parts = split_path(path .. "?api-version=" .. core.percent_encode(site.api_version), row, parameters),
  }
end

local function check_text(name, value)
  if not core.utf8_length(value) then
    return errors.invalid(name .. " must be UTF-8 text")
  end
  return true
end

local writers = {}

function writers.string(query, parameter, name, value)
  local ok, err = check_text(name, value)
  if not ok then
    return nil, err
  end
  query[#query + 1] = "&" .. parameter.wire .. "=" .. core.percent_encode(value)
  return true
end

function writers.strings(query, parameter, name, values)
  for _, value in ipairs(values) do
    local ok, err = writers.string(query, parameter, name, value)
    if not ok then
      return nil, err
    end
  end
  return true
end

function writers.integer(query, parameter, _, value)
  query[#query + 1] = ("&%s=%d"):format(parameter.wire, value)
  return true
end

--- The query parameters of the given options after api-version, in the order of the operation's row.
local function write_query(plan, options)
  local query = {}
  for _, name in ipairs(plan.row.options) do
    local value = options[name]
    if value ~= nil then
      local parameter = plan.parameters[name]
      local ok, err = writers[parameter.kind](query, parameter, name, value)
      if not ok then
        return nil, err
      end
    end
  end
  return table.concat(query)
end

--- path and query of a call | nil, err. `segments` are path segments by argument position; options may be nil.
local function write_target(plan, segments, options)
  local parts = plan.parts
  local target = parts[1]
  for i = 2, #parts, 2 do
    target = target .. segments[parts[i]] .. parts[i + 1]
  end
  if options and plan.row.options[1] then
    local query, err = write_query(plan, options)
    if not query then
      return nil, err
    end
    target = target .. query
  end
  return target
end

--- Checks what HTTP allows in a request's method, URL and headers. request | nil, err.
function request.check(made)
  local ok, sentence = core.check_request(made.method, made.url, made.headers)
  if not ok then
    return errors.invalid(sentence)
  end
  return made
end

--- url, audience of a target. The plan keeps the latest, since loops send to the same one again and again.
local function write_urls(plan, target)
  if plan.target ~= target then
    plan.target, plan.url, plan.audience = target, plan.site.base .. target, plan.site.audience_base .. target
  end
  return plan.url, plan.audience
end

--- build(plan, segments, options or nil, headers, request id, body) → request | nil, err. Takes over `headers`.
-- Method and URL consist of what this library made or encoded, so only headers that came from the caller need `check`.
function request.build(plan, segments, options, headers, request_id, body)
  local target, err = write_target(plan, segments, options)
  if not target then
    return nil, err
  end
  local row = plan.row
  local url, audience = write_urls(plan, target)
  return {
    method = row.method,
    url = url,
    audience = audience,
    headers = headers,
    request_id = request_id,
    body = body,
    idempotent = row.idempotent,
    operation = row.name,
  }
end

local free_idempotent = { GET = true, HEAD = true, PUT = true, DELETE = true }

--- A request that no row describes | nil, err. Takes over `headers`.
function request.free(site, method, target, headers, request_id, body)
  return request.check {
    method = method,
    url = site.base .. target,
    audience = site.audience_base .. target,
    headers = headers,
    request_id = request_id,
    body = body,
    idempotent = free_idempotent[method] or false,
    operation = "send_request",
  }
end

local function scalar(value)
  if type(value) == "boolean" or type(value) == "string" then
    return tostring(value)
  elseif type(value) == "number" and value == math.floor(value) and math.abs(value) <= 2 ^ 53 then
    return ("%d"):format(value)
  end
  errors.misuse "query values are strings, booleans, whole numbers or lists of these"
end

local function add_pairs(query, name, value)
  for _, each in ipairs(type(value) == "table" and value or { value }) do
    query[#query + 1] = core.percent_encode(name) .. "=" .. core.percent_encode(scalar(each))
  end
end

local function check_names(map)
  for name in pairs(map) do
    if type(name) ~= "string" then
      errors.misuse "query must map strings to values"
    end
  end
end

--- Path, {hub} in it and a query table → target | nil, err.
function request.target(site, path, query)
  if path:sub(1, 1) ~= "/" or path:find "[?#]" then
    return errors.invalid "path must begin with '/' and hold neither '?' nor '#'; use query for parameters"
  end
  path = path:gsub("{hub}", function()
    return site.hub
  end)
  query = query or {}
  check_names(query)
  local list = query["api-version"] ~= nil and {} or { "api-version=" .. core.percent_encode(site.api_version) }
  for _, name in ipairs(keys.sorted(query)) do
    add_pairs(list, name, query[name])
  end
  return path .. "?" .. table.concat(list, "&")
end

--- Headers that this library writes itself, by lower-case name.
local reserved = {
  authorization = true,
  ["content-length"] = true,
  ["content-type"] = true,
  host = true,
  ["transfer-encoding"] = true,
  ["x-ms-client-request-id"] = true,
}

--- The headers that every request has, as { name, value, … }: Authorization first, its value filled in by
-- `authorize`.
function request.headers(user_agent, request_id, content_type)
  if content_type then
    return {
      "Authorization",
      "",
      "Accept",
      "application/json",
      "User-Agent",
      user_agent,
      "x-ms-client-request-id",
      request_id,
      "Content-Type",
      content_type,
    }
  end
  return {
    "Authorization",
    "",
    "Accept",
    "application/json",
    "User-Agent",
    user_agent,
    "x-ms-client-request-id",
    request_id,
  }
end

--- Puts the Authorization of one attempt in.
function request.authorize(made, authorization)
  made.headers[2] = authorization
end

--- What of a signed request nobody may read: its token | nil before it is signed.
function request.secret(made)
  return made.headers[2]:match "^Bearer (.+)$"
end

--- Appends the caller's own headers, by name order. true | nil, err.
function request.add_headers(headers, extra)
  for name, value in pairs(extra) do
    if type(name) ~= "string" or type(value) ~= "string" then
      errors.misuse "headers must map strings to strings"
    elseif reserved[name:lower()] then
      return errors.invalid(("the header %s is written by the library"):format(name:lower()))
    end
  end
  for _, name in ipairs(keys.sorted(extra)) do
    headers[#headers + 1] = name
    headers[#headers + 1] = extra[name]
  end
  return true
end

return request
