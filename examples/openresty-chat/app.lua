-- The chat's server. Who is in the room is what the service says; the last messages lie in nginx's shared memory.
-- Clients may send nothing to the group themselves: what they say comes here as an event, and goes out from here.

local json = require "webpubsub.json"
local webpubsub = require "webpubsub"

local app = {}

local connection_string = os.getenv "WEBPUBSUB_CONNECTION_STRING"
local hub = assert(webpubsub.from_connection_string(connection_string, "chat"))
local lobby = hub:group "lobby"
local remembered, longest_name, longest_text = 50, 24, 500

local function log(err)
  ngx.log(ngx.ERR, tostring(err))
end

local function send(message, options)
  local ok, err = lobby:send(message, options)
  if not ok then
    log(err)
  end
end

--- Names in the room, each once, in order.
local function people()
  local page, err = lobby:list_connections()
  if not page then
    return nil, err
  end
  local seen, names = {}, webpubsub.array {}
  for _, connection in ipairs(page) do
    local name = connection.user_id
    if name and not seen[name] then
      seen[name] = true
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

local function tell_presence()
  local names, err = people()
  if not names then
    return log(err)
  end
  send { kind = "presence", names = names }
end

--- Every message has a number; the ones before the last fifty are forgotten.
local function remember(message)
  local room = ngx.shared.room
  message.id = room:incr("last", 1, 0)
  room:set(message.id, json.encode(message))
  room:delete(message.id - remembered)
end

--- The last messages, oldest first.
local function history()
  local list = webpubsub.array {}
  local last = ngx.shared.room:get "last" or 0
  for id = math.max(1, last - remembered + 1), last do
    local text = ngx.shared.room:get(id)
    list[#list + 1] = text and json.decode(text)
  end
  return list
end

local events = {}

function events.say(event, response)
  local text = type(event.data) == "table" and event.data.text
  if type(text) ~= "string" or #text > longest_text or not text:find "%S" then
    return response:fail(400, "a message has 1 to 500 bytes")
  end
  local message = { kind = "message", from = event.user_id, text = text, time = ngx.time() }
  remember(message)
  send(message)
end

function events.typing(event)
  send({ kind = "typing", from = event.user_id }, { excluded = { event.connection_id } })
end

app.handler = assert(webpubsub.event_handler {
  hub = "chat",
  connection_string = connection_string,
  handle_connect = function(event, response)
    if not event.user_id then
      return response:fail(401, "a name is needed")
    end
    response:success { groups = { "lobby" }, subprotocol = "json.webpubsub.azure.v1" }
  end,
  handle_user_event = function(event, response)
    local known = events[event.name]
    if not known then
      return response:fail(400, "no such event")
    end
    known(event, response)
  end,
  on_connected = tell_presence,
  on_disconnected = tell_presence,
})

local function answer(status, value)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.print(json.encode(value))
end

--- A name → where to connect, and what was said before. A real application takes the name from its own sign-in.
function app.negotiate()
  local name = ngx.var.arg_name and ngx.unescape_uri(ngx.var.arg_name) or ""
  if not name:find "%S" or #name > longest_name or name:find "%c" then
    return answer(400, { error = "a name has 1 to 24 bytes" })
  end
  local access, err = hub:get_client_access_token { user_id = name }
  if not access then
    return answer(err.code == "invalid_argument" and 400 or 502, { error = "no access" })
  end
  answer(200, { url = access.url, history = history() })
end

local socket_origin = connection_string:match("[Ee]ndpoint=([^;]+)"):gsub("^http", "ws"):gsub("/$", "")

--- The page may run its own script and speak to the service, nothing else.
function app.protect()
  ngx.header["Content-Security-Policy"] = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
    .. "form-action 'none'; frame-ancestors 'none'; connect-src 'self' "
    .. socket_origin
  ngx.header["X-Content-Type-Options"] = "nosniff"
end

return app
