local cqueues = require "cqueues"
local recorder = require "spec.support.recorder"
local upstream = require "webpubsub.emulator.server.upstream"

describe("the client of event handlers", function()
  local function send(server, seconds)
    local response, why
    local loop = cqueues.new()
    loop:wrap(function()
      local one = { method = "POST", url = server.endpoint .. "/", headers = {}, body = "x" }
      response, why = upstream.new():send(one, seconds or 10)
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

  it("says timeout when nothing comes, and another word when nobody is there", function()
    local server = recorder.start { "hang" }
    assert.are.same({ nil, "timeout" }, { send(server, 0.1) })
    server:stop()
    local response, why = send(server)
    assert.is_nil(response)
    assert.are_not.equal("timeout", why)
  end)
end)
