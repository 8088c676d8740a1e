-- What every adapter must do, whatever server it stands in. host: { endpoint, transport, notes() }.

local assert = require "luassert"
local core = require "webpubsub.core"
local support = require "spec.events.support"

local adapter = {}

local function send(host, request, extra)
  local headers = {}
  for name, value in pairs(request.headers) do
    headers[#headers + 1] = name
    headers[#headers + 1] = value
  end
  for _, each in ipairs(extra or {}) do
    headers[#headers + 1] = each
  end
  local response = assert(host.transport:send({
    method = request.method,
    url = host.endpoint .. "/eventhandler",
    headers = headers,
    body = request.body,
    idempotent = true,
  }, core.monotonic() + 20))
  response.headers = {}
  for name, value in response.header_block:gmatch "([^:\r\n]+): ?([^\r\n]*)\r\n" do
    response.headers[name:lower()] = value
  end
  return response
end

--- Bytes as they are on a connection of their own, for what no client of ours would send. The whole
-- answer, or what the format says.
function adapter.raw(host, bytes, format)
  local socket = require "cqueues.socket"
  local connection = socket.connect("127.0.0.1", tonumber(host.endpoint:match ":(%d+)$"))
  connection:setmode("b", "bn")
  connection:settimeout(20)
  connection:write(bytes)
  local answer = connection:read(format or "*a")
  connection:close()
  return answer
end

--- The head of a request with one more line.
function adapter.head(request, more)
  local lines = { "POST /eventhandler HTTP/1.1", "Host: x", "Connection: close" }
  for name, value in pairs(request.headers) do
    lines[#lines + 1] = name .. ": " .. value
  end
  lines[#lines + 1] = more
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

--- A body in chunks of that size.
function adapter.chunked(body, size)
  local parts = {}
  for i = 1, #body, size do
    local part = body:sub(i, i + size - 1)
    parts[#parts + 1] = ("%x\r\n%s\r\n"):format(#part, part)
  end
  return table.concat(parts) .. "0\r\n\r\n"
end

local head, chunked = adapter.head, adapter.chunked
local binary = { ["Content-Type"] = "application/octet-stream" }

--- api: the describe and it of the spec file.
function adapter.describe(name, get, api)
  local it = api.it

  api.describe("an event handler in " .. name, function()
    it("answers connect with JSON and a state", function()
      local response = send(get(), support.request("connect", "{}"))
      assert.equal(200, response.status)
      assert.equal('{"groups":["lobby"],"roles":["webpubsub.sendToGroup.lobby"],"userId":"named"}', response.body)
      assert.equal(core.base64_encode '{"visits":1}', response.headers["ce-connectionstate"])
    end)

    it("reads small and large bodies to the byte", function()
      for _, size in ipairs { 0, 1, 8000, 100000, 1048576, 2097152 } do
        local body = ("\0\255ab"):rep(math.ceil(size / 4)):sub(1, size)
        local response = send(get(), support.request("message", body, binary))
        assert.equal(200, response.status)
        assert.is_true(response.body == body:reverse(), size)
      end
    end)

    it("answers 413 to an announced body over max_body, before it reads it", function()
      local before = get().notes()
      local request = support.request("message", nil, binary)
      local answer = adapter.raw(get(), head(request, "Content-Length: 2097153"))
      assert.match("^HTTP/1.1 413 ", answer)
      assert.equal(before, get().notes())
    end)

    it("reads a chunked body, and answers 413 when it grows over max_body", function()
      local request = support.request("message", nil, binary)
      local begin = head(request, "Transfer-Encoding: chunked")
      local answer = adapter.raw(get(), begin .. chunked(("ab"):rep(50000), 3000))
      assert.match("^HTTP/1.1 200 ", answer)
      assert.is_true(answer:find(("ba"):rep(1000), 1, true) ~= nil)
      local before = get().notes()
      assert.match("^HTTP/1.1 413 ", adapter.raw(get(), begin .. chunked(("x"):rep(2097153), 30000)))
      assert.equal(before, get().notes())
    end)

    it("says that it waits for a body that is held back until then", function()
      local request = support.request("message", nil, binary)
      local answer = adapter.raw(get(), head(request, "Expect: 100-continue\r\nContent-Length: 3") .. "abc")
      assert.match("^HTTP/1.1 100 .-\r\n\r\nHTTP/1.1 200 .*cba$", answer)
    end)

    it("answers 401 to a forged request, and 500 with one sentence where a function raises", function()
      local before = get().notes()
      local forged = send(get(), support.request("connect", "{}", { ["ce-signature"] = "sha256=00" }))
      assert.same({ 401, before }, { forged.status, get().notes() })
      local failed = send(get(), support.request("connect", '{"query":{"raise":["1"]}}'))
      assert.same({ 500, "the event handler failed" }, { failed.status, failed.body })
    end)

    it("answers 204 without a body, and 403 with the text of the refusal", function()
      assert.same(
        { 204, "" },
        (function(response)
          return { response.status, response.body }
        end)(send(get(), support.request("connected", "{}")))
      )
      local refused = send(get(), support.request("connect", '{"query":{"refuse":["1"]}}'))
      assert.same({ 403, "not you" }, { refused.status, refused.body })
    end)

    it("answers the validation handshake", function()
      local response = send(get(), { method = "OPTIONS", headers = { ["WebHook-Request-Origin"] = "any.host" } })
      assert.same({ 200, "*" }, { response.status, response.headers["webhook-allowed-origin"] })
    end)

    it("takes a header that stands there twice for what it is", function()
      local request = support.request "connect"
      assert.equal(400, send(get(), request, { "ce-hub", "other" }).status)
      local wrong = request.headers["ce-signature"]
      request.headers["ce-signature"] = "sha256=00"
      assert.equal(200, send(get(), request, { "ce-signature", wrong }).status)
    end)
  end)
end

return adapter
