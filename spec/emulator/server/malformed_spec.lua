-- Over two hundred malformed inputs on real connections: the service lives on, and no answer is a 5xx for what is the
-- caller's fault.

local core = require "webpubsub.core"
local emulator_module = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"
local vectors = require "spec.vectors.filters"

local heads = {
  "",
  "\r\n\r\n\r\n",
  "GET",
  "GET /",
  "GET / HTTP",
  "GET / HTTP/2.0",
  "GET / HTTP/1.2",
  "GET  / HTTP/1.1",
  "GET / HTTP/1.1 x",
  " GET / HTTP/1.1",
  "G\0T / HTTP/1.1",
  "GET /\0 HTTP/1.1",
  "GET /\255 HTTP/1.1",
  "\22\3\1\2\0\1\0\1\252\3\3",
  "PRI * HTTP/2.0",
  "GET / HTTP/1.1\r\nHost",
  "GET / HTTP/1.1\r\n: x",
  "GET / HTTP/1.1\r\nHost : h",
  "GET / HTTP/1.1\r\nA: b\r\n c: d",
  "GET / HTTP/1.1\r\nA: \0",
  "GET / HTTP/1.1\r\nA\0: b",
  "GET / HTTP/1.1\r\n(a): b",
  "GET / HTTP/1.1\r\nContent-Length: x",
  "GET / HTTP/1.1\r\nContent-Length: -1",
  "GET / HTTP/1.1\r\nContent-Length: 1, 1",
  "GET / HTTP/1.1\r\nContent-Length: 0x1",
  "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
  "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999",
  "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1",
  "GET / HTTP/1.1\r\nTransfer-Encoding: gzip",
  "OPTIONS * HTTP/1.1\r\nHost: h",
  "CONNECT h:1 HTTP/1.1\r\nHost: h",
  "GET http://h/%ZZ HTTP/1.1\r\nHost: h",
  "GET /api/health HTTP/1.1",
  "HEAD /api/health HTTP/1.1",
  "HEAD /api/health HTTP/1.1\r\nHost: a\r\nHost: b",
  "HEAD /api/health HTTP/1.1\r\nHost: a b",
  "HEAD /api/health HTTP/1.1\r\nHost: ",
  "GET / HTTP/1.1\r\n" .. ("a: b\r\n"):rep(300),
  "GET /" .. ("a"):rep(140000) .. " HTTP/1.1",
  "GET / HTTP/1.1\r\nA: " .. ("b"):rep(140000),
}

local targets = {
  "/",
  "//",
  "/api",
  "/api/",
  "/api/hubs",
  "/api/hubs/",
  "/api/hubs//:send",
  "/api/hubs/1a/:send",
  "/api/hubs/a%20b/:send",
  "/api/hubs/%00/:send",
  "/api/hubs/chat/%3Asendx",
  "/api/hubs/chat/:send/",
  "/api/hubs/chat/:Send",
  "/api/hubs/chat/../:send",
  "/api/hubs/chat/%2e%2e/:send",
  "/api/hubs/chat/groups/%20/:send",
  "/api/hubs/chat/groups//:send",
  "/api/hubs/chat/groups/%/:send",
  "/api/hubs/chat/groups/%f/:send",
  "/api/hubs/chat/groups/%ff/:send",
  "/api/hubs/chat/groups/%c3%28/:send",
  "/api/hubs/chat/groups/a%0Ab/:send",
  "/api/hubs/chat/groups/" .. ("g"):rep(1025) .. "/:send",
  "/api/hubs/chat/users//:send",
  "/api/hubs/chat/users/%zz/:send",
  "/api/hubs/chat/connections//:send",
  "/api/hubs/chat/:send?%",
  "/api/hubs/chat/:send?a=%zz",
  "/api/hubs/chat/:send?a=%ff",
  "/api/hubs/chat/:send?api-version=x",
  "/api/hubs/chat/:send?api-version=2024-12-01&api-version=x",
  "/api/hubs/chat/:send?messageTtlSeconds=301",
  "/api/hubs/chat/:send?messageTtlSeconds=-1",
  "/api/hubs/chat/:send?messageTtlSeconds=x",
  "/api/hubs/chat/:send?messageTtlSeconds=1.5",
  "/api/hubs/chat/:send?messageTtlSeconds=1e9",
  "/api/hubs/chat/:send?api-version=2021-10-01&filter=true",
  "/api/hubs/" .. ("h"):rep(129) .. "/:send",
  "/client",
  "/client/hubs",
  "/client/hubs/",
  "/client/hubs/chat",
  "/client/hubs/chat/x",
  "/clients/x/hubs/chat",
}

local tokens = {
  "",
  "x",
  "a.b",
  "a.b.c",
  "....",
  "a.b.c.d",
  "\1",
  ("a"):rep(60000),
  "e30.e30.",
  "e30.e30.AA",
  ".e30.AA",
  "e30..AA",
  "bnVsbA.e30.AA",
  "W10.e30.AA",
  "eyJhbGciOiJub25lIn0.e30.",
  "eyJhbGciOiJIUzI1NiJ9.e30.AA",
  "eyJhbGciOiJIUzI1NiJ9.bnVsbA.AA",
  "eyJhbGciOjF9.e30.AA",
  "eyJhbGciOiJSUzI1NiJ9.e30.AA",
  "e30=.e30=.AA==",
  "e3 0.e30.AA",
  "_-_.___.---",
}

local claims = {
  '{"aud":1}',
  '{"aud":[]}',
  '{"aud":null}',
  "{}",
  "[]",
  "null",
  '"x"',
  '{"exp":"x"}',
  '{"exp":1e999}',
  '{"exp":-1}',
  '{"aud":{}}',
  '{"role":1}',
  '{"role":{}}',
  '{"role":[1]}',
  '{"webpubsub.group":1}',
  '{"webpubsub.group":[""]}',
  '{"sub":{}}',
  '{"sub":[]}',
  "not json",
  "{",
  '{"aud":"\255"}',
}

local messages = {
  "",
  " ",
  "x",
  "{",
  "}",
  "[]",
  "null",
  "1",
  '"x"',
  "{}",
  '{"type":1}',
  '{"type":null}',
  '{"type":"x"}',
  '{"type":"joinGroup"}',
  '{"type":"joinGroup","group":1}',
  '{"type":"joinGroup","group":""}',
  '{"type":"joinGroup","group":" ","ackId":1}',
  '{"type":"joinGroup","group":"g","ackId":-1}',
  '{"type":"joinGroup","group":"g","ackId":1.5}',
  '{"type":"joinGroup","group":"g","ackId":"1"}',
  '{"type":"joinGroup","group":"g","ackId":18446744073709551616}',
  '{"type":"joinGroup","group":"g","ackId":01}',
  '{"type":"sendToGroup","group":"g"}',
  '{"type":"sendToGroup","group":"g","data":null}',
  '{"type":"sendToGroup","data":1}',
  '{"type":"sendToGroup","group":"g","dataType":"x","data":1}',
  '{"type":"sendToGroup","group":"g","dataType":1,"data":1}',
  '{"type":"sendToGroup","group":"g","dataType":"text","data":1}',
  '{"type":"sendToGroup","group":"g","dataType":"binary","data":"*"}',
  '{"type":"sendToGroup","group":"g","data":1,"noEcho":"yes"}',
  '{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":301}',
  '{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":"1"}',
  '{"type":"sendToGroup","group":"g","data":1,"metadata":1}',
  '{"type":"sendToGroup","group":"g","data":1,"metadata":{"a b":"c"}}',
  '{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":1}}',
  '{"type":"sendToGroup","group":"g","data":1,"metadata":{"a":"ü"}}',
  '{"type":"event"}',
  '{"type":"event","event":1,"data":1}',
  '{"type":"event","event":"1a","data":1}',
  '{"type":"event","event":"a b","data":1,"ackId":1}',
  '{"type":"event","event":"e"}',
  '{"type":"sequenceAck"}',
  '{"type":"sequenceAck","sequenceId":-1}',
  '{"type":"sequenceAck","sequenceId":"1"}',
  '{"type":"invoke"}',
  '{"type":"streamData"}',
  '{"type":"sendToGroup","group":"g","stream":1}',
  '{"type":"sendToGroup","group":"g","stream":{}}',
  '{"type":"joinGroup","group":"g"',
  '{"type":"joinGroup","group":"g",}',
  '{"type":"joinGroup" "group":"g"}',
  '{type:"ping"}',
  "{'type':'ping'}",
  '{"type":"ping"}x',
  '{"type":"\\u12"}',
  '{"type":"\\x"}',
  '{"type":"pi\nng"}',
  '{"type":"event","event":"e","data":1e}',
  '{"type":"event","event":"e","data":NaN}',
  ("["):rep(5000),
  ('{"a":'):rep(5000),
}

local bodies = {
  "",
  "x",
  "{",
  "[]",
  "null",
  '{"groups":null}',
  '{"groups":[]}',
  '{"groups":[1]}',
  '{"groups":[""]}',
  '{"groups":"a"}',
  '{"groups":{}}',
  '{"groups":["a"],"filter":1}',
  '{"groups":["a"],"filter":"groups"}',
  '{"groups":["a"],"filter":[]}',
  '{"groups":["a"]',
  "\255\254",
  ("["):rep(100000),
  '{"groups":["' .. ("g"):rep(1025) .. '"]}',
}

-- Frames after a handshake, unmasked or otherwise wrong (RFC 6455).
local frames = {
  "\129\5hello",
  "\193\128\0\0\0\0",
  "\161\128\0\0\0\0",
  "\145\128\0\0\0\0",
  "\131\128\0\0\0\0",
  "\143\128\0\0\0\0",
  "\128\128\0\0\0\0",
  "\9\128\0\0\0\0",
  "\137\254\0\126\0\0\0\0",
  "\136\129\0\0\0\0\3",
  "\136\130\0\0\0\0\3\231",
  "\136\130\0\0\0\0\3\237",
  "\136\132\0\0\0\0\3\232\255\255",
  "\129\129\0\0\0\0\255",
  "\129\255\255\255\255\255\255\255\255\255\0\0\0\0",
  "\130\255\0\0\0\0\0\16\0\1\0\0\0\0",
  "\1\129\0\0\0\0a\129\129\0\0\0\0b",
  "\136\128\0\0\0\0",
  "\129",
  "\129\254\1",
}

describe("malformed input", function()
  local emulator
  local count = 0

  setup(function()
    emulator = assert(emulator_module.start { port = 0, log_level = "off" })
  end)

  teardown(function()
    assert(emulator:stop(), "the process has lived to the end")
  end)

  local function each(list, check)
    for _, input in ipairs(list) do
      count = count + 1
      check(input)
    end
    assert.are.equal(200, (peer.rest(emulator, "HEAD", "/api/health")))
  end

  local function raw(bytes)
    local socket = peer.connect(emulator)
    socket:xwrite(bytes, "bn", peer.seconds)
    socket:shutdown "w"
    local answer = socket:xread(-65536, "b", peer.seconds) or ""
    socket:close()
    return answer
  end

  local function never_5xx(answer, input)
    assert(not answer:find "^HTTP/1.1 5", ("%q: %s"):format(input:sub(1, 100), answer:sub(1, 60)))
  end

  it("in request heads", function()
    each(heads, function(text)
      never_5xx(raw(text .. "\r\n\r\n"), text)
    end)
  end)

  local function signed(target, method, body, content_type)
    local head = ("%s %s HTTP/1.1\r\nHost: localhost:%d\r\nConnection: close\r\nContent-Length: %d\r\n"):format(
      method,
      target,
      emulator.port,
      #body
    )
    local token = peer.token(emulator, { aud = emulator.endpoint .. target:match "^[^?]*" })
    local lines = "Authorization: Bearer " .. token .. "\r\nContent-Type: " .. content_type .. "\r\n\r\n"
    return raw(head .. lines .. body)
  end

  it("in URLs", function()
    each(targets, function(target)
      local answer = signed(target, "POST", "x", "text/plain")
      assert(answer:find "^HTTP/1.1 4", target .. ": " .. answer:sub(1, 60))
    end)
  end)

  it("in filters", function()
    each(vectors.invalid, function(text)
      local target = "/api/hubs/chat/:send?filter=" .. core.percent_encode(text)
      assert.is_truthy(signed(target, "POST", "x", "text/plain"):find "^HTTP/1.1 400 ")
    end)
    each({ ("("):rep(100000), (")"):rep(100000) }, function(text)
      local answer = signed("/api/hubs/chat/:send?filter=" .. text, "POST", "x", "text/plain")
      assert(answer:find "^HTTP/1.1 400 ", answer:sub(1, 60))
    end)
    each({ ("("):rep(100000) }, function(text)
      local body = '{"groups":["g"],"filter":"' .. text .. '"}'
      assert.is_truthy(signed("/api/hubs/chat/:addToGroups", "POST", body, "application/json"):find "^HTTP/1.1 400 ")
    end)
  end)

  it("in bodies", function()
    each(bodies, function(body)
      assert.is_truthy(signed("/api/hubs/chat/:addToGroups", "POST", body, "application/json"):find "^HTTP/1.1 4")
    end)
  end)

  local upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    .. "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

  it("in tokens and claims", function()
    local function refused(token)
      local head = ("HEAD /api/hubs/chat/users/a HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n\r\n"):format(token)
      assert(raw(head):find "^HTTP/1.1 4", token:sub(1, 40))
      local client = ("GET /client/hubs/chat?access_token=%s HTTP/1.1\r\nHost: h\r\n%s"):format(token, upgrade)
      assert(raw(client):find "^HTTP/1.1 4", token:sub(1, 40))
    end
    each(tokens, refused)
    each(claims, function(text)
      local input = core.token_input('{"alg":"HS256"}', text)
      local key = require("webpubsub.mac").new(emulator.access_key)
      refused(input .. "." .. core.base64url_encode(key:sign(input)))
    end)
  end)

  it("in client messages", function()
    each(messages, function(text)
      local client = peer.websocket(emulator, {})
      peer.connection_id(client)
      assert(client:send(text, "text", peer.seconds))
      client:send('{"type":"ping"}', "text", peer.seconds)
      local answer = assert(peer.receive(client))
      local kind = core.json_string(core.json_members(answer).type)
      assert(kind == "system" or kind == "ack" or kind == "pong", answer)
      client.socket:close()
    end)
  end)

  it("in WebSocket frames", function()
    each(frames, function(bytes)
      local socket = peer.raw_websocket(emulator)
      socket:xwrite(bytes, "bn", peer.seconds)
      socket:shutdown "w"
      while socket:xread(-4096, "b", peer.seconds) do
      end
      socket:close()
    end)
  end)

  it("counts at least two hundred cases", function()
    assert.is_true(count >= 200, tostring(count))
  end)
end)
