--- One HTTP connection: requests in, answers out, until it ends or becomes a WebSocket.

local base64 = require("webpubsub.core").base64_encode
local cqueues = require "cqueues"
local digest = require "openssl.digest"
local reasons = require "http.h1_reason_phrases"
local console = require "webpubsub.emulator.server.console"
local faulty = require "webpubsub.emulator.server.faulty"
local handshake = require "webpubsub.emulator.handshake"
local head = require "webpubsub.emulator.head"
local request = require "webpubsub.emulator.request"
local rest = require "webpubsub.emulator.rest"
local rules = require "webpubsub.emulator.rules"
local uri = require "webpubsub.emulator.uri"
local watch = require "webpubsub.emulator.watch"

local http = {}

local idle_seconds, head_seconds, body_seconds, write_seconds = 60, 10, 30, 30
local head_bytes, head_lines = 131072, 200
local linger_bytes, linger_seconds = 4 * 1024 * 1024, 2
local requests_per_turn = 32
local accept_magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" -- RFC 6455 section 1.3

-- The lines of a head; nil at the end of the connection, or nil and a status.
local function read_lines(stream, seconds)
  local lines, size, count, deadline = {}, 0, 0, nil
  while true do
    local left = deadline and math.max(0, deadline - cqueues.monotime()) or seconds
    local line = stream:read_line(left)
    deadline = deadline or cqueues.monotime() + head_seconds
    size = size + #(line or "") + 2 -- empty lines count too, or a flood of them would never end
    count = count + 1
    if line == nil or cqueues.monotime() > deadline then
      return nil
    elseif line == false or size > head_bytes or count > head_lines then
      return nil, 431
    elseif line == "" and #lines > 0 then
      return lines
    elseif line ~= "" then -- RFC 9112 section 2.2: an empty line before the request line is ignored
      lines[#lines + 1] = line
    end
  end
end

local function read_head(stream)
  local lines, status = read_lines(stream, idle_seconds)
  if not lines then
    return nil, status
  end
  return head.parse(lines)
end

-- body, or nil and the problem. A body that is left unread ends the connection after the answer.
local function read_body(stream, parsed)
  if parsed.chunked then
    return nil, "no_length"
  elseif not parsed.length then
    return "", "no_length"
  elseif parsed.length > rules.message_bytes then
    return nil, "too_large"
  elseif parsed.expects_continue and parsed.length > 0 then
    stream:write("HTTP/1.1 100 Continue\r\n\r\n", write_seconds)
  end
  local body = stream:read(parsed.length, body_seconds)
  return body, not body and "cut" or nil
end

local function status_line(status)
  return ("HTTP/1.1 %d %s\r\n"):format(status, reasons[tostring(status)] or "Unknown")
end

local function write_answer(stream, answer, method, keep_alive)
  local parts = { status_line(answer.status) }
  for _, header in ipairs(answer.headers) do
    parts[#parts + 1] = header[1] .. ": " .. header[2] .. "\r\n"
  end
  if answer.status ~= 204 then -- RFC 9110 section 8.6
    parts[#parts + 1] = "Content-Length: " .. #answer.body .. "\r\n"
  end
  if not keep_alive then
    parts[#parts + 1] = "Connection: close\r\n"
  end
  parts[#parts + 1] = os.date "!Date: %a, %d %b %Y %H:%M:%S GMT\r\n\r\n"
  parts[#parts + 1] = method ~= "HEAD" and answer.body or ""
  return stream:write(table.concat(parts), write_seconds)
end

local function plain(status, text, headers)
  local list = {}
  for index, header in ipairs(headers or {}) do
    list[index] = header
  end
  if text ~= "" then
    list[#list + 1] = { "Content-Type", "text/plain; charset=utf-8" }
  end
  return { status = status, headers = list, body = text }
end

local function log_request(server, one, status, started, why)
  local milliseconds = (cqueues.monotime() - started) * 1000
  local size = one.body and #one.body or 0
  local reason = why and why ~= "" and " (" .. why .. ")" or ""
  server.log:info("%s %s %d %dB %.1fms%s", one.method, uri.masked(one.target), status, size, milliseconds, reason)
end

local function answer_rest(server, one)
  local ok, answer, effects, why = xpcall(rest.handle, server.traceback, server.world, one)
  if not ok then
    server.log:error("%s %s: %s", one.method, uri.masked(one.target), answer)
    return plain(500, "")
  end
  server.delivery:apply(effects)
  return answer, why
end

local function upgrade_head(accepted)
  local key = base64(digest.new("sha1"):final(accepted.key .. accept_magic))
  local subprotocol = accepted.subprotocol
  return table.concat {
    status_line(101),
    "Upgrade: websocket\r\nConnection: Upgrade\r\n",
    "Sec-WebSocket-Accept: " .. key .. "\r\n",
    subprotocol and "Sec-WebSocket-Protocol: " .. subprotocol .. "\r\n" or "",
    "\r\n",
  }
end

-- The accepted client, or nil and a refusal.
local function admit(server, one)
  local offer, refusal = handshake.check(server.world, one)
  if not offer then
    return nil, refusal
  elseif offer.recovery then
    return server:readmit(offer)
  end
  return server:admit(offer)
end

-- true when the connection has become a WebSocket and is over.
local function become_websocket(server, stream, one, started)
  local ok, accepted, refusal = xpcall(admit, server.traceback, server, one)
  if not ok then
    server.log:error("%s %s: %s", one.method, uri.masked(one.target), accepted)
    refusal = { status = 500, message = "", headers = {} }
  elseif accepted then
    log_request(server, one, 101, started)
    if stream:write(upgrade_head(accepted), write_seconds) then
      server:serve_websocket(stream, accepted)
    end
    return true
  end
  local answer = plain(refusal.status, refusal.message, refusal.headers)
  log_request(server, one, answer.status, started, refusal.why or refusal.message)
  return false, answer
end

local function new_request(parsed, body, problem, now)
  return request.new {
    method = parsed.method,
    target = parsed.target,
    version = parsed.version,
    headers = parsed.headers,
    body = body,
    body_problem = problem,
    now = now,
  }
end

local function refuse_head(server, stream, status)
  if status then
    server.log:info("a request that is not HTTP is refused: %d", status)
    write_answer(stream, plain(status, ""), "GET", false)
    stream:shutdown "w"
    stream:drain(linger_bytes, linger_seconds)
  end
end

-- The answer to a request, or nil when its connection is over. What the page and test suites ask stays out of the log.
local function answer_of(server, stream, one, started)
  local ours = console.answer(server, stream, one)
  if ours then
    return ours
  end
  local fault, answer = faulty.meet(server, stream, one, function()
    answer_rest(server, one)
  end)
  if not fault and handshake.endpoint(one.path) then
    local _, refusal = become_websocket(server, stream, one, started)
    return refusal
  end
  local why = fault and "fault " .. fault
  if not fault then
    answer, why = answer_rest(server, one)
  end
  local status = answer and answer.status or 0 -- 0: no answer
  log_request(server, one, status, started, why)
  watch.request(server.world.journal, one.method, uri.masked(one.target), status, one.now, fault)
  return answer
end

-- Does the connection go on after this exchange?
local function exchange(server, stream)
  local parsed, status = read_head(stream)
  if not parsed then
    refuse_head(server, stream, status)
    return false
  end
  local started = cqueues.monotime()
  local body, problem = read_body(stream, parsed)
  if problem == "cut" then
    return false
  end
  local one = new_request(parsed, body, problem, server.now())
  local answer = answer_of(server, stream, one, started)
  if not answer then
    return false
  end
  local unread = parsed.chunked or problem == "too_large"
  local goes_on = parsed.keep_alive and not unread and not server.stopping
  if not write_answer(stream, answer, parsed.method, goes_on) then
    return false
  elseif unread then
    stream:shutdown "w"
    stream:drain(linger_bytes, linger_seconds)
  end
  return goes_on
end

--- Serves one connection to its end; the caller closes the stream.
function http.serve(server, stream)
  local count = 0
  while exchange(server, stream) do
    count = count + 1
    if count % requests_per_turn == 0 then
      cqueues.sleep(0) -- pipelined requests leave the other connections their turn
    end
  end
end

return http
