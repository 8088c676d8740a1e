-- One refresh for all callers, and what is given while it runs or after it failed.

local cache = require "webpubsub.credential.cache"
local core = require "webpubsub.core"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local function token_answer(text, seconds)
  return recorder.response(200, "", ('{"access_token":"%s","expires_in":%d}'):format(text, seconds))
end

describe("a token's age", function()
  local entry = cache.entry("t", 1000, 4600)

  it("decides whether it is used, replaced or waited for", function()
    -- Contract, token caching: two minutes before the end, one second before it, three seconds after a failure.
    for now, verdict in pairs {
      [1000] = "fresh",
      [4479] = "fresh",
      [4480] = "due",
      [4598] = "due",
      [4599] = "expired",
      [9000] = "expired",
    } do
      assert.equal(verdict, cache.judge(entry, now), now)
    end
    assert.equal("expired", cache.judge(nil, 0))
    assert.equal("fresh", cache.judge(entry, 4502, 4500))
    assert.equal("due", cache.judge(entry, 4503, 4500))
    assert.equal("expired", cache.judge(entry, 4600, 4599))
  end)

  it("is half of its life when that is longer than two hours, or what the server says", function()
    assert.equal(1000 + 43200, cache.entry("t", 1000, 1000 + 86400).refresh_on)
    assert.equal(1000 + 7200 - 120, cache.entry("t", 1000, 1000 + 7200).refresh_on)
    assert.equal(1600, cache.entry("t", 1000, 4600, 600).refresh_on)
    assert.equal(4480, cache.entry("t", 1000, 4600, 9999).refresh_on)
  end)
end)

describe("a token on the poller", function()
  local poller, service, authority, hub, clock

  local function start(answers)
    clock = 1800000000
    service, authority = recorder.start(), recorder.start(answers)
    poller = assert(webpubsub.poller { proxy = false, max_connections = 32 })
    hub = assert(webpubsub.client {
      endpoint = service.endpoint,
      hub = "chat",
      transport = poller,
      allow_insecure_connection = true,
      clock = function()
        return clock
      end,
      credential = assert(webpubsub.client_secret_credential {
        tenant_id = "t",
        client_id = "c",
        client_secret = "s",
        authority = authority.endpoint,
        allow_insecure_connection = true,
      }),
    })
  end

  after_each(function()
    poller:close()
    service:stop()
    authority:stop()
  end)

  local function send(count)
    local results = { sent = 0 }
    for _ = 1, count do
      poller:spawn(function()
        local ok, err = hub:send_to_all("x", { timeout = 8 })
        results.sent = results.sent + (ok and 1 or 0)
        results.err = results.err or err
      end)
    end
    return results
  end

  local function bearer()
    return service:request().headers.authorization
  end

  it("is fetched once for 200 calls that find it expired", function()
    start { token_answer("one", 3600), token_answer("two", 3600), token_answer("three", 3600) }
    send(1)
    poller:run()
    assert.equal("Bearer one", bearer())
    clock = clock + 4000
    local results = send(200)
    -- The recorder's notes are more than its pipe holds.
    local deadline = core.monotonic() + 10
    while poller:poll(0.01) > 0 and core.monotonic() < deadline do
      service.child.pending = service.child.pending .. (service.child.handle:read(0) or "")
    end
    assert.equal(200, results.sent)
    for _ = 1, 200 do
      assert.equal("Bearer two", bearer())
    end
    authority:request()
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
  end)

  it("is replaced beside the callers, who go on with the old one", function()
    start { token_answer("one", 3600), "hang" }
    send(1)
    poller:run()
    clock = clock + 3500
    local results = send(20)
    local deadline = core.monotonic() + 10
    while results.sent < 20 and core.monotonic() < deadline do
      poller:poll(0.05)
    end
    assert.equal(20, results.sent)
    for _ = 1, 21 do
      assert.equal("Bearer one", bearer())
    end
    authority:request()
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
  end)

  it("stays in use after a refresh that failed, until it really expires", function()
    start { token_answer("one", 3600), recorder.response(400, "", '{"error":"x","error_description":"AADSTS1"}') }
    send(1)
    poller:run()
    for _, age in ipairs { 3500, 3501, 3510 } do
      clock = 1800000000 + age
      local results = send(1)
      poller:run()
      assert.equal(1, results.sent)
    end
    -- The first, a failed one, none within three seconds, another failed one.
    for _ = 1, 3 do
      authority:request()
    end
    assert.is_true(authority:is_quiet(0.1))
    clock = 1800000000 + 3600
    local results = send(3)
    poller:run()
    assert.equal(0, results.sent)
    assert.same(
      { "authentication_failed", "not_sent", 0 },
      { results.err.code, results.err.outcome, results.err.attempts }
    )
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
  end)

  it("still comes for the others when the caller that began is cancelled", function()
    start { token_answer("one", 3600) }
    local first = poller:spawn(function()
      hub:send_to_all "x"
    end)
    local results = send(5)
    assert.equal("not_sent", first:cancel())
    poller:run()
    assert.equal(5, results.sent, tostring(results.err))
    authority:request()
    assert.is_true(authority:is_quiet(0.1))
  end)

  it("is waited for no longer than the call's own timeout", function()
    start { "hang" }
    local err
    local task = poller:spawn(function()
      local _
      _, err = hub:send_to_all("x", { timeout = 0.1 })
    end)
    local deadline = core.monotonic() + 10
    while task:status() == "running" and core.monotonic() < deadline do
      poller:poll(0.05)
    end
    assert.same({ "timeout", "not_sent" }, { err and err.code, err and err.outcome })
  end)

  it("is asked for anew after a function of the program's raised", function()
    start { token_answer("one", 1) }
    local raised, reported = 0, 0
    poller.on_error = function()
      reported = reported + 1
    end
    local credential = assert(webpubsub.function_credential(function()
      raised = raised + 1
      if raised == 1 then
        error "no"
      end
      return "abc"
    end))
    local results = {}
    for i = 1, 2 do
      poller:spawn(function()
        results[i] = credential:get_token { transport = poller, deadline = poller:now() + 5, now = clock }
      end)
      poller:run()
    end
    assert.is_nil(results[1])
    assert.equal("abc", results[2].token)
    assert.equal(1, reported)
  end)
end)

describe("a client token by a bearer credential", function()
  it("is made by the service", function()
    local service = recorder.start { recorder.response(200, "", '{"token":"client.access.token"}') }
    finally(function()
      service:stop()
    end)
    local hub = assert(webpubsub.client {
      endpoint = service.endpoint,
      hub = "chat",
      allow_insecure_connection = true,
      credential = webpubsub.static_token_credential "abc",
    })
    local access = assert(hub:get_client_access_token { user_id = "ann" })
    assert.equal("client.access.token", access.token)
    local request = service:request()
    assert.equal(
      "POST /api/hubs/chat/:generateToken?api-version=2024-12-01&userId=ann&clientType=Default HTTP/1.1",
      request.line
    )
    assert.equal("Bearer abc", request.headers.authorization)
    hub:close()
  end)
end)
