-- The recorder's child process. Arguments: "print" or "collect", base64 of the answers. Prints its ports, then each
-- request as base64; or keeps the requests for whoever asks at its second port.

local cjson = require "cjson"
local core = require "webpubsub.core"
local cqueues = require "cqueues"
local ffi = require "ffi"
local listen = require "spec.support.listen"
local socket = require "cqueues.socket"

local collected = arg[1] == "collect" and {} or nil
local answers = {}
for i = 2, #arg do
  answers[i - 1] = core.base64_decode(arg[i])
end

local served = 0

local function next_answer()
  served = served + 1
  return answers[math.min(served, #answers)]
end

local function print_line(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

--- A pipe that nobody reads would stop us; so what is asked for only at the end is kept here.
local function record(text)
  if collected then
    collected[#collected + 1] = text .. "\n"
  else
    print_line(text)
  end
end

local function read_head(connection)
  local lines = {}
  repeat
    local line = connection:read "*L"
    if not line then
      return nil
    end
    lines[#lines + 1] = line
  until line == "\r\n"
  return table.concat(lines)
end

local function read_request(connection)
  local head = read_head(connection)
  if not head then
    return nil
  end
  local length = tonumber(head:lower():match "\r\ncontent%-length: *(%d+)") or 0
  local body = length > 0 and connection:read(length) or ""
  return head .. body
end

ffi.cdef [[
  struct linger { int l_onoff; int l_linger; };
  int setsockopt(int socket, int level, int name, const void *value, unsigned size);
]]

local SOL_SOCKET = jit.os == "Linux" and 1 or 0xffff
local SO_LINGER = jit.os == "Linux" and 13 or 0x80

--- Closes with RST: what lingers for no time is thrown away (RFC 9293, 3.10.4, ABORT).
local function reset(connection)
  local linger = ffi.new("struct linger", 1, 0)
  assert(ffi.C.setsockopt(connection:pollfd(), SOL_SOCKET, SO_LINGER, linger, ffi.sizeof(linger)) == 0)
  connection:close()
end

--- What happens before a request is read.
local before = { reset = reset }

function before.drop(connection)
  connection:close()
end

--- The request has arrived, and nobody reads it.
function before.unread(connection)
  cqueues.poll { pollfd = connection:pollfd(), events = "r" }
  reset(connection)
end

local endings = {}

function endings.close(connection)
  connection:close()
end

function endings.half(connection)
  connection:write "HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\nhalf"
  connection:flush()
  connection:close()
end

--- An answer, and a little later another one that nobody asked for.
function endings.stray(connection)
  connection:write "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
  connection:flush()
  cqueues.sleep(0.05)
  connection:write "HTTP/1.1 202 Stray\r\nContent-Length: 0\r\n\r\n"
  connection:flush()
  print_line "stray bytes written"
end

function endings.hang()
  cqueues.sleep(60)
end

--- Everything that the request holds, told back in every place where an answer has words.
local function told_back(bytes, status)
  local head, body = bytes:match "^(.-\r\n)\r\n(.*)$"
  local token = head:match "\r\n[Aa]uthorization: %a+ ([^\r]*)" or "none"
  local words = ("you sent %s with %s%s and %s"):format(token, head, body, core.percent_decode(body) or body)
  local text = cjson.encode {
    code = token,
    message = words,
    target = token,
    error = "invalid_client",
    error_description = words,
    innererror = { code = token },
  }
  local line = words:gsub("%c", " ")
  local lines = 'x-ms-error-code: %s\r\nX-Echo: %s\r\nWWW-Authenticate: Bearer error="%s"\r\n'
  lines = lines:format(token, line, line)
  lines = "Content-Type: application/json\r\nConnection: close\r\n" .. lines
  local answer = ("HTTP/1.1 %s %s\r\n%sContent-Length: %d\r\n\r\n"):format(status, token, lines, #text)
  return head:find "^HEAD" and answer or (answer .. text)
end

--- "cut:" or "reset:" and bytes: these are written, then the connection ends that way.
local function ends_inside(connection, answer)
  local way, bytes = answer:match "^(%l+):(.*)$"
  if way ~= "cut" and way ~= "reset" then
    return false
  end
  connection:write(bytes)
  connection:flush()
  local finish = way == "cut" and endings.close or reset
  finish(connection)
  return true
end

--- Ends the connection before a request is read, where the answers say so.
local function drops(connection)
  local ending = before[answers[math.min(served + 1, #answers)]]
  if ending then
    served = served + 1
    ending(connection)
  end
  return ending ~= nil
end

local function serve(connection)
  connection:setmode("b", "bf")
  connection:onerror(function(_, _, code)
    return code
  end)
  while not drops(connection) do
    local bytes = read_request(connection)
    if not bytes then
      return connection:close()
    end
    record(core.base64_encode(bytes))
    local answer = next_answer()
    if endings[answer] then
      return endings[answer](connection)
    elseif ends_inside(connection, answer) then
      return
    end
    connection:write(answer:find "^echo:" and told_back(bytes, answer:sub(6)) or answer)
    connection:flush()
  end
end

--- Gives out what was collected. Whatever arrived before somebody asked is part of it: each turn of the loop serves all
-- that is readable, and a request needs three (its connection, its head, its body).
local function serve_collected(connection)
  connection:setmode("b", "bf")
  read_head(connection)
  for _ = 1, 5 do
    cqueues.sleep(0)
  end
  local body = table.concat(collected or {})
  collected = {}
  connection:write(("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
  connection:flush()
  connection:close()
end

socket.setmaxline(2 ^ 22)
listen(serve, print_line, serve_collected)
