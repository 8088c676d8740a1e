local webpubsub = require "webpubsub"

describe("an access key", function()
  it("keeps the old text when the new one is refused", function()
    local core = require "webpubsub.core"
    local key = assert(webpubsub.key "first")
    local before = key:mac():sign "x"
    local ok, err = key:update ""
    assert.is_nil(ok)
    assert.equal("invalid_argument", err.code)
    assert.is_true(core.equal(before, key:mac():sign "x"))
  end)

  it("is printed masked and holds nothing that could be printed", function()
    local key = assert(webpubsub.key "a very secret key")
    assert.equal("webpubsub.key(masked)", tostring(key))
    assert.is_nil(next(key))
  end)
end)

describe("a token credential", function()
  local function client_with(credential, endpoint, insecure)
    local seen = {}
    local hub = assert(webpubsub.client {
      endpoint = endpoint or "https://name.webpubsub.azure.com",
      allow_insecure_connection = insecure,
      hub = "chat",
      credential = credential,
      transport = {
        now = function()
          return 0
        end,
        sleep = function() end,
        close = function() end,
        send = function(_, request)
          seen[#seen + 1] = request
          return { status = 202, body = "", headers = {} }
        end,
      },
    })
    return hub, seen
  end

  it("is handed what it needs to fetch a token, and signs with what it gives", function()
    local contexts = {}
    local hub, seen = client_with {
      get_token = function(_, context)
        contexts[#contexts + 1] = context
        return { token = "token-" .. #contexts, expires_on = context.now + 60 }
      end,
    }
    assert(hub:send_to_all("x", { timeout = 7 }))
    assert.equal(1, #contexts)
    assert.equal("function", type(contexts[1].transport.send))
    assert.equal(7, contexts[1].deadline)
    assert.equal("Bearer token-1", seen[1].headers[2])
  end)

  it("never goes over plain http, but to this machine with the option", function()
    for endpoint, allowed in pairs {
      ["https://name.webpubsub.azure.com"] = { true, true },
      ["http://name.webpubsub.azure.com"] = { false, false },
      ["http://127.0.0.1:8080"] = { false, true },
      ["http://localhost"] = { false, true },
      ["http://127.0.0.1.example.com"] = { false, false },
      ["http://[::1]:8080"] = { false, true },
    } do
      for i, option in ipairs { false, true } do
        local credential = {
          get_token = function(_, context)
            return { token = "abc", expires_on = context.now + 60 }
          end,
        }
        local hub, seen = client_with(credential, endpoint, option)
        local ok, err = hub:send_to_all "x"
        assert.equal(allowed[i] and 1 or 0, #seen, endpoint)
        assert(ok and allowed[i] or err.code == "invalid_argument", endpoint)
      end
    end
  end)

  it("cannot put a second header into a request", function()
    local hub, seen = client_with {
      get_token = function()
        return "token\r\nX-Evil: 1"
      end,
    }
    local ok, err = hub:send_to_all "x"
    assert.is_nil(ok)
    assert.equal("the credential gave something that is no bearer token", err.message)
    assert.same({}, seen)
  end)

  it("that fails stops the call before anything is sent", function()
    local errors = require "webpubsub.error"
    local hub, seen = client_with {
      get_token = function()
        return nil, errors.new { code = "authentication_failed", message = "no", outcome = "not_sent" }
      end,
    }
    local ok, err = hub:send_to_all "x"
    assert.is_nil(ok)
    assert.equal("authentication_failed", err.code)
    assert.equal(0, err.attempts)
    assert.same({}, seen)
  end)
end)
