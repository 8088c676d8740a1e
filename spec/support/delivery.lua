-- operation × fault → requests that the server recorded, and what the call reports; for one transport.
-- delivery(name, new, api): api holds the spec file's describe, it and after_each.

local assert = require "luassert"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local retries = 3
local tries = retries + 1

local response = recorder.response
local huge = "HTTP/1.1 202 Accepted\r\nContent-Length: 2147483648\r\n\r\nx"

-- fault, how often the server commits it, then for a send and for an idempotent call: requests recorded, attempts
-- counted, outcome. Design: delivery honesty; Retry-After as RFC 9110 (10.2.3) and Azure's milliseconds.
local faults = {
  { "500", response(500), tries, { 1, 1, "maybe_sent" }, { tries, tries, "maybe_sent" } },
  { "503", response(503), tries, { 1, 1, "maybe_sent" }, { tries, tries, "maybe_sent" } },
  {
    "503 with Retry-After",
    response(503, "Retry-After: 0\r\n"),
    tries,
    { 1, 1, "maybe_sent" },
    { tries, tries, "maybe_sent" },
  },
  { "408", response(408), tries, { 1, 1, "maybe_sent" }, { tries, tries, "maybe_sent" } },
  { "400", response(400), 1, { 1, 1, "rejected" }, { 1, 1, "rejected" } },
  { "401 without a date", response(401), 1, { 1, 1, "rejected" }, { 1, 1, "rejected" } },
  { "429", response(429), tries, { tries, tries, "rejected" }, { tries, tries, "rejected" } },
  {
    "429 with retry-after-ms",
    response(429, "retry-after-ms: 5\r\nRetry-After: 1000\r\n"),
    tries,
    { tries, tries, "rejected" },
    { tries, tries, "rejected" },
  },
  {
    "429 with a Retry-After beyond the deadline",
    response(429, "Retry-After: 1000\r\n"),
    1,
    { 1, 1, "rejected" },
    { 1, 1, "rejected" },
  },
  { "a cut before the request", "drop", tries, { 0, 1, "maybe_sent" }, { 0, tries, "maybe_sent" } },
  { "a cut after the body", "close", tries, { 1, 1, "maybe_sent" }, { tries, tries, "maybe_sent" } },
  { "half an answer", "half", tries, { 1, 1, "maybe_sent" }, { tries, tries, "maybe_sent" } },
  { "a stall", "hang", 1, { 1, 1, "maybe_sent" }, { 1, 1, "maybe_sent" }, 0.4 },
  { "an answer of 2 GB", huge, 1, { 1, 1, "maybe_sent" }, { 1, 1, "maybe_sent" } },
}

local operations = {
  { "send_to_all", 4, "text" },
  { "send_to_user", 4, "ann", "text" },
  { "send_to_group", 4, "lobby", "text" },
  { "close_all_connections", 4 },
  { "add_user_to_group", 5, "lobby", "ann" },
  { "remove_user_from_group", 5, "lobby", "ann" },
}

return function(name, new, api)
  local it = api.it

  api.describe("delivery by the " .. name .. " transport", function()
    local server, transport

    local function start(answers, endpoint)
      server = recorder.start(answers)
      transport = new()
      return assert(webpubsub.client {
        endpoint = endpoint or server.endpoint,
        hub = "chat",
        credential = "k",
        transport = transport,
        retry_backoff_factor = 0.01,
        timeout = 10,
      })
    end

    api.after_each(function()
      transport:close()
      server:stop()
    end)

    local function faulty(fault, times)
      local answers = {}
      for i = 1, times do
        answers[i] = fault
      end
      answers[times + 1] = recorder.accepted
      return answers
    end

    --- The requests recorded so far: those before a marker that is repeated until the server has no faults left.
    local function recorded()
      local marker = { method = "GET", url = server.endpoint .. "/marker", headers = {}, idempotent = false }
      local answer
      for _ = 1, tries + 1 do
        answer = answer or transport:send(marker, transport:now() + 5)
        answer = answer and answer.status == 202 and answer or nil
      end
      assert(answer, "the server answers no marker")
      local requests = {}
      while true do
        local request = server:request()
        if request.target == "/marker" then
          return requests
        end
        requests[#requests + 1] = request
      end
    end

    local function call(hub, operation, options)
      local first, second = operation[3], operation[4]
      if second then
        return hub[operation[1]](hub, first, second, options)
      elseif first then
        return hub[operation[1]](hub, first, options)
      end
      return hub[operation[1]](hub, options)
    end

    for _, fault in ipairs(faults) do
      for _, operation in ipairs(operations) do
        it("answers " .. fault[1] .. " to " .. operation[1] .. " by the rules", function()
          local expected = fault[operation[2]]
          local hub = start(faulty(fault[2], fault[3]))
          local ok, err = call(hub, operation, { timeout = fault[6] })
          assert.is_nil(ok)
          assert.same({ expected[2], expected[3] }, { err.attempts, err.outcome })
          assert.equal(expected[1], #recorded())
        end)
      end
    end

    it("says not_sent, after all its attempts, where nobody listens", function()
      local closed = recorder.start()
      closed:stop()
      for _, operation in ipairs(operations) do
        local hub = start(nil, closed.endpoint)
        local ok, err = call(hub, operation)
        assert.is_nil(ok)
        assert.same({ "connect_failed", "not_sent", tries }, { err.code, err.outcome, err.attempts })
        assert.equal(0, #recorded())
        transport:close()
        server:stop()
      end
      start()
    end)

    it("repeats a send that may have arrived only when at_least_once is set", function()
      for _, fault in ipairs { response(500), "close" } do
        local hub = start(faulty(fault, 2))
        assert.is_true((hub:send_to_all("x", { at_least_once = true })))
        assert.equal(3, #recorded())
        transport:close()
        server:stop()
      end
      start()
    end)

    it("takes retry_total of the call before the client's", function()
      local hub = start(faulty(response(429), 2))
      local _, err = hub:send_to_all("x", { retry_total = 1 })
      assert.equal(2, err.attempts)
      assert.equal(2, #recorded())
    end)

    it("sends the same message under the same request id, and says that of the last attempt", function()
      local hub = start(faulty(response(429, "x-ms-error-code: Busy\r\n"), 2))
      local ok, answer = hub:send_to_all({ n = 1 }, { message_ttl_seconds = 5 })
      assert.is_true(ok)
      assert.equal(202, answer.status)
      local requests = recorded()
      assert.equal(3, #requests)
      for _, request in ipairs(requests) do
        assert.equal(requests[1].target, request.target)
        assert.equal('{"n":1}', request.body)
        assert.equal(answer.request_id, request.headers["x-ms-client-request-id"])
      end
    end)

    it("does not call a send undelivered that an earlier attempt may have delivered", function()
      local hub = start { response(500), response(404), recorder.accepted }
      local _, err = hub:send_to_all("x", { at_least_once = true })
      assert.same({ 404, "maybe_sent", 2 }, { err.status, err.outcome, err.attempts })
    end)

    it("repeats send_request by its method, and answers the last response", function()
      local hub = start(faulty(response(503), tries))
      local path = "/api/hubs/{hub}/x"
      assert.equal(503, assert(hub:send_request { method = "POST", path = path }).status)
      assert.equal(202, assert(hub:send_request { method = "GET", path = path }).status)
      assert.equal(1 + tries, #recorded())
    end)
  end)
end
