-- An outbox with the most talkative client there is, against a service that tells back what it was sent: hooks fire in
-- the timer of the worker, what they raise harms nothing, and nginx's log holds no secret.

local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"
local recorder = require "spec.support.recorder"
local vaults = require "spec.support.vault"

local key = "CANARY/key+0123456789abcdefghijklmnop=="

local http = [[
  init_by_lua_block {
    cjson = require "cjson"
    local function hook(name)
      return function(event)
        ngx.log(ngx.NOTICE, "hook ", name, " ", cjson.encode(event))
        error("raised by " .. name, 0)
      end
    end
    outbox = assert(require("webpubsub.outbox").new {
      client = {
        endpoint = "SERVICE", hub = "chat", credential = "KEY",
        retry_total = 1, retry_backoff_factor = 0.001, at_least_once = true,
        logging_enable = true, log_body = true,
        logger = function(level, line) ngx.log(ngx.NOTICE, level, " ", line) end,
        hooks = {
          on_request = hook "on_request", on_response = hook "on_response",
          on_retry = hook "on_retry", on_error = hook "on_error",
        },
      },
    })
  }
  exit_worker_by_lua_block { ngx.log(ngx.NOTICE, "stats at the end of a worker: ", cjson.encode(outbox:stats())) }
]]

local server = [[
  location = /send {
    content_by_lua_block {
      for n = 1, 3 do assert(outbox:send_to_group("g" .. n, { n = n }, { request_id = "r" .. n })) end
    }
  }
  location = /stats { content_by_lua_block { ngx.print(cjson.encode(outbox:stats())) } }
  location = /print { content_by_lua_block { ngx.print(tostring(outbox)) } }
]]

--- The events that a hook logged.
local function events_of(log, hook)
  local events = {}
  for text in log:gmatch("hook " .. hook .. " ({.-}),? ?[^}\n]*\n") do
    events[#events + 1] = assert(json.decode(text))
  end
  table.sort(events, function(a, b)
    return a.request_id < b.request_id
  end)
  return events
end

describe("an outbox that tells everything", function()
  local service, host

  after_each(function()
    host:stop()
    service:stop()
  end)

  local function start(answer)
    service = recorder.collect { answer }
    host = nginx.start { http = http:gsub("SERVICE", service.endpoint):gsub("KEY", key), server = server }
  end

  local function send_until(name)
    host:body "/send"
    nginx.wait_for(10, "the outbox does not come to rest\n" .. host:log(), function()
      return json.decode(host:body "/stats")[name] == 3
    end)
  end

  it("lets its hooks see every attempt of every message, and goes on when they raise", function()
    start(recorder.echo(500))
    local pid = host:body "/pid"
    send_until "failed"
    local log = host:log()
    local requests, errors = events_of(log, "on_request"), events_of(log, "on_error")
    assert.same({ 6, 6, 3, 3 }, { #requests, #events_of(log, "on_response"), #events_of(log, "on_retry"), #errors })
    for n, event in ipairs(errors) do
      assert.same({
        operation = "send_to_group",
        request_id = "r" .. n,
        attempts = 2,
        outcome = "maybe_sent",
        ["error.type"] = "500",
        ["http.response.status_code"] = 500,
        ["http.request.method"] = "POST",
        ["http.request.resend_count"] = 1,
        ["server.address"] = "127.0.0.1",
        ["server.port"] = service.port,
        ["url.template"] = "/api/hubs/{hub}/groups/{group}/:send",
      }, event)
    end
    for _, name in ipairs { "on_request", "on_response", "on_retry", "on_error" } do
      assert.matches("warn the hook " .. name .. " raised: raised by " .. name, log)
    end
    assert.equal(pid, host:body "/pid")
  end)

  it("sends what it has though its hooks raise", function()
    start(recorder.accepted)
    send_until "sent"
    assert.equal(3, #service:recorded(host.transport))
    assert.same({}, events_of(host:log(), "on_error"))
  end)

  it("writes no secret into nginx's log, not even when the service tells it back", function()
    local vault = vaults.new()
    vault:hide(key)
    start(recorder.echo(500))
    send_until "failed"
    vault:note(host:body "/print", host:body "/stats")
    assert.equal(0, host:signal "quit")
    assert.equal(0, host:wait(10))
    vault:note(host:log())
    vault:hide_requests(service:recorded(host.transport))
    local text = vault:check()
    assert.matches("stats at the end of a worker", text)
    assert.matches("you sent REDACTED", text)
    assert.matches("a message failed", text)
  end)
end)
