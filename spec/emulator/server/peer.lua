--- Peers of a running emulator for the server specs: raw connections, lua-http's requests and WebSockets.

local core = require "webpubsub.core"
local http_request = require "http.request"
local mac = require "webpubsub.mac"
local sockets = require "cqueues.socket"
local websocket = require "http.websocket"

local peer = {}

peer.seconds = 10

local function return_error(_, _, why)
  return why
end

--- A bare TCP connection to the emulator; writes go out at once.
function peer.connect(emulator)
  local socket = sockets.connect("127.0.0.1", emulator.port)
  socket:onerror(return_error)
  socket:setmode("b", "bn")
  socket:setvbuf("full", math.huge)
  socket:settimeout(peer.seconds)
  assert(socket:connect())
  return socket
end

--- Sends bytes on a connection of their own and gives what comes back until the other side ends or is silent for the
-- seconds.
function peer.exchange(emulator, bytes, seconds)
  local socket = peer.connect(emulator)
  socket:xwrite(bytes, "bn", peer.seconds)
  local parts = {}
  repeat
    local part = socket:xread(-65536, "b", seconds or peer.seconds)
    parts[#parts + 1] = part
  until not part
  socket:close()
  return table.concat(parts)
end

function peer.token(emulator, claims)
  claims.exp = claims.exp or math.floor(core.time()) + 60
  local input = core.token_input('{"alg":"HS256","typ":"JWT"}', assert(core.json_encode(claims)))
  return input .. "." .. core.base64url_encode(assert(mac.new(emulator.access_key)):sign(input))
end

--- A REST call: status, headers, body. `options`: content_type, body, headers.
function peer.rest(emulator, method, target, options)
  options = options or {}
  local url = emulator.endpoint .. target
  local request = http_request.new_from_uri(url)
  request.headers:upsert(":method", method)
  request.headers:upsert("authorization", "Bearer " .. peer.token(emulator, { aud = url }))
  if options.content_type then
    request.headers:upsert("content-type", options.content_type)
  end
  for name, value in pairs(options.headers or {}) do
    request.headers:upsert(name, value)
  end
  if options.body then
    request:set_body(options.body)
  end
  local headers, stream = request:go(peer.seconds)
  assert(headers, stream)
  local body = stream:get_body_as_string(peer.seconds)
  stream:shutdown()
  return tonumber(headers:get ":status"), headers, body
end

function peer.client_url(emulator, claims)
  claims.aud = claims.aud or emulator.endpoint .. "/client/hubs/chat"
  return emulator.endpoint:gsub("^http", "ws") .. "/client/hubs/chat?access_token=" .. peer.token(emulator, claims)
end

--- lua-http's WebSocket client, connected; for the JSON subprotocol unless `subprotocol` is false.
function peer.websocket(emulator, claims, subprotocol)
  local protocols = subprotocol ~= false and { subprotocol or "json.webpubsub.azure.v1" } or nil
  local client = websocket.new_from_uri(peer.client_url(emulator, claims), protocols)
  assert(client:connect(peer.seconds))
  return client
end

--- The next message, or nil, the reason and the code of the close.
function peer.receive(client)
  return client:receive(peer.seconds)
end

--- The id in the first message of a JSON client.
function peer.connection_id(client)
  local members = core.json_members(assert(peer.receive(client)))
  return core.json_string(members.connectionId)
end

--- The bytes that ask for a WebSocket (RFC 6455 section 4.1) at a client URL.
function peer.upgrade(emulator, url)
  return table.concat({
    "GET " .. url:match "^ws://[^/]*(.*)$" .. " HTTP/1.1",
    "Host: localhost:" .. emulator.port,
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "",
    "",
  }, "\r\n")
end

--- A connection that has become a WebSocket by hand, for frames that no client would write.
function peer.raw_websocket(emulator, claims)
  local socket = peer.connect(emulator)
  socket:xwrite(peer.upgrade(emulator, peer.client_url(emulator, claims or {})), "bn", peer.seconds)
  local status = socket:xread("*L", "b", peer.seconds)
  assert(status and status:find "^HTTP/1.1 101 ", status)
  repeat
    local line = socket:xread("*L", "b", peer.seconds)
  until line == "\r\n"
  return socket
end

--- The code of the close frame that comes next on a raw WebSocket, behind frames of other kinds.
function peer.close_code(socket)
  while true do
    local frame = websocket.read_frame(socket)
    if not frame then
      return nil
    elseif frame.opcode == 8 then
      return (websocket.parse_close(frame.data))
    end
  end
end

return peer
