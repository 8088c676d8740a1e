-- What every transport must do, against a real server. See lua/webpubsub/transport/init.lua.
-- describe_transport(name, new, api): api holds the spec file's describe, it and the rest.

local assert = require "luassert"
local errors = require "webpubsub.error"
local recorder = require "spec.support.recorder"

local function post(endpoint, body)
  return {
    method = "POST",
    url = endpoint .. "/path?a=%20b",
    headers = { "X-First", "1", "X-First", "2", "Content-Type", "text/plain" },
    body = body or "hello",
    idempotent = false,
  }
end

local function get(endpoint)
  return { method = "GET", url = endpoint .. "/", headers = {}, idempotent = true }
end

return function(name, new, api)
  local it, after_each = api.it, api.after_each

  api.describe("the " .. name .. " transport", function()
    local server, transport

    local function start(answers, options)
      server = recorder.start(answers)
      transport = new(options)
    end

    local function send(request, seconds)
      return transport:send(request, transport:now() + (seconds or 5))
    end

    after_each(function()
      transport:close()
      if server then
        server:stop()
      end
      server = nil
    end)

    it("sends method, target, headers in order and body as they are", function()
      start()
      assert(send(post(server.endpoint, "a\0b")))
      local request = server:request()
      assert.equal("POST /path?a=%20b HTTP/1.1", request.line)
      assert.equal("a\0b", request.body)
      assert.matches("\r\nX%-First: 1\r\nX%-First: 2\r\n", request.bytes)
    end)

    it("answers any status with its body", function()
      start { recorder.response(418, "X-A: 1\r\n", "teapot") }
      local response = assert(send(post(server.endpoint)))
      assert.equal(418, response.status)
      assert.equal("teapot", response.body)
    end)

    it("does not follow redirects", function()
      start { recorder.response(302, "Location: /elsewhere\r\n", "") }
      assert.equal(302, assert(send(get(server.endpoint))).status)
      server:request()
      assert.is_true(server:is_quiet(0.2))
    end)

    it("reads a chunked body and skips interim answers", function()
      start {
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          .. "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
      }
      local response = assert(send(get(server.endpoint)))
      assert.equal(200, response.status)
      assert.equal("hello world", response.body)
    end)

    it("reads no body after HEAD, whatever Content-Length says", function()
      start { "HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n" }
      local request = get(server.endpoint)
      request.method = "HEAD"
      local response = assert(send(request))
      assert.equal(404, response.status)
      assert.equal("", response.body)
    end)

    it("says not_sent when nobody listens", function()
      start()
      local endpoint = server.endpoint
      server:stop()
      server = nil
      local response, err = send(post(endpoint))
      assert.is_nil(response)
      assert.is_true(errors.is(err))
      assert.equal("connect_failed", err.code)
      assert.equal("not_sent", err.outcome)
    end)

    it("says not_sent when the name does not exist", function()
      start()
      local _, err = send(post "http://no-such-host.invalid")
      assert.equal("resolve_failed", err.code)
      assert.equal("not_sent", err.outcome)
    end)

    it("says not_sent when the deadline has passed already", function()
      start()
      local _, err = send(post(server.endpoint), 0)
      assert.equal("timeout", err.code)
      assert.equal("not_sent", err.outcome)
      assert.is_true(server:is_quiet(0.2))
    end)

    it("says maybe_sent when the answer does not come in time", function()
      start { "hang" }
      local began = transport:now()
      local _, err = send(post(server.endpoint), 0.3)
      assert.equal("timeout", err.code)
      assert.equal("maybe_sent", err.outcome)
      assert.is_true(transport:now() - began < 3)
      assert.equal("hello", server:request().body)
    end)

    it("says maybe_sent when the connection ends before or inside the answer", function()
      for _, ending in ipairs { "close", "half" } do
        start { ending }
        local _, err = send(post(server.endpoint))
        assert.equal("connection_lost", err.code)
        assert.equal("maybe_sent", err.outcome)
        server:stop()
      end
    end)

    it("sends a POST once when a reused connection ends before the first byte of the answer", function()
      start { recorder.accepted, "close", recorder.accepted }
      assert(send(post(server.endpoint, "one")))
      local response, err = send(post(server.endpoint, "two"))
      assert.is_nil(response)
      assert.equal("maybe_sent", err.outcome)
      assert.equal("one", server:request().body)
      assert.equal("two", server:request().body)
      assert.is_true(server:is_quiet(0.3))
    end)

    it("uses a new connection after the old one failed", function()
      start { "close", recorder.accepted }
      assert.is_nil((send(post(server.endpoint))))
      assert.equal(202, assert(send(post(server.endpoint))).status)
    end)

    it("never takes bytes that wait on an idle connection for the next answer", function()
      start { "stray", recorder.response(403, "", "refused") }
      assert.equal(202, assert(send(post(server.endpoint, "a"))).status)
      server:request()
      assert.equal("stray bytes written", server.child:line())
      transport:sleep(0.01) -- where the host has an event loop, it gets its turn
      assert.equal(403, assert(send(post(server.endpoint, "b"))).status)
      assert.equal("b", server:request().body)
      assert.equal(403, assert(send(post(server.endpoint, "c"))).status)
    end)

    it("says how often an idempotent request was begun", function()
      start { recorder.accepted, "close" }
      assert(send(get(server.endpoint)))
      local response, err = send(get(server.endpoint))
      assert.is_nil(response)
      server:request()
      assert.equal("maybe_sent", err.outcome)
      assert.equal(#server.child:lines_within(0.3), err.attempts)
    end)

    it("refuses an answer over its bound", function()
      start({ recorder.response(200, "", ("x"):rep(5000)) }, { max_response_body = 4096 })
      local _, err = send(get(server.endpoint))
      assert.equal("response_too_large", err.code)
      assert.equal("maybe_sent", err.outcome)
    end)

    it("refuses an answer that announces more than its bound without waiting for it", function()
      start({ "HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\nx" }, { max_response_body = 4096 })
      local _, err = send(get(server.endpoint))
      assert.equal("response_too_large", err.code)
      assert.equal("maybe_sent", err.outcome)
    end)

    it("takes the size that a HEAD or a 304 announces for no body of theirs", function()
      local size = "Content-Length: 2147483648\r\n\r\n"
      start({ "HTTP/1.1 200 OK\r\n" .. size, "HTTP/1.1 304 Not Modified\r\n" .. size }, { max_response_body = 4096 })
      local request = get(server.endpoint)
      request.method = "HEAD"
      assert.equal(200, assert(send(request)).status)
      assert.equal(304, assert(send(get(server.endpoint))).status)
    end)

    it("refuses an answer that is not HTTP", function()
      start { "SSH-2.0-OpenSSH_9.2\r\n\r\n" }
      local _, err = send(post(server.endpoint))
      assert.is_truthy(err)
      assert.equal("maybe_sent", err.outcome)
    end)

    it("goes through a given proxy, and never through the environment's for a loopback host", function()
      start({ recorder.accepted }, { proxy = "http://user:secret@127.0.0.1:1" })
      local _, err = send(post(server.endpoint))
      assert.equal("connect_failed", err.code)
      assert.is_nil(err.message:find("secret", 1, true))
      assert.is_true(server:is_quiet(0.2))
    end)

    it("has a clock that goes forward and a sleep that lasts", function()
      start()
      local began = transport:now()
      transport:sleep(0.05)
      assert.is_true(transport:now() - began >= 0.05)
    end)
  end)
end
