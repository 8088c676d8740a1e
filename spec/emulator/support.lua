--- What the emulator's specs share: a world without sockets, signed tokens, requests and clients.

local core = require "webpubsub.core"
local mac = require "webpubsub.mac"
local permissions = require "webpubsub.emulator.permissions"
local request = require "webpubsub.emulator.request"
local rest = require "webpubsub.emulator.rest"
local session = require "webpubsub.emulator.session"
local state = require "webpubsub.emulator.state"

local support = {}

support.now = 1700000000
support.host = "localhost:8080"
support.key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

function support.world(endpoints)
  return {
    state = state.new(),
    mac = assert(mac.new(support.key)),
    endpoints = endpoints or {},
    hubs = {},
    origin = "host",
  }
end

--- A signed token; `options.header` and `options.key` replace what is usual.
function support.token(claims, options)
  options = options or {}
  claims.exp = claims.exp or support.now + 60
  local header = options.header or '{"alg":"HS256","typ":"JWT"}'
  local input = core.token_input(header, assert(core.json_encode(claims)))
  return input .. "." .. core.base64url_encode(assert(mac.new(options.key or support.key)):sign(input))
end

local function header_list(headers)
  local list = {}
  for _, header in ipairs(headers or {}) do
    list[#list + 1] = { header[1]:lower(), header[2] }
  end
  return list
end

--- A request value. `options`: headers (list of pairs), body, body_problem, host (false: none), version.
function support.request(method, target, options)
  options = options or {}
  local headers = header_list(options.headers)
  if options.host ~= false then
    headers[#headers + 1] = { "host", options.host or support.host }
  end
  return request.new {
    method = method,
    target = target,
    version = options.version or 1.1,
    headers = headers,
    body = options.body or "",
    body_problem = options.body_problem,
    now = support.now,
  }
end

--- A REST call with a good token unless `options.authorization` says otherwise: answer, effects.
function support.call(world, method, target, options)
  options = options or {}
  local headers = options.headers or {}
  if options.authorization ~= false then
    local token = support.token { aud = "http://" .. support.host .. target }
    headers[#headers + 1] = { "Authorization", options.authorization or "Bearer " .. token }
  end
  local one = { headers = headers, body = options.body, body_problem = options.body_problem }
  return rest.handle(world, support.request(method, target, one))
end

--- A POST with a body. `headers`: a list of pairs; `body_problem` as in a request.
function support.send(world, target, body, headers, body_problem)
  local list = {}
  for index, header in ipairs(headers or {}) do
    list[index] = header
  end
  return support.call(world, "POST", target, { body = body, headers = list, body_problem = body_problem })
end

support.json_body = { { "Content-Type", "application/json" } }
support.text_body = { { "Content-Type", "text/plain" } }

function support.header(answer, name)
  for _, header in ipairs(answer.headers) do
    if header[1]:lower() == name:lower() then
      return header[2]
    end
  end
  return nil
end

local json = require "webpubsub.emulator.protocol.json"
local simple = require "webpubsub.emulator.protocol.simple"
local protocols = { json = json, simple = simple }

--- A client in the state. `fields`: id, hub, user_id, roles, groups, protocol ("json" or "simple"), target.
function support.client(world, fields)
  local connection = {
    id = fields.id,
    hub = fields.hub or "chat",
    user_id = fields.user_id,
    permissions = assert(permissions.from_roles(fields.roles or {})),
    first_groups = fields.groups or {},
    protocol = protocols[fields.protocol or "json"],
    target = fields.target,
  }
  return connection, session.open(world.state, connection)
end

--- What the effects do to a connection: the texts of its frames in order, and its close as "close CODE REASON".
function support.heard(effects, connection)
  local texts = {}
  for _, effect in ipairs(effects or {}) do
    if effect.kind == "answer" and effect.connection == connection then
      texts[#texts + 1] = effect.frame.data
    elseif effect.kind == "deliver" then
      for _, recipient in ipairs(effect.recipients) do
        if recipient == connection then
          texts[#texts + 1] = connection.protocol.message(effect.message).data
        end
      end
    elseif effect.kind == "close" and effect.connection == connection then
      for _, frame in ipairs(effect.before) do
        texts[#texts + 1] = frame.data
      end
      texts[#texts + 1] = ("close %d %s"):format(effect.code, effect.reason)
    end
  end
  return texts
end

return support
