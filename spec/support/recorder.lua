-- An HTTP server that records the bytes of each request and answers as it is told. Runs in a child.
--   local recorder = require "spec.support.recorder".start(answers), or .collect(answers)
-- answers: a list, used in order; the last one repeats. Each is a raw response, or
--   "close" (read, then close without a byte), "half" (part of a response, then close), recorder.cut(bytes) or
--   recorder.reset(bytes) (these bytes, then close, or RST), "hang", "stray" (an answer, then bytes that nobody
--   asked for), recorder.echo(status) (an answer that tells everything back that it was sent);
--   and before a request is read: "drop" (close), "reset" (RST) at once, "unread" (RST when the request has arrived).

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

function recorder.echo(status)
  return "echo:" .. status
end

function recorder.reset(bytes)
  return "reset:" .. bytes
end

local function start(way, answers)
  local encoded = {}
  for i, answer in ipairs(answers or { recorder.accepted }) do
    encoded[i] = core.base64_encode(answer)
  end
  local self = setmetatable({ child = child.start("spec/support/recorder_main.lua", way, unpack(encoded)) }, recorder)
  local port, control = self.child:line():match "^(%d+) (%d+)$"
  self.port = tonumber(port)
  self.endpoint = "http://127.0.0.1:" .. port
  self.control = "http://127.0.0.1:" .. control .. "/"
  return self
end

--- Its requests are taken one after the other, by request().
function recorder.start(answers)
  return start("print", answers)
end

--- Its requests are taken all at once, by recorded().
function recorder.collect(answers)
  return start("collect", answers)
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

--- Every request that a collecting recorder was sent and that was not taken until now.
function recorder:recorded(transport)
  local ask = { method = "GET", url = self.control, headers = {}, idempotent = false }
  local requests = {}
  for line in assert(transport:send(ask, transport:now() + 10)).body:gmatch "[^\n]+" do
    requests[#requests + 1] = parse(assert(core.base64_decode(line)))
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
