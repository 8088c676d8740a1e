-- Every operation × every fault → requests that the server recorded, and what the call reports; for one transport.
-- delivery(name, new, api): api holds the spec file's describe, it and after_each, and may hold
-- map(transport, list, f), which runs f for all items at once.

local assert = require "luassert"
local every_call = require "spec.support.every_call"
local faults = require "spec.support.faults"
local map_in_turn = require "spec.support.map_in_turn"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local tries = faults.retries + 1

local response = recorder.response

--- How many of the requests each call made, by the request id that it was given.
local function count(requests)
  local counts = {}
  for _, request in ipairs(requests) do
    local id = request.headers["x-ms-client-request-id"]
    counts[id] = (counts[id] or 0) + 1
  end
  return counts
end

local function expected_of(fault)
  local expected = {}
  for _, each in ipairs(every_call) do
    local ending = each.idempotent and fault[4] or fault[3]
    if each.method == "HEAD" then
      ending = fault.head or ending
    end
    expected[each.name] = ending
  end
  return expected
end

return function(name, new, api)
  local it = api.it

  api.describe("delivery by the " .. name .. " transport", function()
    local server, transport
    local map = api.map or map_in_turn

    local function client(credential, endpoint)
      return assert(webpubsub.client {
        endpoint = endpoint or server.endpoint,
        hub = "chat",
        credential = credential,
        allow_insecure_connection = true,
        transport = transport,
        retry_total = faults.retries,
        retry_backoff_factor = 0.001,
        timeout = 10,
      })
    end

    local function start(answers, endpoint)
      server = recorder.collect(answers)
      transport = new()
      return client("k", endpoint)
    end

    api.after_each(function()
      transport:close()
      server:stop()
    end)

    --- What every call came to: { ok, err } by its name. Client tokens are the service's for a token credential alone.
    local function perform_all(hub, endpoint, timeout)
      local other = client(assert(webpubsub.static_token_credential "token"), endpoint)
      local ends = {}
      map(transport, every_call, function(each)
        local options = { request_id = each.name, timeout = timeout }
        local ok, err = each.call(each.name == "generate_client_token" and other or hub, options)
        ends[each.name] = { ok, err }
      end)
      return ends
    end

    for _, fault in ipairs(faults.list) do
      it("answers " .. fault[1] .. " to each operation by the rules", function()
        local hub = start { fault[2] }
        -- All at once they share the processor while their time runs, and one of them costs no more than all.
        local found = perform_all(hub, nil, fault.timeout and fault.timeout * (api.map and 5 or 1))
        local counts = count(server:recorded(transport))
        for method, ending in pairs(found) do
          local ok, err = ending[1], ending[2]
          found[method] = ok and "ok" or { counts[method] or 0, err.attempts, err.outcome, err.code }
        end
        assert.same(expected_of(fault), found)
      end)
    end

    --- The reset may come before the connection is looked at, or after the request has started.
    it("reports a reset at once as what it was: no connection, tried again, or a request that may have gone", function()
      local hub = start { "reset" }
      local found = perform_all(hub)
      for _, each in ipairs(every_call) do
        local err = found[each.name][2]
        assert.is_true(err.code == "connect_failed" or err.code == "connection_lost", each.name .. " " .. err.code)
        assert.is_true(err.outcome == "maybe_sent" or err.code == "connect_failed", each.name)
        assert.is_true(err.outcome == "maybe_sent" or err.attempts == tries, each.name)
      end
      assert.same({}, server:recorded(transport))
    end)

    it("says not_sent, after all its attempts, where nobody listens", function()
      local closed = recorder.start()
      closed:stop()
      local hub = start(nil, closed.endpoint)
      local found, expected = perform_all(hub, closed.endpoint), {}
      for method, ending in pairs(found) do
        local err = ending[2]
        found[method] = ending[1] and "ok" or { err.code, err.outcome, err.attempts }
      end
      for _, each in ipairs(every_call) do
        expected[each.name] = { "connect_failed", "not_sent", tries }
      end
      assert.same(expected, found)
    end)

    it("repeats a send that may have arrived only when at_least_once is set", function()
      for _, fault in ipairs { response(500), "close" } do
        local hub = start { fault, fault, recorder.accepted }
        assert.is_true((hub:send_to_all("x", { at_least_once = true })))
        assert.equal(3, #server:recorded(transport))
        transport:close()
        server:stop()
      end
      start()
    end)

    it("takes retry_total of the call before the client's", function()
      local hub = start { response(429) }
      local _, err = hub:send_to_all("x", { retry_total = 1 })
      assert.equal(2, err.attempts)
      assert.equal(2, #server:recorded(transport))
    end)

    it("sends the same message under the same request id, and says that of the last attempt", function()
      local hub = start { response(429), response(429), recorder.accepted }
      local ok, answer = hub:send_to_all({ n = 1 }, { message_ttl_seconds = 5 })
      assert.is_true(ok)
      assert.equal(202, answer.status)
      local requests = server:recorded(transport)
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
      local hub = start { response(503), response(503), response(503), recorder.accepted }
      local path = "/api/hubs/{hub}/x"
      assert.equal(503, assert(hub:send_request { method = "POST", path = path }).status)
      assert.equal(202, assert(hub:send_request { method = "GET", path = path }).status)
      assert.equal(1 + tries, #server:recorded(transport))
    end)
  end)
end
