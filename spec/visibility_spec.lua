-- Hooks, trace context, and a canary that must come out nowhere.

local core = require "webpubsub.core"
local operations = require "webpubsub.operations"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local response = recorder.response
-- The example of W3C Trace Context, section 3.2.
local parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

describe("visibility", function()
  local server, poller

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
    if poller then
      poller:close()
    end
    server, poller = nil, nil
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

  it("calls the hooks on the poller", function()
    local seen, hooks = recording()
    poller = assert(webpubsub.poller { proxy = false })
    local hub = start({ response(429), recorder.accepted }, { hooks = hooks, transport = poller })
    local done
    poller:spawn(function()
      done = hub:send_to_all "x"
    end)
    local deadline = core.monotonic() + 10
    while done == nil and core.monotonic() < deadline do
      poller:poll(0.05)
    end
    assert.is_true(done)
    assert.equal("on_request on_response on_retry on_request on_response", names(seen))
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

describe("a canary", function()
  local canary = "CANARYKEYabcdefghijklmnop0123456789"
  local bearer = "CANARYbearer.abc-def_ghi.0123456789"
  local sample = { group = "lobby", user_id = "ann", connection_id = "c1", permission = "joinLeaveGroup" }

  --- What every method is called with.
  local function arguments_of(row)
    local list = {}
    for i, name in ipairs(row.arguments or {}) do
      list[i] = sample[name] or "hello"
    end
    if row.body == "groups" then
      list[#list + 1] = { groups = { "lobby" }, filter = "userId eq 'ann'" }
    end
    return list
  end

  --- All strings in a value, tables and what they print included.
  local function strings(value, out, seen)
    if type(value) == "table" and not seen[value] then
      seen[value] = true
      out[#out + 1] = tostring(value)
      for name, each in pairs(value) do
        strings(name, out, seen)
        strings(each, out, seen)
      end
    elseif type(value) ~= "table" then
      out[#out + 1] = tostring(value)
    end
    return out
  end

  local answers = {}
  for _, status in ipairs { 401, 403, 404, 429, 500, 503 } do
    answers[status] = function(authorization)
      local body = ('{"code":"%s","message":"you sent %s","target":"%s"}'):format(
        authorization,
        authorization,
        authorization
      )
      local block = ("Content-Type: application/json\r\nx-ms-error-code: %s\r\nX-Echo: %s\r\n"):format(
        authorization,
        authorization
      )
      return { status = status, header_block = block, body = body }
    end
  end

  function answers.quoted(authorization)
    return nil, "could not send " .. authorization
  end

  local function calls_of(hub)
    local unpack = table.unpack or unpack
    local list = {}
    for _, row in ipairs(operations.list) do
      if not row.hidden then
        list[#list + 1] = function()
          return hub[row.name](hub, unpack(arguments_of(row)))
        end
      end
    end
    local more = {
      function()
        return hub:send_request { method = "GET", path = "/api/hubs/{hub}/x" }
      end,
      function()
        return hub:send_to_users({ "ann", "bob" }, "x")
      end,
      function()
        return hub:send_to_groups({ "a", "b" }, "x")
      end,
      function()
        hub:each_connection "lobby"()
      end,
      function()
        return hub:send_to_group(("x"):rep(5000), "x")
      end,
      function()
        return tostring(hub:prepare("send_to_all", "x"))
      end,
      function()
        return tostring(hub:get_client_access_token { user_id = "ann" })
      end,
    }
    for _, each in ipairs(more) do
      list[#list + 1] = each
    end
    return list
  end

  --- A transport that answers with the Authorization that it was sent; real servers stand in the other specs.
  local function echo(answer, tokens)
    return {
      send = function(_, made)
        local authorization = made.headers[2]
        tokens[#tokens + 1] = authorization:match "^Bearer (.*)$"
        return answer(authorization)
      end,
      now = core.monotonic,
      sleep = function() end,
      close = function() end,
    }
  end

  local function check(credential, answer)
    local tokens, out = { canary, bearer }, {}
    local function note(...)
      strings({ ... }, out, {})
    end
    local function raising(event)
      note(event)
      error(event.request_id, 0)
    end
    local hub = assert(webpubsub.client {
      endpoint = "https://name.webpubsub.azure.com",
      hub = "chat",
      credential = credential,
      transport = echo(answer, tokens),
      logger = note,
      logging_enable = true,
      log_body = true,
      hooks = { on_request = note, on_response = raising, on_retry = note, on_error = raising },
    })
    note(hub, hub:group "lobby")
    for _, call in ipairs(calls_of(hub)) do
      note(pcall(call))
    end
    assert.is_true(#tokens > 25)
    local text = table.concat(out, "\n")
    for _, token in ipairs(tokens) do
      assert.is_nil(text:find(token, 1, true))
    end
    return text
  end

  for name, answer in pairs(answers) do
    it("comes out nowhere after " .. name, function()
      assert.matches("REDACTED", check(canary, answer))
      assert.matches("REDACTED", check(assert(webpubsub.static_token_credential(bearer)), answer))
    end)
  end
end)
