-- The recorder's child process. Arguments: base64 of the answers. Prints its port, then each request as base64.

local core = require "webpubsub.core"
local cqueues = require "cqueues"
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

--- Ends the connection before anything is read.
local function drops(connection)
  if answers[math.min(served + 1, #answers)] == "drop" then
    served = served + 1
    connection:close()
    return true
  end
end

local function serve(connection)
  if drops(connection) then
    return
  end
  connection:setmode("b", "bf")
  connection:onerror(function(_, _, code)
    return code
  end)
  while true do
    local bytes = read_request(connection)
    if not bytes then
      return connection:close()
    end
    print_line(core.base64_encode(bytes))
    local answer = next_answer()
    if endings[answer] then
      return endings[answer](connection)
    end
    connection:write(answer)
    connection:flush()
  end
end

socket.setmaxline(2 ^ 22)
listen(serve, print_line)
