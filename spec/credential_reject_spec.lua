-- What a 401 from the service does to the bearer token that was sent: it is asked for anew by the next call, once.

local core = require "webpubsub.core"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local function token_answer(text)
  return recorder.response(200, "", ('{"access_token":"%s","expires_in":3600}'):format(text))
end

local refusal = recorder.response(401, "", "")

--- Runs f as a program on this transport would.
local transports = {
  ["the blocking transport"] = function()
    return nil, function(f)
      f()
    end
  end,
  ["the poller"] = function()
    local poller = assert(webpubsub.poller { proxy = false, max_connections = 32 })
    return poller, function(f)
      poller:spawn(f)
      poller:run()
    end
  end,
}

for name, open in pairs(transports) do
  describe("a refused bearer token on " .. name, function()
    local service, authority, hub, clock, lines, run, credential

    local function start(answers, tokens, own)
      local poller
      clock, lines = 1800000000, {}
      service, authority = recorder.start(answers), recorder.start(tokens)
      poller, run = open()
      credential = own
        or assert(webpubsub.client_secret_credential {
          tenant_id = "t",
          client_id = "c",
          client_secret = "s",
          authority = authority.endpoint,
          allow_insecure_connection = true,
        })
      hub = assert(webpubsub.client {
        endpoint = service.endpoint,
        hub = "chat",
        transport = poller,
        allow_insecure_connection = true,
        proxy = not poller and false or nil,
        credential = credential,
        clock = function()
          return clock
        end,
        logger = function(level, line)
          lines[#lines + 1] = level .. " " .. line
        end,
      })
    end

    after_each(function()
      service:stop()
      authority:stop()
    end)

    local function send()
      local result
      run(function()
        result = { hub:send_to_all "x" }
      end)
      return result[1], result[2]
    end

    local function bearer()
      return service:request().headers.authorization
    end

    it("is dropped, not sent again, and replaced by the next call", function()
      start({ refusal, recorder.accepted }, { token_answer "one", token_answer "two", token_answer "three" })
      local ok, err = send()
      assert.is_nil(ok)
      assert.same({ "unauthorized", "rejected", 1 }, { err.code, err.outcome, err.attempts })
      assert.is_true((send()))
      assert.is_true((send()))
      assert.same({ "Bearer one", "Bearer two", "Bearer two" }, { bearer(), bearer(), bearer() })
      authority:request()
      authority:request()
      assert.is_true(authority:is_quiet(0.1))
      assert.is_true(service:is_quiet(0.05))
      assert.same({ "warn the service refused the bearer token; the next call asks for another one" }, lines)
    end)

    it("costs one token request in three seconds where every token is refused", function()
      start({ refusal }, { token_answer "one", token_answer "two", token_answer "three" })
      for _ = 1, 5 do
        assert.equal("unauthorized", select(2, send()).code)
      end
      clock = clock + 3
      send()
      send()
      local seen = {}
      for i = 1, 7 do
        seen[i] = bearer():match "%w+$"
      end
      assert.same({ "one", "two", "two", "two", "two", "two", "three" }, seen)
    end)

    it("is left in use by every other answer", function()
      local answers = { recorder.response(403), recorder.response(404), recorder.response(503), recorder.accepted }
      start(answers, { token_answer "one", token_answer "two" })
      for _ = 1, 4 do
        send()
        assert.equal("Bearer one", bearer())
      end
    end)

    it("is told to a credential of the program's own, and one without the method goes on", function()
      local told, given = {}, 0
      local own = {
        get_token = function(_, context)
          given = given + 1
          return { token = "own-" .. given, expires_on = context.now + 60 }
        end,
      }
      start({ refusal }, {}, own)
      assert.equal("unauthorized", select(2, send()).code)
      own.reject = function(self, text, now)
        told[#told + 1] = { self == own, text, now }
      end
      assert.equal("unauthorized", select(2, send()).code)
      assert.same({ { true, "own-2", clock } }, told)
      assert.same({}, lines)
    end)
  end)
end

describe("a refused bearer token", function()
  local now = 1800000000

  --- A credential of a function that counts, and a context without a network.
  local function counting()
    local count = 0
    local credential = assert(webpubsub.function_credential(function()
      count = count + 1
      return "token-" .. count, now + 3600
    end))
    local context = {
      now = now,
      deadline = 60,
      transport = {
        now = function()
          return 0
        end,
      },
    }
    return credential, context
  end

  it("that is no longer in use drops nothing", function()
    local credential, context = counting()
    assert(credential:get_token(context))
    assert.is_false(credential:reject("an older one", now))
    assert.equal("token-1", credential:get_token(context).token)
    assert.is_true(credential:reject("token-1", now))
    assert.is_false(credential:reject("token-1", now))
    assert.equal("token-2", credential:get_token(context).token)
  end)

  it("reaches the member of a chain that gave it", function()
    local told = {}
    --- A credential of the program's own, which keeps its token.
    local function member(label, code)
      return {
        get_token = function(_, context)
          if code then
            return nil, { code = code, message = "no" }
          end
          return { token = label, expires_on = context.now + 60 }
        end,
        reject = function(_, text)
          told[#told + 1] = label .. " " .. text
          return true
        end,
      }
    end
    local _, context = counting()
    local chain = webpubsub.chained_token_credential {
      member("first", "credential_unavailable"),
      member "second",
      member "third",
    }
    assert.is_false(chain:reject("second", now))
    assert(chain:get_token(context))
    local outer = webpubsub.chained_token_credential { chain }
    assert.equal("second", outer:get_token(context).token)
    assert.is_true(outer:reject("second", now))
    assert.same({ "second second" }, told)
  end)

  it("is replaced once by the calls after twenty that it was sent with", function()
    local answers = {}
    for i = 1, 20 do
      answers[i] = refusal
    end
    answers[21] = recorder.accepted
    local service, authority = recorder.start(answers), recorder.start { token_answer "one", token_answer "two" }
    local poller = assert(webpubsub.poller { proxy = false, max_connections = 32 })
    local hub = assert(webpubsub.client {
      endpoint = service.endpoint,
      hub = "chat",
      transport = poller,
      allow_insecure_connection = true,
      credential = assert(webpubsub.client_secret_credential {
        tenant_id = "t",
        client_id = "c",
        client_secret = "s",
        authority = authority.endpoint,
        allow_insecure_connection = true,
      }),
    })
    local codes = {}
    for _ = 1, 2 do
      poller:map({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 }, 20, function()
        local ok, err = hub:send_to_all "x"
        codes[#codes + 1] = ok and "sent" or err.code
      end)
      poller:run()
    end
    poller:close()
    local seen = { one = 0, two = 0, unauthorized = 0, sent = 0 }
    for i = 1, 40 do
      local token = service:request().headers.authorization:match "%w+$"
      seen[token] = seen[token] + 1
      seen[codes[i]] = seen[codes[i]] + 1
    end
    assert.same({ one = 20, two = 20, unauthorized = 20, sent = 20 }, seen)
    authority:request()
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
    service:stop()
    authority:stop()
  end)

  it("leaves a refresh that is under way alone, and serves those who waited for it", function()
    local authority = recorder.start { token_answer "one", token_answer "two" }
    local poller = assert(webpubsub.poller { proxy = false })
    local credential = assert(webpubsub.client_secret_credential {
      tenant_id = "t",
      client_id = "c",
      client_secret = "s",
      authority = authority.endpoint,
      allow_insecure_connection = true,
    })
    local got = {}
    for i = 1, 3 do
      poller:spawn(function()
        local entry = credential:get_token { transport = poller, deadline = poller:now() + 10, now = now }
        got[i] = entry and entry.token
        credential:reject("one", now) -- before the others woke up
      end)
    end
    assert.is_false(credential:reject("one", now))
    local deadline = core.monotonic() + 10
    while poller:poll(0.05) > 0 and core.monotonic() < deadline do
    end
    poller:close()
    assert.same({ "one", "one", "one" }, got)
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
    authority:stop()
  end)
end)
