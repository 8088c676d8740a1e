-- What every transport must do, against a real server. See lua/webpubsub/transport/init.lua.

local errors = require "webpubsub.error"
local recorder = require "spec.support.recorder"

local transports = {
  blocking = function(options)
    return assert(require("webpubsub.transport.blocking").new(options or {}))
  end,
  ["poller, called from the main chunk,"] = function(options)
    return assert(require("webpubsub.transport.poller").new(options))
  end,
  ["poller, called in a spawned function,"] = function(options)
    local poller = assert(require("webpubsub.transport.poller").new(options))
    local inside = {}
    for _, name in ipairs { "send", "sleep" } do
      inside[name] = function(_, a, b)
        local value, err
        poller:spawn(function()
          value, err = poller[name](poller, a, b)
        end)
        poller:run()
        return value, err
      end
    end
    return setmetatable(inside, {
      __index = function(_, name)
        return function()
          return poller[name](poller)
        end
      end,
    })
  end,
}

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

for name, new in pairs(transports) do
  describe("the transport " .. name, function()
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

    it("refuses an answer over its bound", function()
      start({ recorder.response(200, "", ("x"):rep(5000)) }, { max_response_body = 4096 })
      local _, err = send(get(server.endpoint))
      assert.equal("response_too_large", err.code)
      assert.equal("maybe_sent", err.outcome)
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

describe("TLS of the blocking transport", function()
  local child = require "spec.support.child"
  local process = require "webpubsub.process"
  local folder, server, port

  --- openssl's own server, which answers a GET with a page; its certificate is for localhost and signed by itself.
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(process.start({ "mkdir", folder }):wait(5) == 0)
    local made = process.start({
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
      "-keyout",
      folder .. "/key.pem",
      "-out",
      folder .. "/cert.pem",
    }, { capture_output = true, merge_error = true })
    assert(made:wait(30) == 0)
    server = setmetatable({ pending = "" }, { __index = child })
    server.handle = assert(process.start({
      "openssl",
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-www",
      "-cert",
      folder .. "/cert.pem",
      "-key",
      folder .. "/key.pem",
    }, { capture_output = true, merge_error = true }))
    repeat
      port = server:line():match "^ACCEPT [%d.]+:(%d+)"
    until port
  end)

  teardown(function()
    server:stop()
    process.start({ "rm", "-r", folder }):wait(5)
  end)

  local function get_page(options)
    local transport = assert(require("webpubsub.transport.blocking").new(options))
    local request = { method = "GET", url = "https://localhost:" .. port .. "/", headers = {}, idempotent = true }
    local response, err = transport:send(request, transport:now() + 10)
    transport:close()
    return response, err
  end

  it("refuses a certificate that nobody vouches for, before the request", function()
    local response, err = get_page {}
    assert.is_nil(response)
    assert.equal("tls_failed", err.code)
    assert.equal("not_sent", err.outcome)
  end)

  it("accepts one that ca_file vouches for", function()
    local response = assert(get_page { ca_file = folder .. "/cert.pem" })
    assert.equal(200, response.status)
  end)

  it("looks at none when verify is false", function()
    local response = assert(get_page { verify = false })
    assert.equal(200, response.status)
  end)
end)
