local webpubsub = require "webpubsub"

local key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

local transport = {
  send = function()
    return { status = 202, body = "the answer", headers = { date = "today", ["set-cookie"] = "session=abc" } }
  end,
  now = function()
    return 0
  end,
  sleep = function() end,
  close = function() end,
}

local function hub_logging(options)
  local lines = {}
  local all = {
    endpoint = "https://name.webpubsub.azure.com",
    hub = "chat",
    credential = key,
    transport = transport,
    logger = function(level, line)
      lines[#lines + 1] = level .. " " .. line
    end,
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(webpubsub.client(all)), lines
end

local function joined(lines)
  return table.concat(lines, "\n")
end

describe("the log", function()
  it("is silent unless enabled", function()
    local hub, lines = hub_logging()
    assert(hub:send_to_all "x")
    assert.same({}, lines)
  end)

  it("is enabled on a client or on a single call", function()
    local hub, lines = hub_logging()
    assert(hub:send_to_all("x", { logging_enable = true }))
    assert.is_true(#lines > 0)
    hub, lines = hub_logging { logging_enable = true }
    assert(hub:send_to_all("x", { logging_enable = false }))
    assert.same({}, lines)
    assert(hub:send_to_all "x")
    assert.is_true(#lines > 0)
  end)

  it("has one line for the request and one for the response at info level", function()
    local hub, lines = hub_logging { logging_enable = true }
    assert(hub:send_to_all("x", { filter = "userId eq 'ann'", message_ttl_seconds = 5 }))
    assert.equal(
      "info request POST https://name.webpubsub.azure.com/api/hubs/chat/:send"
        .. "?api-version=2024-12-01&filter=REDACTED&messageTtlSeconds=5",
      lines[1]
    )
    assert.matches("\ninfo response 202 after %d+%.%d ms\n", joined(lines))
  end)

  it("shows listed headers and hides all others", function()
    local hub, lines = hub_logging { logging_enable = true }
    assert(hub:send_to_all("x", { headers = { ["X-Own"] = "private" } }))
    local text = joined(lines)
    assert.matches("debug request header Content%-Type: application/json", text)
    assert.matches("debug request header Authorization: REDACTED", text)
    assert.matches("debug request header X%-Own: REDACTED", text)
    assert.matches("debug response header date: today", text)
    assert.matches("debug response header set%-cookie: REDACTED", text)
    assert.is_nil(text:find("Bearer", 1, true))
    assert.is_nil(text:find("private", 1, true))
  end)

  it("shows bodies only when asked", function()
    local hub, lines = hub_logging { logging_enable = true }
    assert(hub:send_to_all "secret text")
    assert.is_nil(joined(lines):find("secret text", 1, true))
    hub, lines = hub_logging { logging_enable = true, log_body = true }
    assert(hub:send_to_all "secret text")
    assert.matches('debug request body of 13 bytes: "secret text"', joined(lines))
    assert.matches("debug response body of 10 bytes: the answer", joined(lines))
  end)

  it("never shows a client access token, even with bodies", function()
    local tokens = setmetatable({
      send = function()
        return { status = 200, body = '{"token":"SECRETTOKEN"}', headers = {} }
      end,
    }, { __index = transport })
    local hub, lines = hub_logging {
      logging_enable = true,
      log_body = true,
      transport = tokens,
      credential = {
        get_token = function()
          return "BEARERTOKEN"
        end,
      },
    }
    local access = assert(hub:get_client_access_token { request_id = "my-id", headers = { ["X-Own"] = "1" } })
    assert.equal("SECRETTOKEN", access.token)
    assert.matches("x%-ms%-client%-request%-id: my%-id", joined(lines))
    assert.matches("X%-Own", joined(lines))
    assert.is_nil(joined(lines):find("SECRETTOKEN", 1, true))
    assert.is_nil(joined(lines):find("BEARERTOKEN", 1, true))
  end)

  it("loses a line rather than a call when the logger raises", function()
    local hub = hub_logging {
      logging_enable = true,
      logger = function()
        error "disk full"
      end,
    }
    assert.is_true((hub:send_to_all "x"))
  end)

  it("cannot be split by what was sent", function()
    local hub, lines = hub_logging { logging_enable = true, log_body = true }
    assert(hub:send_to_all("a\nb", { content_type = "text/plain" }))
    for _, line in ipairs(lines) do
      assert.is_nil(line:find "\n")
    end
  end)

  it("goes to the methods of a logger object", function()
    local seen = {}
    local logger = {}
    for _, level in ipairs { "debug", "info", "warn", "error" } do
      logger[level] = function(self, line)
        assert.equal(logger, self)
        seen[level] = line
      end
    end
    local hub = hub_logging { logging_enable = true, logger = logger }
    assert(hub:send_to_all "x")
    assert.matches("^response 202", seen.info)
    assert.is_string(seen.debug)
  end)

  it("tells a failure as a warning", function()
    local errors = require "webpubsub.error"
    local broken = setmetatable({
      send = function()
        return nil, errors.new { code = "timeout", message = "too late", outcome = "maybe_sent" }
      end,
    }, { __index = transport })
    local hub, lines = hub_logging { logging_enable = true, transport = broken }
    assert.is_nil((hub:send_to_all "x"))
    assert.matches("^warn failed after %d+%.%d ms: timeout: too late %(maybe_sent%)$", lines[#lines])
  end)
end)

describe("what is printed", function()
  it("holds no key and no token", function()
    local hub = hub_logging()
    local credential = assert(webpubsub.key(key))
    local access = assert(hub:get_client_access_token { user_id = "ann" })
    local made = assert(hub:prepare("send_to_all", "x"))
    for _, value in ipairs { hub, credential, access, made, hub:group "g" } do
      assert.is_nil(tostring(value):find(key, 1, true))
      assert.is_nil(tostring(value):find("eyJ", 1, true))
    end
    assert.equal("webpubsub.client(https://name.webpubsub.azure.com, hub chat)", tostring(hub))
    assert.same({}, credential)
  end)
end)
