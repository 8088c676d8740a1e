-- The recorder's child process. Arguments: base64 of the answers. Prints its ports, then each request as base64, and
-- "mark" for each connection to its second port.

local core = require "webpubsub.core"
local cqueues = require "cqueues"
local ffi = require "ffi"
local listen = require "spec.support.listen"
local socket = require "cqueues.socket"

local answers = {}
for i, encoded in ipairs(arg) do
  answers[i] = core.base64_decode(encoded)
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
    print_line(core.base64_encode(bytes))
    local answer = next_answer()
    if endings[answer] then
      return endings[answer](connection)
    elseif ends_inside(connection, answer) then
      return
    end
    connection:write(answer)
    connection:flush()
  end
end

--- Whatever arrived before the mark was asked for stands before it: each turn of the loop serves all that is readable,
-- and a request needs three (its connection, its head, its body).
local function serve_mark(connection)
  connection:setmode("b", "bf")
  read_head(connection)
  for _ = 1, 5 do
    cqueues.sleep(0)
  end
  print_line "mark"
  connection:write "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
  connection:flush()
  connection:close()
end

socket.setmaxline(2 ^ 22)
listen(serve, print_line, serve_mark)
