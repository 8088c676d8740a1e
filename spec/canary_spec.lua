-- Nothing that a program can see holds a secret; the transports of a plain Lua.

local canary = require "spec.support.canary"
local command = require "spec.command.support"
local events = require "spec.events.support"
local map_on_poller = require "spec.support.map_on_poller"
local recorder = require "spec.support.recorder"
local vaults = require "spec.support.vault"
local webpubsub = require "webpubsub"

local function framework(map)
  return { describe = describe, it = it, setup = setup, teardown = teardown, after_each = after_each, map = map }
end

canary("blocking", function()
  return assert(require("webpubsub.transport.blocking").new { proxy = false })
end, framework())

canary("poller", function()
  return assert(webpubsub.poller { proxy = false })
end, framework(map_on_poller))

describe("a canary in a transport of the program's own", function()
  it("comes out of no error though the transport quotes the request", function()
    local vault = vaults.new()
    local quoting = {
      send = function(_, made)
        vault:hide(made.headers[2]:match "^Bearer (.*)$")
        return nil, "could not send " .. table.concat(made.headers, " ")
      end,
      now = function()
        return 0
      end,
      sleep = function() end,
      close = function() end,
    }
    for _, credential in ipairs { "CANARY-key", assert(webpubsub.static_token_credential "CANARY/bearer+==") } do
      local hub = assert(webpubsub.client {
        endpoint = "https://name.webpubsub.azure.com",
        hub = "chat",
        credential = credential,
        transport = quoting,
        logging_enable = true,
        logger = function(...)
          vault:note(...)
        end,
      })
      vault:note(hub:send_to_all "x")
      vault:note(hub:send_request { method = "GET", path = "/api/hubs/{hub}/x" })
    end
    assert.matches("could not send Authorization Bearer REDACTED", vault:check())
  end)
end)

describe("a bearer token that an answer repeats", function()
  it("is recognised as JSON encoders and forms write it, in upper and lower case", function()
    -- RFC 8259, section 7; RFC 3986, section 2.1; application/x-www-form-urlencoded.
    local bearer = "CANARY/bearer+=="
    for _, form in ipairs {
      bearer,
      [[CANARY/bearer\u002B==]],
      [[CANARY/bearer\u002b==]],
      [[CANARY\/bearer+==]],
      "CANARY%2Fbearer%2B%3D%3D",
      "CANARY%2fbearer%2b%3d%3d",
    } do
      local vault = vaults.new()
      vault:hide(bearer)
      local hub = assert(webpubsub.client {
        endpoint = "https://name.webpubsub.azure.com",
        hub = "chat",
        credential = assert(webpubsub.static_token_credential(bearer)),
        transport = {
          send = function()
            return { status = 403, headers = {}, body = ('{"message":"not with %s"}'):format(form) }
          end,
          now = function()
            return 0
          end,
          sleep = function() end,
          close = function() end,
        },
      })
      vault:note(select(2, hub:send_to_all "x"))
      assert.matches("not with REDACTED", vault:check(), form)
    end
  end)
end)

describe("a canary in the command line's environment", function()
  local key = "CANARY/key+0123456789abcdefghijklmnop"
  local reader = assert(require("webpubsub.transport.blocking").new { proxy = false })
  local service, vault

  before_each(function()
    vault = vaults.new()
    vault:hide(key)
  end)

  after_each(function()
    if service then
      service:stop()
    end
    service = nil
  end)

  --- Runs the command with the key of this service and notes what it prints. Exit code.
  local function run(endpoint, ...)
    local code, text = command.run_merged(("Endpoint=%s;AccessKey=%s;Version=1.0;"):format(endpoint, key), ...)
    vault:note(text)
    return code
  end

  -- Shorter than what lies between two attempts.
  local lines = {
    { "send", "x", "--timeout", "0.5" },
    { "send", "x", "--group", "lobby", "--json", "--timeout", "0.5" },
    { "group", "list", "lobby", "--timeout", "0.5" },
    { "doctor", "--timeout", "0.5" },
    { "doctor", "--json", "--group", "lobby", "--timeout", "0.5" },
  }

  for _, fault in ipairs {
    { "a refused connection", nil, "connect_failed" },
    { "a cut", "close", "connection_lost" },
    { "an echo with status 401", recorder.echo(401), "REDACTED" },
    { "an echo with status 500", recorder.echo(500), "REDACTED" },
  } do
    it("is not printed after " .. fault[1], function()
      service = recorder.collect { fault[2] or "close" }
      local endpoint = service.endpoint
      if not fault[2] then
        service:stop()
        service = nil
      end
      for _, line in ipairs(lines) do
        assert.is_true(run(endpoint, (table.unpack or unpack)(line)) > 0, table.concat(line, " "))
      end
      vault:hide_requests(service and service:recorded(reader) or {})
      assert.matches(fault[3], vault:check())
    end)
  end

  it("is not printed with a token made of it, nor after a usage error", function()
    assert.equal(0, run("http://localhost:1", "token", "--user", "ann"))
    assert.equal(2, run("http://localhost:1", "token", "--protocol", "none"))
    assert.equal(2, run("http://localhost:1", "send"))
    vault:check()
  end)

  it("is not quoted from a connection string that is refused", function()
    for _, broken in ipairs {
      "AccessKey=" .. key,
      "Endpoint=http://localhost:1;AccessKey=" .. key .. ";Port=" .. key,
      "Endpoint=http://localhost:1;AccessKey=" .. key .. ";" .. key,
    } do
      local code, text = command.run_merged(broken, "send", "x")
      assert.equal(2, code, text)
      vault:note(text, select(2, webpubsub.from_connection_string(broken, "chat")))
    end
    vault:check()
  end)
end)

describe("a canary as the key of an event handler", function()
  it("comes out of no answer and no log line, whoever calls and whatever is raised", function()
    local vault = vaults.new()
    for _, key in ipairs(events.keys) do
      vault:hide(key)
    end
    local function raising()
      error "broken"
    end
    local made = events.handler { handle_connect = raising, handle_user_event = raising, on_connected = raising }
    local forged = { ["ce-signature"] = "sha256=" .. ("0"):rep(64) }
    for _, name in ipairs { "connect", "chat", "connected", "disconnected" } do
      for _, body in ipairs { "{}", "{", '{"claims":1}' } do
        vault:note(made.send(name, body), made.send(name, body, forged), made.send(name, body, { ["ce-hub"] = false }))
      end
    end
    vault:note(made.handler, made.lines, made.events)
    vault:note(events.raised(webpubsub.event_handler, { hub = "chat", access_keys = events.keys, insecure = true }))
    assert.matches("broken", vault:check())
  end)
end)
