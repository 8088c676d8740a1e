-- An authoritative game server in plain Lua: one loop ticks the world, publishes it to a group and hears the players'
-- wishes as user events. The tick never waits for the network: the poller sends between ticks.
--   LUA=luajit script/lua examples/game-loop/server.lua PORT

local cqueues = require "cqueues"
local http_headers = require "http.headers"
local http_server = require "http.server"
local json = require "webpubsub.json"
local lua_http = require "webpubsub.events.lua_http"
local webpubsub = require "webpubsub"
local world = require "examples.game-loop.world"

local tick_seconds, silent_ticks, longest_name = 0.05, 100, 16
local port = assert(tonumber(arg[1]), "which port?")
local connection_string = assert(os.getenv "WEBPUBSUB_CONNECTION_STRING", "WEBPUBSUB_CONNECTION_STRING is not set")
local poller = assert(webpubsub.poller { max_connections = 4 })
local hub = assert(webpubsub.from_connection_string(connection_string, "game", { transport = poller, timeout = 2 }))
local arena = hub:group "arena"
local game = world.new()

local function player_name(event)
  return event.user_id or "?"
end

local handler = assert(webpubsub.event_handler {
  hub = "game",
  connection_string = connection_string,
  handle_connect = function(_, response)
    response:success { groups = { "arena" }, subprotocol = "json.webpubsub.azure.v1" }
  end,
  on_connected = function(event)
    game:join(event.connection_id, player_name(event))
  end,
  on_disconnected = function(event)
    game:leave(event.connection_id)
  end,
  handle_user_event = function(event, response)
    if event.name ~= "steer" then
      return response:fail(400, "no such event")
    end
    game:join(event.connection_id, player_name(event)) -- who was silent for long, and is back
    game:steer(event.connection_id, event.data)
  end,
})

local sending = false

--- One state at a time: a late one is worth nothing, the next tick sends a newer.
local function publish()
  sending = true
  local ok, err = arena:send(game:view())
  if not ok and err.code ~= "connect_failed" then
    io.stderr:write(tostring(err), "\n")
  end
  sending = false
end

local function run_ticks()
  local due = cqueues.monotime()
  while true do
    game:step(tick_seconds, silent_ticks)
    if not sending and next(game.players) then
      poller:spawn(publish)
    end
    due = math.max(due + tick_seconds, cqueues.monotime())
    repeat
      poller:poll(0)
      cqueues.sleep(math.min(0.005, math.max(0, due - cqueues.monotime())))
    until cqueues.monotime() >= due
  end
end

local socket_origin = connection_string:match("[Ee]ndpoint=([^;]+)"):gsub("^http", "ws"):gsub("/$", "")

local security = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
  .. "frame-ancestors 'none'; connect-src 'self' "
  .. socket_origin

local function answer(stream, status, content_type, body)
  local headers = http_headers.new()
  headers:append(":status", tostring(status))
  headers:append("content-type", content_type)
  headers:append("content-security-policy", security)
  headers:append("x-content-type-options", "nosniff")
  headers:append("content-length", tostring(#body))
  if stream:write_headers(headers, false, 10) then
    stream:write_chunk(body, true, 10)
  end
end

local function read_page(name)
  local file = assert(io.open("examples/game-loop/page/" .. name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local pages = {
  ["/"] = { "text/html; charset=utf-8", read_page "index.html" },
  ["/game.css"] = { "text/css; charset=utf-8", read_page "game.css" },
  ["/game.js"] = { "text/javascript; charset=utf-8", read_page "game.js" },
}

--- A name → where to connect. Made and signed here, without a request to the service.
local function negotiate(stream, query)
  local core = require "webpubsub.core"
  local name = core.percent_decode(query:match "name=([^&]*)" or "") or ""
  local access, err
  if name:find "%S" and #name <= longest_name and not name:find "%c" then
    access, err = hub:get_client_access_token { user_id = name }
  end
  if not access then
    return answer(
      stream,
      400,
      "application/json",
      json.encode { error = err and err.message or "a name has 1 to 16 bytes" }
    )
  end
  answer(stream, 200, "application/json", json.encode { url = access.url })
end

local function serve(_, stream)
  local headers = stream:get_headers(10)
  local path, query = (headers and headers:get ":path" or ""):match "^([^?]*)%??(.*)$"
  if path == "/eventhandler" then
    lua_http.serve(handler, stream, headers)
  elseif path == "/negotiate" then
    negotiate(stream, query)
  elseif pages[path] then
    answer(stream, 200, pages[path][1], pages[path][2])
  elseif headers then
    answer(stream, 404, "text/plain", "not found")
  end
end

local loop = cqueues.new()
local server = assert(http_server.listen {
  cq = loop,
  host = "127.0.0.1",
  port = port,
  onstream = serve,
  onerror = function() end, -- a client that goes away in the middle is no news
})
assert(server:listen())
loop:wrap(run_ticks)
io.stdout:write(("game: http://localhost:%d (Ctrl-C ends it)\n"):format(port))
io.stdout:flush()
assert(loop:loop())
