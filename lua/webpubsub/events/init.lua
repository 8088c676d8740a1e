--- Webhooks of the service: a plain request in, a plain response out.
--   request:  { method, headers = { name → string or array of strings }, body = bytes or nil,
--               read_body = function(limit) → bytes | nil, "too_large" or a sentence }
--   response: { status, headers = { name → string or array of strings }, body }
-- Whoever has a socket passes these on: webpubsub.events.openresty, webpubsub.events.lua_http.

local answers = require "webpubsub.events.answers"
local cloudevent = require "webpubsub.events.cloudevent"
local errors = require "webpubsub.error"
local fields = require "webpubsub.events.fields"
local gate = require "webpubsub.events.gate"
local log = require "webpubsub.log"
local protect = require "webpubsub.events.protect"
local settings = require "webpubsub.events.settings"

local events = {}

local handler = {}
handler.__index = handler

--- Keys and checks, out of the object itself so that printing a handler prints none of them.
local of = setmetatable({}, { __mode = "k" })

function handler.__tostring()
  return "webpubsub.event_handler"
end

--- new(options) → handler | nil, err; see settings.lua. Raises when nothing would check requests.
function events.new(given)
  local read, err = settings.read(given)
  if not read then
    return nil, err
  end
  local self = setmetatable({}, handler)
  of[self] = read
  return self
end

--- Size of a body that a request may have, bytes.
function handler:max_body()
  return of[self].max_body
end

local callbacks = {
  connect = "handle_connect",
  connected = "on_connected",
  disconnected = "on_disconnected",
  group_joined = "on_group_joined",
  group_left = "on_group_left",
  user = "handle_user_event",
}

--- The middleware from position i on, then the callback.
local function run_chain(chain, i, event, answer, last)
  local each = chain[i]
  if not each then
    if last then
      return last(event, answer)
    end
    return
  end
  local called = false
  return each(event, answer, function()
    if called then
      errors.misuse "middleware: next was called twice"
    end
    called = true
    return run_chain(chain, i + 1, event, answer, last)
  end)
end

local function refuse(status, sentence, detail)
  return answers.plain(status, sentence), detail or sentence
end

--- A function that returns something means an answer that nobody would see: a refusal, perhaps.
local function call(own, event)
  local answer = answers.new(event)
  local ran, result = protect.call(run_chain, own.middleware, 1, event, answer, own[callbacks[event.kind]])
  if ran and result ~= nil then
    ran, result = false, callbacks[event.kind] .. " returned a value; answer by response:success or response:fail"
  end
  if not ran then
    return refuse(500, "the event handler failed", errors.line(tostring(result)))
  end
  return answers.response(answer)
end

local function read_body(own, request, map)
  local announced = tonumber((map["content-length"] or ""):match "^%d+$")
  if announced and announced > own.max_body then
    return nil, 413, "the body is larger than max_body"
  end
  local body, why = request.body, nil
  if body == nil and request.read_body then
    body, why = request.read_body(own.max_body)
    if not body and why ~= "too_large" then
      return nil, 400, "the body could not be read", why
    end
  end
  if why == "too_large" or #(body or "") > own.max_body then
    return nil, 413, "the body is larger than max_body"
  end
  return body or ""
end

--- Contract, section 2: OPTIONS, or GET where OPTIONS is not understood.
local function validate(own, map)
  local ok, status, sentence = gate.check_origin(own.hosts, map)
  if not ok then
    return refuse(status, sentence)
  end
  local response = answers.empty(200)
  response.headers["WebHook-Allowed-Origin"] = own.hosts and map["webhook-request-origin"] or "*"
  return response
end

--- The checks in order; each sees only what the ones before have let through.
local steps = {
  function(own, pass)
    return gate.check_origin(own.hosts, pass.map)
  end,
  function(own, pass)
    return gate.authenticate(own, pass.map, pass.request)
  end,
  function(own, pass)
    return gate.check_names(own.hub, pass.map)
  end,
  function(_, pass)
    local status, sentence
    pass.event, status, sentence = cloudevent.head(pass.map)
    return pass.event, status, sentence
  end,
  function(own, pass)
    local status, sentence, detail
    pass.body, status, sentence, detail = read_body(own, pass.request, pass.map)
    return pass.body, status, sentence, detail
  end,
  function(_, pass)
    return cloudevent.body(pass.event, pass.body, pass.map)
  end,
}

local function receive(own, map, request)
  local pass = { map = map, request = request }
  for _, step in ipairs(steps) do
    local ok, status, sentence, detail = step(own, pass)
    if not ok then
      return refuse(status, sentence, detail)
    end
  end
  pass.event.request = { method = request.method, target = request.target, headers = map }
  return call(own, pass.event)
end

local function answer(own, request)
  local map, sentence = fields.read(request.headers)
  if not map then
    return refuse(400, sentence)
  elseif request.method == "OPTIONS" or request.method == "GET" then
    return validate(own, map)
  elseif request.method ~= "POST" then
    local response, detail = refuse(405, "events come as POST")
    response.headers.Allow = "POST, OPTIONS, GET"
    return response, detail
  end
  return receive(own, map, {
    method = request.method,
    target = request.target,
    headers = map,
    body = request.body,
    read_body = request.read_body,
  })
end

--- handle(request, write) → response. Never raises for what came over the network. write(level, line): where lines go
-- when the handler has no logger of its own.
function handler:handle(request, write)
  local own = of[self]
  if not own then
    errors.misuse "call handle with a colon on an event handler"
  elseif type(request) ~= "table" or type(request.method) ~= "string" or type(request.headers) ~= "table" then
    errors.misuse "handle: a request is a table with method, headers and body"
  end
  local response, detail = answer(own, request)
  if detail then
    write = (own.logger == nil and write) or log.writer(own.logger)
    local level = response.status >= 500 and "error" or "warn"
    write(level, ("webhook answered %d: %s"):format(response.status, errors.line(detail)))
  end
  return response
end

return events
