-- An HTTP server that records the bytes of each request and answers as it is told. Runs in a child; one request a line.
--   local recorder = require "spec.support.recorder".start(answers)
-- answers: a list, used in order; the last one repeats. Each is a raw response, or
--   "close" (read, then close without a byte), "half" (part of a response, then close), recorder.cut(bytes) or
--   recorder.reset(bytes) (these bytes, then close, or RST), "hang", "stray" (an answer, then bytes that nobody
--   asked for); and before a request is read: "drop" (close), "reset" (RST) at once, "unread" (RST when the request
--   has arrived).

local unpack = table.unpack or unpack
local child = require "spec.support.child"
local core = require "webpubsub.core"

local recorder = {}
recorder.__index = recorder

recorder.accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

--- A raw response with a body.
function recorder.response(status, headers, body)
  return ("HTTP/1.1 %s Status\r\n%sContent-Length: %d\r\n\r\n%s"):format(
    status,
    headers or "",
    #(body or ""),
    body or ""
  )
end

function recorder.cut(bytes)
  return "cut:" .. bytes
end

function recorder.reset(bytes)
  return "reset:" .. bytes
end

function recorder.start(answers)
  local encoded = {}
  for i, answer in ipairs(answers or { recorder.accepted }) do
    encoded[i] = core.base64_encode(answer)
  end
  local self = setmetatable({ child = child.start("spec/support/recorder_main.lua", unpack(encoded)) }, recorder)
  local port, control = self.child:line():match "^(%d+) (%d+)$"
  self.port = tonumber(port)
  self.control = "http://127.0.0.1:" .. control
  self.endpoint = "http://127.0.0.1:" .. self.port
  return self
end

local function parse(bytes)
  local head, body = bytes:match "^(.-\r\n)\r\n(.*)$"
  local line, rest = head:match "^(.-)\r\n(.*)$"
  local request = { bytes = bytes, line = line, body = body, headers = {}, names = {} }
  request.method, request.target = line:match "^(%S+) (%S+) HTTP/1%.1$"
  for name, value in rest:gmatch "([^:\r\n]+): ?([^\r\n]*)\r\n" do
    request.headers[name:lower()] = value
    request.names[#request.names + 1] = name
  end
  return request
end

--- The next recorded request: { line, method, target, headers by lower-case name, names, body, bytes }.
function recorder:request()
  return parse(assert(core.base64_decode(self.child:line())))
end

--- All that was recorded and not taken until now, asked for by a transport.
function recorder:recorded(transport)
  local mark = { method = "GET", url = self.control .. "/", headers = {}, idempotent = false }
  assert(transport:send(mark, transport:now() + 10))
  local requests, line = {}, self.child:line()
  while line ~= "mark" do
    requests[#requests + 1] = parse(assert(core.base64_decode(line)))
    line = self.child:line()
  end
  return requests
end

--- Has nothing (more) arrived within the seconds?
function recorder:is_quiet(seconds)
  return #self.child:lines_within(seconds) == 0
end

function recorder:stop()
  self.child:stop()
end

return recorder
