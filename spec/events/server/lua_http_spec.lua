-- The adapter for lua-http, behind a real server.

local adapter = require "spec.events.adapter"
local driven = require "spec.events.driven"
local blocking = require "webpubsub.transport.blocking"
local child = require "spec.support.child"
local core = require "webpubsub.core"
local support = require "spec.events.support"

local host

local function start()
  local server = child.start("spec/events/server/site_main.lua", support.keys[1], support.keys[2])
  local made = {
    child = server,
    endpoint = "http://127.0.0.1:" .. server:line(),
    transport = assert(blocking.new { proxy = false, max_response_body = 4194304 }),
  }
  function made.notes()
    local request = { method = "GET", url = made.endpoint .. "/notes", headers = {}, idempotent = true }
    return assert(made.transport:send(request, core.monotonic() + 10)).body
  end
  return made
end

setup(function()
  host = start()
end)

teardown(function()
  host.transport:close()
  host.child:stop()
end)

adapter.describe("lua-http", function()
  return host
end, { describe = describe, it = it })

driven("lua-http", function()
  return host
end, { describe = describe, it = it, setup = setup, teardown = teardown })

describe("an event handler in lua-http, besides,", function()
  it("goes on when connections end before the length that they announced", function()
    local socket = require "cqueues.socket"
    local request = support.request("message", nil, { ["Content-Type"] = "application/octet-stream" })
    for _ = 1, 30 do
      local connection = socket.connect("127.0.0.1", tonumber(host.endpoint:match ":(%d+)$"))
      connection:setmode("b", "bn")
      connection:settimeout(10)
      connection:write(adapter.head(request, "Content-Length: 2097153"))
      connection:shutdown "w"
      assert.match("^HTTP/1.1 413 ", connection:read "*a")
      connection:close()
    end
    assert.truthy(host.notes())
  end)

  it("reads no further than max_body: a body without end is refused while it goes on", function()
    local request = support.request("message", nil, { ["Content-Type"] = "application/octet-stream" })
    local endless = adapter.chunked(("x"):rep(2200000), 30000):gsub("0\r\n\r\n$", "")
    local head = adapter.head(request, "Transfer-Encoding: chunked")
    assert.match("^HTTP/1.1 413 ", adapter.raw(host, head .. endless, "*l"))
  end)

  it("refuses a chunk that announces more than max_body before it comes", function()
    local request = support.request("message", nil, { ["Content-Type"] = "application/octet-stream" })
    local head = adapter.head(request, "Transfer-Encoding: chunked")
    assert.match("^HTTP/1.1 413 ", adapter.raw(host, head .. "FFFFFFF0\r\nx", "*l"))
  end)
end)
