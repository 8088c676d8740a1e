-- Hooks and trace context.

local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local response = recorder.response
-- The example of W3C Trace Context, section 3.2.
local parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

describe("visibility", function()
  local server

  local function start(answers, more)
    server = recorder.start(answers)
    local all = {
      endpoint = server.endpoint,
      hub = "chat",
      credential = "k",
      retry_backoff_factor = 0.001,
      proxy = false,
    }
    for name, value in pairs(more or {}) do
      all[name] = value
    end
    return assert(webpubsub.client(all))
  end

  after_each(function()
    if server then
      server:stop()
    end
    server = nil
  end)

  local function recording()
    local seen, hooks = {}, {}
    for _, name in ipairs { "on_request", "on_response", "on_retry", "on_error" } do
      hooks[name] = function(event)
        seen[#seen + 1] = { name, event }
      end
    end
    return seen, hooks
  end

  local function names(seen)
    local list = {}
    for i, each in ipairs(seen) do
      list[i] = each[1]
    end
    return table.concat(list, " ")
  end

  it("tells the hooks of every attempt, under OpenTelemetry's names", function()
    local seen, hooks = recording()
    local hub = start({ response(429), recorder.accepted }, { hooks = hooks })
    assert(hub:send_to_group("lobby", "x", { request_id = "r1", traceparent = parent }))
    assert.equal("on_request on_response on_retry on_request on_response", names(seen))
    local first = seen[1][2]
    assert.same({
      operation = "send_to_group",
      request_id = "r1",
      traceparent = parent,
      ["http.request.method"] = "POST",
      ["server.address"] = "127.0.0.1",
      ["server.port"] = server.port,
      ["url.template"] = "/api/hubs/{hub}/groups/{group}/:send",
    }, first)
    assert.same({ 429, "429" }, { seen[2][2]["http.response.status_code"], seen[2][2]["error.type"] })
    assert.equal("429", seen[3][2]["error.type"])
    assert.equal(1, seen[4][2]["http.request.resend_count"])
    assert.equal(202, seen[5][2]["http.response.status_code"])
    assert.is_nil(seen[5][2]["error.type"])
    assert.is_true(seen[5][2].duration >= 0)
  end)

  it("tells on_error once, with the code where no answer came", function()
    local seen, hooks = recording()
    local hub = start({ "close" }, { hooks = hooks })
    local _, err = hub:send_to_all "x"
    assert.equal("on_request on_error", names(seen))
    assert.equal(err.code, seen[2][2]["error.type"])
    assert.equal("maybe_sent", seen[2][2].outcome)
    assert.equal(1, seen[2][2].attempts)
  end)

  it("goes on when a hook raises, and warns", function()
    local lines = {}
    local hub = start(nil, {
      hooks = {
        on_request = function()
          error("broken", 0)
        end,
      },
      logger = function(level, line)
        lines[#lines + 1] = level .. " " .. line
      end,
    })
    assert.is_true((hub:send_to_all "x"))
    assert.same({ "warn the hook on_request raised: broken" }, lines)
  end)

  it("refuses a hook that there is not", function()
    local ok, sentence = pcall(start, nil, { hooks = { on_respnse = print } })
    assert.is_false(ok)
    assert.matches("unknown option 'on_respnse'; did you mean 'on_response'%?", sentence)
    assert.has_error(function()
      start(nil, { hooks = { on_error = 1 } })
    end)
  end)

  it("sends the trace context with every attempt, under one request id", function()
    local hub = start({ response(429), recorder.accepted }, { application_id = "shop" })
    assert(hub:send_to_all("x", { traceparent = parent, tracestate = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE" }))
    local first, second = server:request(), server:request()
    for _, name in ipairs { "traceparent", "tracestate", "x-ms-client-request-id", "user-agent" } do
      assert.is_string(first.headers[name], name)
      assert.equal(first.headers[name], second.headers[name])
    end
    assert.equal(parent, first.headers.traceparent)
    assert.equal("rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", first.headers.tracestate)
    assert.matches("^shop webpubsub%-lua/", first.headers["user-agent"])
  end)

  it("refuses what W3C Trace Context does not allow", function()
    local hub = start()
    local zeros = ("0"):rep(32)
    for _, bad in ipairs {
      "",
      parent:upper(),
      parent .. "-00",
      parent:gsub("^00", "ff"),
      "00-" .. zeros .. "-00f067aa0ba902b7-01",
      "00-4bf92f3577b34da6a3ce929d0e0e4736-" .. zeros:sub(1, 16) .. "-01",
      parent .. "\r\nX: y",
    } do
      local ok, err = hub:send_to_all("x", { traceparent = bad })
      assert.is_nil(ok, bad)
      assert.same({ "invalid_argument", "not_sent" }, { err.code, err.outcome })
    end
    for _, bad in ipairs { "", "a", "A=1", "a=1,a=2", "a=b=c", "a=\r\nX: y", "a=" .. ("x"):rep(257), "a=1 b,=" } do
      local _, err = hub:send_to_all("x", { traceparent = parent, tracestate = bad })
      assert.equal("invalid_argument", err and err.code, bad)
    end
    local _, err = hub:send_to_all("x", { tracestate = "a=1" })
    assert.matches("only together with traceparent", err.message)
    assert(hub:send_to_all("x", { traceparent = "01" .. parent:sub(3) .. "-later" }))
    assert.equal("POST", server:request().method)
    assert.is_true(server:is_quiet(0))
  end)
end)
