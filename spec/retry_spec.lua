-- The retry rules as a function of values, with random numbers and time left given.

local http_date = require "webpubsub.http_date"
local errors = require "webpubsub.error"
local retry = require "webpubsub.pipeline.retry"
local webpubsub = require "webpubsub"

local function policy(changes)
  local all = {
    retry_total = 3,
    retry_backoff_factor = 0.8,
    retry_backoff_max = 60,
    retry_mode = "exponential",
    at_least_once = false,
  }
  for name, value in pairs(changes or {}) do
    all[name] = value
  end
  return all
end

local function fixed(value)
  return function()
    return value
  end
end

local refused = { code = "connect_failed", outcome = "not_sent" }

describe("the back-off", function()
  it("doubles its bound and draws anything below it", function()
    for number, bound in ipairs { 0.8, 1.6, 3.2, 6.4 } do
      assert.equal(0, retry.backoff(policy(), number, fixed(0)))
      assert.equal(bound / 2, retry.backoff(policy(), number, fixed(0.5)))
    end
  end)

  it("stays below its cap, however many retries", function()
    assert.equal(30, retry.backoff(policy(), 8, fixed(0.5)))
    assert.equal(30, retry.backoff(policy(), 1000, fixed(0.5)))
    assert.equal(1, retry.backoff(policy { retry_backoff_max = 2 }, 3, fixed(0.5)))
  end)

  it("is the factor itself in the mode fixed", function()
    local given = policy { retry_mode = "fixed", retry_backoff_factor = 1.5 }
    assert.same({ 1.5, 1.5 }, { retry.backoff(given, 1, fixed(0)), retry.backoff(given, 9, fixed(0.9)) })
    assert.equal(1, retry.backoff(policy { retry_mode = "fixed", retry_backoff_max = 1, retry_backoff_factor = 5 }, 1))
  end)
end)

describe("the wait before a retry", function()
  it("is none after the last one", function()
    assert.equal(0, retry.wait(policy(), refused, false, 3, 30, fixed(0)))
    assert.is_nil(retry.wait(policy(), refused, false, 4, 30, fixed(0)))
    assert.is_nil(retry.wait(policy { retry_total = 0 }, refused, false, 1, 30, fixed(0)))
  end)

  it("is what the service asks for, in place of the back-off", function()
    local throttled = { status = 429, outcome = "rejected", retry_after = 7 }
    assert.equal(7, retry.wait(policy(), throttled, false, 1, 7.1, fixed(0.9)))
  end)

  it("is not begun when it outlasts the deadline", function()
    assert.is_nil(retry.wait(policy(), { status = 429, outcome = "rejected", retry_after = 7 }, true, 1, 7, fixed(0)))
    assert.is_nil(retry.wait(policy(), refused, true, 1, 0.4, fixed(0.5)))
    assert.is_nil(retry.wait(policy(), refused, true, 1, 0, fixed(0)))
  end)

  -- code, outcome, status, for a send, for an idempotent call, for a send with at_least_once
  local rules = {
    { "connect_failed", "not_sent", nil, true, true, true },
    { "resolve_failed", "not_sent", nil, true, true, true },
    { "connection_lost", "maybe_sent", nil, false, true, true },
    { "timeout", "maybe_sent", 408, false, true, true },
    { "service_error", "maybe_sent", 500, false, true, true },
    { "throttled", "rejected", 429, true, true, true },
    { "unauthorized", "rejected", 401, false, false, false },
    { "conflict", "rejected", 409, false, false, false },
    { "tls_failed", "not_sent", nil, false, false, false },
    { "invalid_argument", "not_sent", nil, false, false, false },
    { "cancelled", "not_sent", nil, false, false, false },
    { "authentication_failed", "not_sent", nil, false, false, false },
    { "response_too_large", "maybe_sent", nil, false, false, false },
  }

  for _, rule in ipairs(rules) do
    it("follows the rule for " .. rule[1] .. " " .. (rule[3] or ""), function()
      local err = { code = rule[1], outcome = rule[2], status = rule[3] }
      local function again(idempotent, at_least_once)
        return retry.wait(policy { at_least_once = at_least_once }, err, idempotent, 1, 30, fixed(0)) ~= nil
      end
      assert.same({ rule[4], rule[5], rule[6] }, { again(false), again(true), again(false, true) })
    end)
  end
end)

describe("the outcome of several attempts", function()
  it("is the one that excludes the least", function()
    assert.equal("maybe_sent", errors.worse("maybe_sent", "not_sent"))
    assert.equal("rejected", errors.worse("rejected", "not_sent"))
    assert.equal("maybe_sent", errors.worse("not_sent", "maybe_sent"))
    assert.equal("not_sent", errors.worse(nil, "not_sent"))
  end)
end)

describe("an HTTP date", function()
  it("is read in its three forms (RFC 9110, 5.6.7)", function()
    assert.equal(784111777, http_date.read "Sun, 06 Nov 1994 08:49:37 GMT")
    assert.equal(784111777, http_date.read "Sunday, 06-Nov-94 08:49:37 GMT")
    assert.equal(784111777, http_date.read "Sun Nov  6 08:49:37 1994")
  end)

  it("agrees with the C library over leap days and centuries", function()
    for _, seconds in ipairs { 0, 951782400, 951868799, 1078012800, 1709164800, 1709251200, 2147483647, 4107542400 } do
      assert.equal(seconds, http_date.read(os.date("!%a, %d %b %Y %H:%M:%S GMT", seconds)))
    end
  end)

  it("is nothing else", function()
    for _, text in ipairs { "", "tomorrow", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "7" } do
      assert.is_nil(http_date.read(text))
    end
  end)
end)

describe("a call with a clock of its own", function()
  --- A client whose time goes on by its sleeps alone; every answer is the same.
  local function hub_at_rest(answer, options)
    local seen = { now = 0, sleeps = {}, sends = 0 }
    local transport = { close = function() end }
    function transport.now()
      return seen.now
    end
    function transport.sleep(_, seconds)
      seen.sleeps[#seen.sleeps + 1] = seconds
      seen.now = seen.now + seconds
    end
    function transport.send()
      seen.sends = seen.sends + 1
      return { status = answer[1], body = "", headers = answer[2] or {} }
    end
    local all = { endpoint = "http://h", hub = "chat", credential = "k", transport = transport }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return assert(webpubsub.client(all)), seen
  end

  it("waits the sum that the service asks for", function()
    local hub, seen = hub_at_rest({ 429, { ["retry-after"] = "7" } }, { timeout = 100 })
    local _, err = hub:send_to_all "x"
    assert.same({ 7, 7, 7 }, seen.sleeps)
    assert.same({ 4, 7 }, { err.attempts, err.retry_after })
  end)

  it("has one deadline for everything", function()
    local hub, seen = hub_at_rest({ 429, { ["retry-after"] = "7" } }, { timeout = 15 })
    assert.equal(3, select(2, hub:send_to_all "x").attempts)
    assert.same({ 7, 7 }, seen.sleeps)
  end)

  it("reads Retry-After as a date by the service's own clock", function()
    local headers = { date = "Sun, 06 Nov 1994 08:49:37 GMT", ["retry-after"] = "Sun, 06 Nov 1994 08:49:42 GMT" }
    local hub, seen = hub_at_rest({ 429, headers }, { retry_total = 1 })
    hub:send_to_all "x"
    assert.same({ 5 }, seen.sleeps)
    headers.date = nil
    hub, seen = hub_at_rest({ 429, headers }, { retry_total = 1, clock = fixed(784111780) })
    hub:send_to_all "x"
    assert.same({ 2 }, seen.sleeps)
  end)

  it("draws its waits anew between nothing and the bound", function()
    local hub, seen = hub_at_rest({ 500 }, { retry_total = 200, retry_backoff_max = 1, timeout = 10000 })
    hub:user_exists "ann"
    local low, high = math.huge, 0
    for i, seconds in ipairs(seen.sleeps) do
      assert.is_true(seconds >= 0 and seconds < (i == 1 and 0.8 or 1))
      low, high = math.min(low, seconds), math.max(high, seconds)
    end
    assert.equal(200, #seen.sleeps)
    assert.is_true(low < 0.5 and high > 0.5)
  end)
end)
