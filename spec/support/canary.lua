-- Secrets that must come out nowhere, whatever real servers do; for one transport.
-- canary(name, new, api): api holds the spec file's describe, it, setup, teardown and after_each, and may hold
-- map(transport, list, f), which runs f for all items at once.

local assert = require "luassert"
local credentials = require "spec.support.canary_credentials"
local errors = require "webpubsub.error"
local every_call = require "spec.support.every_call"
local map_in_turn = require "spec.support.map_in_turn"
local recorder = require "spec.support.recorder"
local vaults = require "spec.support.vault"
local webpubsub = require "webpubsub"

local key = "CANARY/key+0123456789abcdefghijklmnop=="

-- name, answer, seconds for a call, is the request told back.
local faults = {
  { "a refused connection", nil, 10 },
  { "a cut", "close", 10 },
  { "a reset inside the answer", recorder.reset "HTTP/1.1 200 OK\r\nX-", 10 },
  { "a stall", "hang", 0.03 },
}
for _, status in ipairs { 400, 401, 403, 404, 429, 500 } do
  faults[#faults + 1] = { "an echo with status " .. status, recorder.echo(status), 10, true }
end

--- A page cannot be fetched in a loop: the error value is raised (or, where a loop cannot wait, one sentence).
local function first_of_each(hub, group)
  local ok, raised = pcall(function()
    if group then
      return hub:each_connection()()
    end
    return hub:each_connection "lobby"()
  end)
  assert(not ok and (errors.is(raised) or raised:find("list_connections", 1, true)), tostring(raised))
  return raised
end

--- Calls beside the operations; what they answer may be shown.
local more_calls = {
  function(hub)
    return hub:has_permission("sendToGroup", "c1", { target_name = "lobby" })
  end,
  function(hub)
    return hub:send_request { method = "POST", path = "/api/hubs/{hub}/x", body = { n = 1 } }
  end,
  function(hub)
    return hub:send_to_users({ "ann", "bob" }, "x")
  end,
  function(hub)
    return hub:send_to_users({ "ann", "bob" }, "x", { collapse = true })
  end,
  function(hub)
    return hub:send_to_groups({ "a", "b" }, "x")
  end,
  function(hub)
    return hub:send_to_group(("x"):rep(5000), "x")
  end,
  function(hub)
    return tostring((hub:prepare("send_to_all", "x")))
  end,
  function(hub)
    return tostring((hub:get_client_access_token { user_id = "ann", roles = { "webpubsub.sendToGroup" } }))
  end,
}

local lobby_calls = {
  { "send", "x" },
  { "add_user", "ann" },
  { "remove_user", "ann" },
  { "add_connection", "c1" },
  { "remove_connection", "c1" },
  { "exists" },
  { "close_connections" },
  { "list_connections" },
}

--- Every public call of a client: functions(hub).
local function all_calls()
  local list = {}
  for _, each in ipairs(every_call) do
    -- With an access key a client token is no failure, and a secret that was asked for.
    if each.name ~= "generate_client_token" then
      list[#list + 1] = each.call
    end
  end
  for _, call in ipairs(more_calls) do
    list[#list + 1] = call
  end
  for _, each in ipairs(lobby_calls) do
    list[#list + 1] = function(hub)
      local lobby = hub:group "lobby"
      return lobby[each[1]](lobby, each[2])
    end
  end
  return list
end

local some_calls = {
  function(hub)
    return hub:send_to_all "x"
  end,
  function(hub)
    return hub:group_exists "lobby"
  end,
  function(hub)
    local access, err = hub:get_client_access_token { user_id = "ann" }
    return tostring(access), err
  end,
}

return function(name, new, api)
  local it = api.it

  api.describe("a canary on the " .. name .. " transport", function()
    local vault, service, authority, transport
    local map = api.map or map_in_turn

    api.setup(credentials.setup)
    api.teardown(credentials.teardown)

    api.after_each(function()
      transport:close()
      service:stop()
      authority:stop()
    end)

    local function start(of_service, of_authority)
      vault = vaults.new()
      vault:hide(key)
      credentials.hide_in(vault)
      service = recorder.collect { of_service or recorder.accepted }
      authority = recorder.collect { of_authority }
      transport = new()
    end

    --- The most talkative client there is; its hooks raise what they are told.
    local function client(credential, endpoint, timeout, metrics)
      local function note(...)
        vault:note(...)
      end
      local function raising(event)
        vault:note(event)
        error("a hook that raises " .. tostring(event.request_id), 0)
      end
      local hub = assert(webpubsub.client {
        endpoint = endpoint,
        hub = "chat",
        credential = credential,
        allow_insecure_connection = true,
        transport = transport,
        logger = note,
        logging_enable = true,
        log_body = true,
        metrics = metrics,
        hooks = { on_request = raising, on_response = raising, on_retry = raising, on_error = raising },
        application_id = "shop",
        retry_total = 1,
        retry_backoff_factor = 0.001,
        timeout = timeout,
      })
      vault:note(hub, hub:group "lobby", credential)
      return hub
    end

    --- Makes the calls and notes what they answer. What they raise fails the test.
    local function perform(hub, calls)
      map(transport, calls, function(call)
        vault:note(call(hub))
      end)
    end

    local function nobody()
      local gone = recorder.start()
      gone:stop()
      return gone.endpoint
    end

    --- What was seen, free of secrets; those that went over the wire are secrets now.
    local function check()
      vault:note(transport)
      local requests = service:recorded(transport)
      vault:hide_requests(requests)
      vault:hide_requests(authority:recorded(transport))
      return vault:check(), #requests
    end

    for _, fault in ipairs(faults) do
      it("comes out nowhere after " .. fault[1], function()
        start(fault[2], credentials.granted)
        local endpoint = fault[2] and service.endpoint or nobody()
        local metrics = webpubsub.metrics()
        local calls = all_calls()
        local own = assert(webpubsub.key(key))
        for _, credential in ipairs { own, assert(webpubsub.static_token_credential(credentials.bearer)) } do
          local hub = client(credential, endpoint, fault[3], metrics)
          perform(hub, calls)
          vault:note(first_of_each(hub))
        end
        vault:note(metrics, metrics:prometheus())
        local text, requests = check()
        assert.matches("a hook that raises", text)
        assert.matches("webpubsub_client_failures_total", text)
        assert.equal(fault[4] or false, text:find("you sent REDACTED", 1, true) ~= nil)
        -- Refused, prepared and made without the service: three at most make no request. Time that is too short for an
        -- answer may be too short for a request.
        assert.is_true(requests >= (fault[2] and fault[3] > 1 and 2 * (#calls - 3) or 0))
      end)

      it("comes out of no credential when the service answers with " .. fault[1], function()
        start(fault[2], credentials.granted)
        for _, credential in ipairs(credentials.all(authority.endpoint, true)) do
          perform(client(credential, fault[2] and service.endpoint or nobody(), fault[3]), some_calls)
        end
        assert.is_true(#check() > 1000)
      end)

      it("comes out of no credential when its own server answers with " .. fault[1], function()
        start(recorder.accepted, fault[2] or recorder.accepted)
        for _, credential in ipairs(credentials.all(fault[2] and authority.endpoint or nobody(), false)) do
          perform(client(credential, service.endpoint, math.min(fault[3], 0.9)), some_calls)
        end
        local text = check()
        assert.matches("not_sent", text)
        assert.equal(fault[4] or false, text:find("you sent none with POST", 1, true) ~= nil)
      end)
    end
  end)
end
