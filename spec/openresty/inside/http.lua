-- Runs inside nginx, see inside_spec.lua. HTTP/1.1 over kept connections, beyond the contract of all transports.

local openresty = require "webpubsub.transport.openresty"
local recorder = require "spec.support.recorder"

describe("HTTP inside nginx", function()
  local server, transport

  local function start(answers, options)
    server = recorder.start(answers)
    transport = assert(openresty.new(options or {}))
  end

  after_each(function()
    server:stop()
  end)

  local function send(method, body, url)
    local request = {
      method = method,
      url = url or (server.endpoint .. "/"),
      headers = {},
      body = body,
      idempotent = method ~= "POST",
    }
    return transport:send(request, transport:now() + 5)
  end

  it("repeats an idempotent request over a new connection when the kept one ends without an answer", function()
    start { recorder.accepted, "close", recorder.accepted }
    assert(send "GET")
    assert.equal(202, assert(send "GET").status)
    for _ = 1, 3 do
      assert.equal("GET", server:request().method)
    end
    assert.is_true(server:is_quiet(0.2))
  end)

  it("repeats nothing when a new connection ends without an answer", function()
    start { "close", recorder.accepted }
    local _, err = send "GET"
    assert.equal("connection_lost", err.code)
    assert.equal("maybe_sent", err.outcome)
    assert.equal("GET", server:request().method)
    assert.is_true(server:is_quiet(0.2))
  end)

  it("repeats nothing when a kept connection ends inside the answer", function()
    start { recorder.accepted, "half", recorder.accepted }
    assert(send "GET")
    local _, err = send "GET"
    assert.equal("connection_lost", err.code)
    assert.equal("GET", server:request().method)
    assert.equal("GET", server:request().method)
    assert.is_true(server:is_quiet(0.2))
  end)

  it("keeps no connection that the server wants closed", function()
    start { recorder.response(200, "Connection: close\r\n", "x"), "close", recorder.accepted }
    assert(send("POST", "one"))
    assert.is_nil((send("POST", "two")))
    assert.equal(202, assert(send("POST", "three")).status)
  end)

  it("keeps no connection on which more came than the answer", function()
    local uninvited = "HTTP/1.1 500 Not yours\r\nContent-Length: 0\r\n\r\n"
    start { recorder.response(200, "", "x") .. uninvited, recorder.accepted }
    assert.equal(200, assert(send("POST", "one")).status)
    assert.equal(202, assert(send("POST", "two")).status)
  end)

  it("joins chunks, with extensions and trailers, and keeps the connection", function()
    start {
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123456789\r\n1\r\n!\r\n0\r\nX-Trailer: t\r\n\r\n",
      recorder.accepted,
    }
    assert.equal("0123456789!", assert(send "GET").body)
    assert.equal(202, assert(send("POST", "two")).status)
  end)

  it("waits for the connection's end when nothing else frames the answer", function()
    start { "HTTP/1.0 200 OK\r\n\r\nall of it" }
    local request = { method = "GET", url = server.endpoint .. "/", headers = {}, idempotent = true }
    local _, err = transport:send(request, transport:now() + 0.3)
    assert.equal("timeout", err.code)
    assert.equal("maybe_sent", err.outcome)
  end)

  it("reads no body after 204 and 304", function()
    start { "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" }
    assert.equal("", assert(send "GET").body)
    assert.equal("", assert(send "GET").body)
  end)

  it("refuses answers that RFC 9112 does not allow", function()
    for _, answer in ipairs {
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
      "HTTP/1.1 200 OK\r\nName : space\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    } do
      start { answer }
      local response, err = send("POST", "x")
      assert.is_nil(response, answer)
      assert.equal("bad_response", err.code, answer)
      assert.equal("maybe_sent", err.outcome)
      server:stop()
    end
  end)

  it("bounds the head, and the sum of all chunks", function()
    start { "HTTP/1.1 200 OK\r\nX: " .. ("x"):rep(70000) .. "\r\n\r\n" }
    local _, err = send "GET"
    assert.equal("response_too_large", err.code)
    server:stop()
    local chunk = "400\r\n" .. ("x"):rep(1024) .. "\r\n"
    start({ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" .. chunk:rep(5) .. "0\r\n\r\n" }, {
      max_response_body = 4096,
    })
    _, err = send "GET"
    assert.equal("response_too_large", err.code)
  end)

  it("asks an http proxy in absolute form, with its user and password", function()
    start()
    transport = assert(openresty.new { proxy = "http://ann:s%40cret@127.0.0.1:" .. server.port })
    assert.equal(202, assert(send("POST", "x", "http://name.example:8080/p?q=1")).status)
    local request = server:request()
    assert.equal("POST http://name.example:8080/p?q=1 HTTP/1.1", request.line)
    assert.equal("name.example:8080", request.headers.host)
    -- RFC 7617: base64 of "ann:s@cret"
    assert.equal("Basic YW5uOnNAY3JldA==", request.headers["proxy-authorization"])
  end)

  it("says not_sent when a proxy gives no tunnel", function()
    start { recorder.response(407, "", "") }
    transport = assert(openresty.new { proxy = server.endpoint })
    local _, err = send("POST", "x", "https://name.example/")
    assert.equal("connect_failed", err.code)
    assert.equal("not_sent", err.outcome)
    assert.equal("CONNECT name.example:443 HTTP/1.1", server:request().line)
  end)
end)
