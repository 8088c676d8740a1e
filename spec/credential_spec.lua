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
  local function client_with(credential)
    local seen = {}
    local hub = assert(webpubsub.client {
      endpoint = "https://name.webpubsub.azure.com",
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

  it("is asked for the service's scope and signs with what it gives", function()
    local scopes = {}
    local hub, seen = client_with {
      get_token = function(_, scope)
        scopes[#scopes + 1] = scope
        return "token-" .. #scopes
      end,
    }
    assert(hub:send_to_all "x")
    assert.same({ "https://webpubsub.azure.com/.default" }, scopes)
    assert.equal("Bearer token-1", seen[1].headers[2])
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
