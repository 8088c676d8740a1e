local cqueues = require "cqueues"
local events = require "webpubsub.emulator.server.events"
local log = require "webpubsub.emulator.log"
local recorder = require "spec.support.recorder"
local upstream = require "webpubsub.emulator.server.upstream"

describe("the client of event handlers", function()
  local function send(server, seconds)
    local response, why
    local loop = cqueues.new()
    loop:wrap(function()
      local one = { method = "POST", url = server.endpoint .. "/", headers = {}, body = "x" }
      response, why = upstream.new(log.new "off"):send(one, seconds or 10)
    end)
    assert(loop:loop())
    return response, why
  end

  it("gives status, headers and body", function()
    local server = recorder.start { recorder.response(201, "X-Y: z\r\n", "body") }
    local response = assert(send(server))
    assert.are.same({ 201, "body" }, { response.status, response.body })
    assert.are.equal("x", server:request().body)
    server:stop()
  end)

  it("takes an answer that announces no length", function()
    local server = recorder.start { "HTTP/1.1 204 No Content\r\n\r\n" }
    assert.are.equal(204, assert(send(server)).status)
    server:stop()
  end)

  it("follows no redirect", function()
    local server = recorder.start { recorder.response(302, "Location: /other\r\n") }
    assert.are.equal(302, send(server).status)
    server:request()
    assert.is_true(server:is_quiet(0.1))
    server:stop()
  end)

  it("refuses answers over 16 MiB", function()
    local announced = recorder.response(200):gsub("Content%-Length: 0", "Content-Length: 17000000")
    local server = recorder.start { announced }
    local response, why = send(server)
    assert.is_nil(response)
    assert.is_string(why)
    server:stop()
  end)

  local chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

  it("takes a chunked answer, and refuses one that grows over 16 MiB", function()
    local server = recorder.start { chunked .. "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" }
    assert.are.equal("abcde", assert(send(server)).body)
    server:stop()
    local endless = require("http.server").listen {
      host = "127.0.0.1",
      port = 0,
      onstream = function(_, stream)
        stream:get_headers()
        local headers = require("http.headers").new()
        headers:append(":status", "200")
        stream:write_headers(headers, false)
        repeat
          local ok = stream:write_chunk(("x"):rep(1048576), false, 5)
        until not ok
      end,
      onerror = function() end,
    }
    assert(endless:listen())
    local _, _, port = endless:localname()
    local response, why
    local loop = cqueues.new()
    loop:wrap(function()
      local one = { method = "POST", url = ("http://127.0.0.1:%d/"):format(port), headers = {}, body = "x" }
      response, why = upstream.new(log.new "off"):send(one, 10)
      endless:close()
    end)
    loop:wrap(function()
      endless:loop()
    end)
    assert(loop:loop(30))
    assert.are.same({ nil, "the response was cut, late or too large" }, { response, why })
  end)

  -- The chunk is announced and never comes: whoever believes the announcement waits for it.
  it("refuses a chunk that announces more than 16 MiB before it has come", function()
    local server = recorder.start { chunked .. "1000001\r\nx" }
    assert.are.same({ nil, "the response was cut, late or too large" }, { send(server) })
    server:stop()
  end)

  it("tells the log, at the level error, what raises while an event is under way, and finishes the event", function()
    local lines, outcome = {}, nil
    local logged = log.new("error", function(line)
      lines[#lines + 1] = line
    end, function()
      return "now"
    end)
    local loop = cqueues.new()
    local one = events.new {
      log = logged,
      controller = loop,
      now = function()
        error "broken clock"
      end,
      world = {
        hubs = { chat = { handlers = { { url = "http://127.0.0.1:1/", user_events = { ["*"] = true } } } } },
      },
      protected = function(call, ...)
        local ok, why = pcall(call, ...)
        if not ok then
          logged:error("internal error: %s", why)
        end
        return ok
      end,
      listener = function() end,
      finish = function(_, _, result)
        outcome = result
      end,
    }
    one:push({ id = "c", hub = "chat" }, { kind = "user", name = "shout", message = { data = "hi" } })
    assert(loop:loop(10))
    assert.are.equal(1, #lines)
    assert.is_truthy(lines[1]:find "now error internal error: .*broken clock")
    assert.are.same({ handled = false, why = "internal error" }, outcome)

    local raising = upstream.new(logged)
    loop:wrap(function()
      assert.are.same({ nil, "internal error" }, { raising:send({ method = "POST", url = "no URL", headers = {} }, 1) })
    end)
    assert(loop:loop(10))
    assert.are.equal(2, #lines)
  end)

  it("says timeout when nothing comes, and another word when nobody is there", function()
    local server = recorder.start { "hang" }
    assert.are.same({ nil, "timeout" }, { send(server, 0.1) })
    server:stop()
    local response, why = send(server)
    assert.is_nil(response)
    assert.are_not.equal("timeout", why)
  end)
end)
