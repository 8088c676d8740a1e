-- What the doctor finds. The emulator is the patient; a recorder plays a service with another clock.

local cjson = require "cjson"
local diagnosis = require "webpubsub.command.diagnosis"
local http_date = require "webpubsub.http_date"
local emulator = require "webpubsub.emulator"
local recorder = require "spec.support.recorder"
local support = require "spec.command.support"
local webpubsub = require "webpubsub"

local function states_of(text)
  local states = {}
  for _, finding in ipairs(cjson.decode(text).findings) do
    states[finding.check] = finding.state
    states[finding.check .. " text"] = finding.text
  end
  return states
end

describe("the doctor", function()
  local service

  setup(function()
    service = assert(emulator.start())
  end)

  teardown(function()
    service:stop()
  end)

  local function examine(connection_string, ...)
    local code, text = support.run(connection_string, "doctor", "--json", ...)
    return code, states_of(text)
  end

  it("finds nothing wrong with a good connection, and shows that a client gets messages", function()
    local code, text = support.run_merged(service.connection_string, "doctor")
    assert.equal(0, code, text)
    assert.is_nil(text:find("PROBLEM", 1, true))
    assert.matches("A client connected to the hub and got a message", text)
    assert.is_nil(text:find("ABCDEFGH", 1, true))
  end)

  it("sees a wrong key", function()
    local wrong = service.connection_string:gsub("AccessKey=A", "AccessKey=B")
    local code, states = examine(wrong)
    assert.equal(1, code)
    assert.same({ "ok", "ok", "problem" }, { states.reachability, states.clock, states.key })
    assert.matches("401", states["key text"] and states["key text"] or "401")
    local _, text = support.run_merged(wrong, "doctor")
    assert.matches("PROBLEM  The service answers 401[^\n]*aud http://localhost:%d+/api/hubs/chat", text)
    assert.is_nil(text:find("BCDEFGHIJ", 1, true))
  end)

  it("sees a key that was copied with quotation marks", function()
    local code, states = examine((service.connection_string:gsub("AccessKey=([^;]*)", 'AccessKey="%1"')))
    assert.same({ 1, "problem" }, { code, states["key text"] })
  end)

  it("sees that nothing listens", function()
    local code, states = examine "Endpoint=http://127.0.0.1:1;AccessKey=k;"
    assert.same({ 1, "problem" }, { code, states.reachability })
    assert.matches("Nothing accepts connections", states["reachability text"])
    assert.is_nil(states.key)
  end)

  it("sees bad hub and group names", function()
    local code, states = examine(service.connection_string, "--hub", "9lives")
    assert.same({ 1, "problem" }, { code, states.hub })
    code, states = examine(service.connection_string, "--group", "a/b")
    assert.same({ 1, "problem" }, { code, states.group })
  end)

  it("sees that nobody is in the group", function()
    local code, states = examine(service.connection_string, "--group", "empty")
    assert.same({ 1, "problem", "ok" }, { code, states.listeners, states["round trip"] })
  end)

  it("sees a clock that is an hour off, and explains the 401 with it", function()
    local an_hour_ago = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() - 3600)
    local there = recorder.start {
      "HTTP/1.1 200 OK\r\nDate: " .. an_hour_ago .. "\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
    }
    local code, states = examine("Endpoint=" .. there.endpoint .. ";AccessKey=k;")
    there:stop()
    assert.same({ 1, "problem", "problem" }, { code, states.clock, states.key })
    assert.matches("ahead of", states["clock text"])
  end)

  it("sees that something else answers at the endpoint", function()
    local there = recorder.start { "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" }
    local code, states = examine("Endpoint=" .. there.endpoint .. ";AccessKey=k;")
    there:stop()
    assert.same({ 1, "problem" }, { code, states.reachability })
  end)

  it("shows where a token's audience goes wrong", function()
    local doubled = service.endpoint .. "/"
    local key = service.access_key
    -- A URL that was put together with a slash too many.
    local mac = require("webpubsub.mac").new(key)
    local core = require "webpubsub.core"
    local claims = core.json_encode { aud = doubled .. "/client/hubs/chat", exp = os.time() + 600 }
    local input = core.token_input('{"alg":"HS256","typ":"JWT"}', claims)
    local token = input .. "." .. core.base64url_encode(mac:sign(input))
    local code, states = examine(service.connection_string, "--token", token)
    assert.same({ 1, "ok", "ok", "problem" }, { code, states.signature, states.time, states.aud })
    local position = #service.endpoint + 2
    assert.truthy(
      states["aud text"]:find(("character %d, where it has '/' and 'c' is expected"):format(position), 1, true)
    )
    local good = webpubsub.from_connection_string(service.connection_string, "chat"):get_client_access_token().url
    code, states = examine(service.connection_string, "--token", good)
    assert.same({ 0, "ok", "ok", "ok" }, { code, states.signature, states.time, states.aud })
    assert.is_nil(states.membership)
    local hub = webpubsub.from_connection_string(service.connection_string, "chat")
    local function membership(options)
      local url = assert(hub:get_client_access_token(options)).url
      local _, found = examine(service.connection_string, "--token", url, "--group", "lobby")
      return found.membership
    end
    assert.equal("problem", membership { groups = { "Lobby" }, roles = { "webpubsub.sendToGroup.lobby" } })
    assert.equal("ok", membership { groups = { "red", "lobby" } })
    assert.equal("ok", membership { roles = { "webpubsub.joinLeaveGroup.lobby" } })
    assert.equal("unknown", membership { roles = { "webpubsub.joinLeaveGroups.lob*" } })
    code, states = examine(service.connection_string, "--token", "nonsense")
    assert.same({ 1, "problem" }, { code, states.token })
  end)
end)

describe("a diagnosis", function()
  it("reads dates as RFC 9110 gives them", function()
    -- RFC 9110 section 5.6.7 has this example; date -u -d '1994-11-06 08:49:37' +%s gives the number.
    assert.equal(784111777, http_date.read "Sun, 06 Nov 1994 08:49:37 GMT")
    assert.equal(784111777, http_date.read "Sun Nov  6 08:49:37 1994") -- the same moment there, in the oldest form
    assert.equal(951782400, http_date.read "Tue, 29 Feb 2000 00:00:00 GMT")
    assert.equal(0, http_date.read "Thu, 01 Jan 1970 00:00:00 GMT")
    for _, bad in ipairs { "", "yesterday", "Sun, 06 Foo 1994 08:49:37 GMT" } do
      assert.is_nil(http_date.read(bad))
    end
  end)

  it("tolerates five minutes", function()
    local date, now = "Sun, 06 Nov 1994 08:49:37 GMT", 784111777
    assert.equal("ok", diagnosis.clock(date, now + 299).state)
    assert.equal("problem", diagnosis.clock(date, now + 301).state)
    assert.equal("problem", diagnosis.clock(date, now - 301).state)
    assert.equal("unknown", diagnosis.clock(nil, now).state)
  end)

  it("compares audiences without letter case, character by character", function()
    assert.is_nil(diagnosis.difference("http://Host/a", "http://host/A"))
    assert.matches(
      "character 12, where it has the end and '/' is",
      (diagnosis.difference("http://host/a", "http://host"))
    )
    assert.matches(
      "character 14, where it has '/' and the end is",
      (diagnosis.difference("http://host/a", "http://host/a/"))
    )
  end)

  it("names what is wrong with a token", function()
    local key = require("webpubsub.mac").new "k"
    local facts = { mac = key, audience = "http://h", now = 2000000000 }
    local core = require "webpubsub.core"
    local function states(header, claims, signer)
      local input = core.token_input(header, claims)
      local token = input .. "." .. core.base64url_encode((signer or key):sign(input))
      local found = {}
      for _, one in ipairs(diagnosis.token(token, facts)) do
        found[#found + 1] = one.check .. " " .. one.state
      end
      return table.concat(found, ", ")
    end
    local header = '{"alg":"HS256"}'
    local other = require("webpubsub.mac").new "other"
    local good = "signature ok, time ok, aud ok"
    assert.equal(good, states(header, '{"aud":"http://h","exp":2000000001}'))
    assert.equal(
      (good:gsub("signature ok", "signature problem")),
      states(header, '{"aud":"http://h","exp":2000000001}', other)
    )
    assert.equal(
      (good:gsub("signature ok", "signature problem")),
      states('{"alg":"RS256"}', '{"aud":"http://h","exp":2000000001}')
    )
    assert.equal((good:gsub("time ok", "time problem")), states(header, '{"aud":"http://h","exp":1999999000}'))
    assert.equal((good:gsub("time ok", "time problem")), states(header, '{"aud":"http://h"}'))
    assert.equal(
      (good:gsub("time ok", "time problem")),
      states(header, '{"aud":"http://h","exp":2000009999,"nbf":2000001000}')
    )
    assert.equal((good:gsub("aud ok", "aud problem")), states(header, '{"exp":2000000001}'))
  end)
end)
