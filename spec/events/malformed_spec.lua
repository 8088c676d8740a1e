-- Requests that are no events: each gets a 4xx and reaches nobody.

local core = require "webpubsub.core"
local mac = require "webpubsub.mac"
local support = require "spec.events.support"

local long = ("x"):rep(5000)

local function hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

local bad_json = {
  "",
  " ",
  "{",
  "}",
  "[",
  "[]",
  "null",
  "1",
  '"text"',
  "true",
  "{]",
  "{}{}",
  "{} x",
  "{,}",
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  "{a:1}",
  "{'a':1}",
  '{"a":01}',
  '{"a":NaN}',
  '{"a":Infinity}',
  '{"a":0x10}',
  '{"a":"\\x"}',
  '{"a":"\\ud800"}',
  '{"a":"\255"}',
  '{"a":"\1"}',
  '{"a":tru}',
  "\239\187\191{}",
  "\0",
  ('{"a":'):rep(2000) .. "1" .. ("}"):rep(2000),
  ("["):rep(100000),
}

local bad_connects = {
  '{"claims":1}',
  '{"claims":"x"}',
  '{"claims":{"a":1}}',
  '{"claims":{"a":[1]}}',
  '{"claims":[["a"]]}',
  '{"query":true}',
  '{"query":{"a":"b"}}',
  '{"headers":{"a":{"b":1}}}',
  '{"subprotocols":"x"}',
  '{"subprotocols":[1]}',
  '{"subprotocols":{"a":"b"}}',
  '{"clientCertificates":["x"]}',
  '{"clientCertificates":1}',
}

local bad_mqtt = {
  "{}",
  '{"mqtt":1}',
  '{"mqtt":null}',
  '{"mqtt":{}}',
  '{"mqtt":{"protocolVersion":"5"}}',
  '{"mqtt":{"protocolVersion":5,"username":1}}',
  '{"mqtt":{"protocolVersion":5,"password":"*"}}',
  '{"mqtt":{"protocolVersion":5,"password":{}}}',
  '{"mqtt":{"protocolVersion":5,"userProperties":1}}',
  '{"mqtt":{"protocolVersion":5,"userProperties":[1]}}',
  '{"mqtt":{"protocolVersion":5,"userProperties":[{"name":1,"value":"v"}]}}',
  '{"mqtt":{"protocolVersion":5,"userProperties":[{"name":"n"}]}}',
}

local bad_headers = {
  { ["ce-type"] = false },
  { ["ce-type"] = "" },
  { ["ce-type"] = "azure.webpubsub" },
  { ["ce-type"] = "azure.webpubsub." },
  { ["ce-type"] = "azure.webpubsub.user." },
  { ["ce-type"] = "azure.webpubsub.sys.connect.x" },
  { ["ce-type"] = "azure.webpubsub.sys.unknown" },
  { ["ce-type"] = "azure.webpubsub.gp.gone" },
  { ["ce-type"] = "AZURE.webpubsub.sys.connect" },
  { ["ce-type"] = "Microsoft.SignalRService.WebPubSubConnected" },
  { ["ce-type"] = long },
  { ["ce-type"] = { "azure.webpubsub.sys.connect", "azure.webpubsub.sys.connected" } },
  { ["ce-specversion"] = false },
  { ["ce-specversion"] = "0.3" },
  { ["ce-specversion"] = "1.0 " },
  { ["ce-id"] = false },
  { ["ce-id"] = "" },
  { ["ce-hub"] = false },
  { ["ce-hub"] = "" },
  { ["ce-hub"] = "other" },
  { ["ce-hub"] = "chat " },
  { ["ce-hub"] = { "chat", "other" } },
  { ["ce-hub"] = long },
  { ["ce-connectionId"] = false },
  { ["ce-connectionId"] = "" },
  { ["ce-connectionId"] = "\255" },
  { ["ce-connectionId"] = long },
  { ["CE-CONNECTIONID"] = "second" },
  { ["ce-signature"] = false },
  { ["ce-signature"] = ("sha256=,"):rep(2000) },
  { ["ce-signature"] = "sha256=" .. ("\0"):rep(64) },
  { ["ce-userId"] = { "ann", "bob" } },
  { ["ce-connectionState"] = { "e30=", "e30=" } },
  { ["WebHook-Request-Origin"] = false },
  { ["WebHook-Request-Origin"] = "" },
  { ["WebHook-Request-Origin"] = { "a", "b" } },
  { ["Content-Length"] = "2097153" },
  { ["Content-Length"] = ("9"):rep(400) },
}

local bad_media = { false, "", "text/html", "image/png", "application", "/", ";", "multipart/form-data", long }

local bad_groups = { "{}", '{"group":""}', '{"group":1}', '{"group":null}', '{"group":["a"]}' }

local methods = { "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "post", "", "\0" }

local mqtt_headers = { ["ce-subprotocol"] = "MQTT", ["ce-physicalConnectionId"] = "p" }

local function cases()
  local list = {}
  local function add(name, ...)
    list[#list + 1] = { name, support.request(...) }
  end
  for i, body in ipairs(bad_json) do
    add("bad JSON " .. i, "connect", body)
    add("bad JSON " .. i, "disconnected", body)
  end
  for _, body in ipairs { "{", "", "nul", "\255" } do
    add("bad JSON of a user", "message", body)
  end
  for _, body in ipairs(bad_connects) do
    add(body, "connect", body)
  end
  for _, body in ipairs(bad_mqtt) do
    add(body, "connect", body, mqtt_headers)
  end
  for i, changes in ipairs(bad_headers) do
    add("headers " .. i, "connect", "{}", changes)
  end
  for i, media in ipairs(bad_media) do
    add("media type " .. i, "message", "x", { ["Content-Type"] = media })
  end
  for _, body in ipairs(bad_groups) do
    add(body, "joined", body)
  end
  for _, body in ipairs { '{"reason":1}', '{"reason":{}}' } do
    add(body, "disconnected", body)
  end
  for _, body in ipairs { '{"mqtt":1}', '{"mqtt":{"disconnectPacket":1}}' } do
    add(body, "disconnected", body, mqtt_headers)
  end
  add("text that is not UTF-8", "message", "\255", { ["Content-Type"] = "text/plain" })
  for _, method in ipairs(methods) do
    add("method " .. method, "connect")
    list[#list][2].method = method
  end
  return list
end

describe("a malformed request", function()
  local list = cases()

  it("is one of at least 100", function()
    assert.is_true(#list >= 100, #list)
  end)

  for i, case in ipairs(list) do
    it(("gets a 4xx and reaches nobody, %d: %s"):format(i, case[1]:sub(1, 60):gsub("%c", " ")), function()
      local made = support.handler()
      local response = made.handler:handle(case[2])
      assert.is_true(response.status >= 400 and response.status < 500, response.status)
      assert.is_true(#response.body < 200)
      assert.equal(0, made.calls)
      assert.equal(1, #made.lines)
      assert.is_true(#made.lines[1] < 300)
    end)
  end

  it("is a body over max_body: 413, announced or not", function()
    local made = support.handler { max_body = 10 }
    assert.equal(204, made.send("message", '"12345678"').status)
    assert.equal(413, made.send("message", '"123456789"').status)
    local request = support.request "message"
    request.body, request.read_body =
      nil, function(limit)
        assert.equal(10, limit)
        return nil, "too_large"
      end
    assert.equal(413, made.handler:handle(request).status)
    request.read_body = function()
      return nil, "reset by peer"
    end
    assert.equal(400, made.handler:handle(request).status)
    assert.equal(1, made.calls)
  end)
end)

--- A generator of our own, so that a failing round can be run again.
local function generator(seed)
  return function(most)
    seed = (seed * 16807) % 2147483647
    return seed % most + 1
  end
end

describe("random bytes", function()
  local alphabet =
    { "=", ",", "sha256", "ce-", "{", "}", '"', ":", "\\", "%", "e30=", "\0", "\255", " ", "[", "1", "a" }

  local function noise(random)
    local parts = {}
    for i = 1, random(30) do
      parts[i] = random(3) == 1 and string.char(random(256) - 1) or alphabet[random(#alphabet)]
    end
    return table.concat(parts)
  end

  local names = {
    "ce-signature",
    "ce-connectionState",
    "ce-type",
    "ce-hub",
    "ce-id",
    "ce-userId",
    "Content-Type",
    "ce-specversion",
  }

  it("in headers and bodies never make a handler fail", function()
    local random = generator(20260102)
    local made = support.handler()
    for round = 1, 3000 do
      local request =
        support.request(random(2) == 1 and "connect" or "message", random(2) == 1 and noise(random) or "{}")
      request.headers[names[random(#names)]] = noise(random)
      local before = made.calls
      local response = made.handler:handle(request)
      assert.is_true(response.status < 500, round)
      assert.equal(response.status < 300 and 1 or 0, made.calls - before, round)
    end
  end)

  it("as a state are read as an empty table or as the object that they are", function()
    local random, state = generator(7), require "webpubsub.events.state"
    for _ = 1, 3000 do
      local text = noise(random)
      assert.equal("table", type(state.read(text)))
      assert.equal("table", type(state.read(core.base64_encode(text))))
      assert(core.json_check(core.base64_decode(state.write(core.base64_encode(text), { a = "[1]" }))))
    end
  end)

  it("as a signature are never the right one", function()
    local random, made = generator(11), support.handler()
    local right = hex(mac.new(support.first.key):sign(support.first.connection_id))
    assert.equal(support.first.hex, right)
    for _ = 1, 2000 do
      local i, digit = random(64), ("%x"):format(random(16) - 1)
      local changed = right:sub(1, i - 1) .. digit .. right:sub(i + 1)
      local status = made.send("connect", "{}", { ["ce-signature"] = "sha256=" .. changed }).status
      assert.equal(changed == right and 204 or 401, status)
    end
  end)
end)
