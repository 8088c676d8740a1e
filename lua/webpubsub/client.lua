--- The joiner: options → arguments → message → request → exchange (signer → transport → response).
-- The methods of the operations are made from the rows of webpubsub.operations; what builds their requests is
-- webpubsub.client.call.

local attempt = require "webpubsub.attempt"
local calls = require "webpubsub.client.call"
local client_options = require "webpubsub.client_options"
local errors = require "webpubsub.error"
local exchange = require "webpubsub.exchange"
local log = require "webpubsub.log"
local operations = require "webpubsub.operations"
local options = require "webpubsub.options"
local pages = require "webpubsub.pages"

local client = {}
local methods = {}
local metatable = { __index = methods }

--- What a client knows stays out of its own table, so that printing a client prints no credential.
local states = setmetatable({}, { __mode = "k" })

function metatable:__tostring()
  local site = states[self].site
  return ("webpubsub.client(%s, hub %s)"):format(site.audience_base, site.hub_name)
end

local function state_of(self)
  local state = states[self] or errors.misuse "call the method with a colon on a client"
  if state.closed then
    errors.misuse "the client is closed"
  end
  return state
end

local rows = {}

for _, row in ipairs(operations.list) do
  rows[row.name] = row
  if not row.hidden then
    -- A fifth argument is one too many in every operation; a vararg function would cost each call more.
    methods[row.name] = function(self, first, second, third, fourth, fifth)
      local state = state_of(self)
      local made, call = calls.build(state, row, first, second, third, fourth, fifth)
      if not made then
        return nil, call
      end
      return exchange.perform(state, row, call, made)
    end
  end
end

for alias, name in pairs(operations.aliases) do
  methods[alias] = methods[name]
  rows[alias] = rows[name]
end

for _, name in ipairs { "send_to_users", "send_to_groups" } do
  --- send_to_users(user_ids, message, options), send_to_groups(groups, message, options) → results | nil, err.
  -- See webpubsub.fan_out.
  methods[name] = function(self, targets, text, call)
    return require("webpubsub.fan_out").send(self, state_of(self).transport, name, targets, text, call)
  end
end

--- Iterates over the connections of a group, page by page: for connection in client:each_connection "lobby" do … end.
-- connection = { connection_id, user_id or nil }. Options as of list_connections. A page that cannot be fetched
-- raises its error value, because a loop that just ended would look complete.
function methods:each_connection(group, call)
  if state_of(self).transport.yields_in_iterators == false then
    errors.misuse "each_connection: on Lua 5.1 a loop cannot wait for the poller; use list_connections page by page"
  end
  if type(group) ~= "string" then
    errors.misuse("each_connection: argument 1 (group) must be a string, got %s", type(group))
  end
  local ok, err = calls.check(rows.list_connections, call, "each_connection")
  if not ok then
    error(err, 0)
  end
  return pages.each(function(page_options)
    return self:list_connections(group, page_options)
  end, call)
end

--- A client narrowed to one group; never fails, its calls check the name.
function methods:group(name)
  state_of(self)
  return require("webpubsub.group").new(self, name)
end

local masked_request = {
  __tostring = function(self)
    return ("webpubsub.request(%s %s, signature masked)"):format(self.method, log.mask_url(self.url))
  end,
}

--- prepare("send_to_all", message, options) → the signed request that the method would send | nil, err.
-- { method, url, headers = { name, value, … }, body }; its Authorization header, the first, is a secret that lives
-- for five minutes.
function methods:prepare(name, ...)
  local state = state_of(self)
  local row = rows[name]
  if not row then
    local near = type(name) == "string" and options.nearest(name, rows)
    errors.misuse("prepare: unknown method '%s'%s", tostring(name), near and ("; did you mean '" .. near .. "'?") or "")
  end
  local made, err = calls.build(state, row, ...)
  if not made then
    return nil, err
  end
  local ok
  ok, err = attempt.sign(state, made)
  if not ok then
    return nil, err
  end
  return setmetatable(made, masked_request)
end

--- Sends what has no method: { method, path, query = { name = value or list }, body, content_type, and the options of
-- any call }. path begins with "/" and is already percent-encoded; {hub} in it stands for the client's hub;
-- api-version is added when absent. A string body goes out as it is, a table as JSON. response (of any status) | nil,
-- err.
function methods:send_request(given)
  local state = state_of(self)
  local ok, err = options.check(client_options.send_request, given, "send_request")
  if not ok then
    return nil, err
  elseif not (given.method and given.path) then
    errors.misuse "send_request: the options method and path are needed"
  end
  local made
  made, err = calls.free(state, given)
  if not made then
    return nil, err
  end
  return exchange.send(state, given, made)
end

--- get_client_access_token { user_id, roles, groups, minutes_to_expire = 60, jwt_headers, client_protocol =
-- "Default", "MQTT" or "SocketIO" } → { url, token, base_url } | nil, err. Made locally with an access key, by the
-- service otherwise.
function methods:get_client_access_token(given)
  return require("webpubsub.client.access_token").get(state_of(self), given or {})
end

--- The options of a call with its timeout no longer than the given one.
local function limit(state, call, timeout)
  local own = call.timeout or state.options.timeout
  return setmetatable({ timeout = math.min(own, timeout) }, { __index = call })
end

--- For sending later: defer(client, method, …) → function(longest timeout or nil) that does what the method does, with
-- a request that was checked and built now; and the bytes of its body | nil, err.
function client.defer(self, name, ...)
  local state, row = state_of(self), rows[name]
  local made, call = calls.build(state, row, ...)
  if not made then
    return nil, call
  end
  return function(timeout)
    return exchange.perform(state, row, timeout and limit(state, call, timeout) or call, made)
  end,
    #(made.body or "")
end

--- Closes the connections of the client's own transport; one that was given stays open.
function methods:close()
  local state = states[self]
  if state.closed then
    return
  end
  state.closed = true
  if not state.options.transport then
    state.transport:close()
  end
end

--- new(options) → client | nil, err. Options: see client_options and the README.
function client.new(given)
  local state, err = require("webpubsub.client_state").new(given)
  if not state then
    return nil, err
  end
  local self = setmetatable({}, metatable)
  states[self] = state
  return self
end

return client
