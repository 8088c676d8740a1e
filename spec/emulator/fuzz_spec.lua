-- Mutated input for every pure parser: none may raise, and what one accepts must be what the next stage takes.

local answer = require "webpubsub.emulator.webhook.answer"
local auth = require "webpubsub.emulator.auth"
local charset = require "webpubsub.emulator.rest.charset"
local claims = require "webpubsub.emulator.claims"
local config = require "webpubsub.emulator.config"
local connect = require "webpubsub.emulator.webhook.connect"
local core = require "webpubsub.core"
local filter = require "webpubsub.emulator.filter"
local frame = require "webpubsub.emulator.frame"
local head = require "webpubsub.emulator.head"
local json = require "webpubsub.emulator.protocol.json"
local metadata = require "webpubsub.emulator.metadata"
local pattern = require "webpubsub.emulator.pattern"
local rest = require "webpubsub.emulator.rest"
local session = require "webpubsub.emulator.session"
local support = require "spec.emulator.support"
local uri = require "webpubsub.emulator.uri"
local vectors = require "spec.vectors.filters"

local rounds = tonumber(os.getenv "WEBPUBSUB_FUZZ_ROUNDS") or 400
local seed = tonumber(os.getenv "WEBPUBSUB_FUZZ_SEED") or 20241201

-- A generator of our own, so that a seed means the same on every Lua (Park and Miller's constants).
local function generator(start)
  local value = start % 2147483646 + 1
  return function(limit)
    value = value * 16807 % 2147483647
    return value % limit + 1
  end
end

local pieces =
  { "", "\0", "\255", "'", '"', "{", "}", "[", "]", "(", ")", "%", "%2", "\\", "\r\n", "ü", "1e999", "null", "," }

local mutations = {
  function(text, random) -- another byte
    local at = random(#text + 1)
    return text:sub(1, at - 1) .. string.char(random(256) - 1) .. text:sub(at + 1)
  end,
  function(text, random) -- cut
    return text:sub(1, random(#text + 1) - 1)
  end,
  function(text, random) -- a piece more
    local at = random(#text + 1)
    return text:sub(1, at - 1) .. pieces[random(#pieces)] .. text:sub(at)
  end,
  function(text, random) -- a part again and again
    local from = random(#text + 1)
    local to = math.min(#text, from + random(8))
    return text:sub(1, to) .. text:sub(from, to):rep(random(40)) .. text:sub(to + 1)
  end,
  function(text, random) -- a part less
    local from = random(#text + 1)
    return text:sub(1, from - 1) .. text:sub(from + random(8))
  end,
}

local function mutate(text, random)
  for _ = 1, random(3) do
    text = mutations[random(#mutations)](text, random)
  end
  return text
end

local function fuzz(name, seeds, check)
  it("lets no input raise in " .. name, function()
    local random = generator(seed)
    for round = 1, rounds do
      local text = mutate(seeds[random(#seeds)], random)
      local ok, why = pcall(check, text)
      assert(ok, ("round %d, input %q: %s"):format(round, text, tostring(why)))
    end
  end)
end

local function lines_of(text)
  local list = {}
  for line in (text .. "\n"):gmatch "(.-)\r?\n" do
    list[#list + 1] = line
  end
  return list
end

local messages = {
  '{"type":"joinGroup","group":"g","ackId":1}',
  '{"type":"sendToGroup","group":"g","dataType":"binary","data":"AAEC","noEcho":true,"ttlSeconds":5,"ackId":2}',
  '{"type":"sendToGroup","group":"g","data":{"a":[1,null]},"metadata":{"k":"v"}}',
  '{"type":"event","event":"e","dataType":"text","data":"x"}',
  '{"type":"sequenceAck","sequenceId":3}',
  '{"type":"ping"}',
  '{"type":"invoke","invocationId":"i","target":"event","event":"e"}',
  '{"type":"sendToGroup","group":"g","stream":{"streamId":"s"}}',
}

local filters = {}
for index, row in ipairs(vectors.valid) do
  filters[index] = row[1]
end

local subjects = {
  { id = "a", groups = {}, group_count = 0 },
  { id = "b", user_id = "ü", groups = { g1 = true }, group_count = 1 },
}

local targets = {
  "/api/hubs/chat/:send?filter=userId%20eq%20'a'&excluded=b&messageTtlSeconds=3",
  "/api/hubs/chat/groups/g%20h/connections?top=3&maxpagesize=2",
  "/api/hubs/chat/permissions/sendToGroup/connections/c?targetName=g",
  "/api/hubs/chat/:generateToken?role=a&minutesToExpire=9",
}

describe("mutated input", function()
  fuzz("request heads", {
    "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5",
    "POST /a?b HTTP/1.0\nTransfer-Encoding: chunked\nConnection: keep-alive, x",
  }, function(text)
    local parsed, status = head.parse(lines_of(text))
    assert(parsed or status == 400)
  end)

  fuzz("paths and queries", { "/api/hubs/a%20b/%2F/é?x=1&y=%41+b", "/client/?hub=chat&access_token=x" }, function(text)
    local path, query = uri.split(text)
    assert(uri.segments(path) or select(2, uri.segments(path)))
    local values, why = uri.query(query)
    assert(values or why)
  end)

  fuzz("client messages", messages, function(text)
    local request, why = json.parse(text)
    assert(request or why)
  end)

  fuzz("clients' sessions", messages, function(text)
    local world = support.world()
    local roles = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup" }
    local client = support.client(world, { id = "c", roles = roles, groups = { "g" } })
    local effects = session.receive(world.state, client, { opcode = "text", data = text })
    for _, sent in ipairs(support.heard(effects, client)) do
      assert(sent:find "^close " or not core.utf8_length(text) or core.json_check(sent), sent)
    end
  end)

  fuzz("filters", filters, function(text)
    local is_meant, why = filter.compile(text, "filter")
    assert(is_meant or why)
    for _, subject in ipairs(subjects) do
      assert(not is_meant or type(is_meant(subject)) == "boolean")
    end
  end)

  fuzz("REST calls", targets, function(text)
    if not text:find "[%c \128-\255]" then -- the head refuses such a target
      for _, method in ipairs { "GET", "POST", "PUT", "HEAD" } do
        local result = support.call(support.world(), method, text)
        assert(result.status < 500, result.status)
      end
    end
  end)

  fuzz("REST bodies", { '{"groups":["a","b"],"filter":"true"}' }, function(text)
    local result = support.send(support.world(), "/api/hubs/chat/:addToGroups", text, support.json_body)
    assert(result.status < 500, result.status)
  end)

  fuzz("tokens", {
    support.token { aud = "a" },
    support.token({ aud = { "a" } }, { header = '{"alg":"none"}' }),
  }, function(text)
    local found, why = auth.check(support.world().mac, text, { "a" }, support.now)
    assert(found or why)
    auth.looks_like_entra(text, support.now)
  end)

  fuzz("claims", { '{"sub":"a","role":["webpubsub.sendToGroups.a*"],"webpubsub.group":["g"]}' }, function(text)
    local members = core.json_check(text) and core.json_members(text)
    if members then
      local found, why = claims.read(members)
      assert(found or why)
    end
  end)

  fuzz("connect answers", {
    '{"userId":"u","groups":["g"],"roles":["r"],"subprotocol":"s"}',
    "null",
  }, function(text)
    local found, status = connect.read { status = 200, headers = {}, body = text }
    assert(found or status == 500)
  end)

  fuzz("user event answers", { '{"a":1}', "text" }, function(text)
    for _, media in ipairs { "text/plain", "application/json", "", text } do
      local headers = { { "content-type", media }, { "ce-connectionstate", text }, { "set-cookie", text } }
      local outcome = answer.of_user_event({}, { status = 200, headers = headers, body = text })
      assert(type(outcome.handled) == "boolean")
    end
  end)

  fuzz("WebSocket frames", { "\129\133", "\1\254\1\2", "\136\130\3\232", "\130\255\0\0\0\0\0\1\0\0" }, function(text)
    if #text >= 2 then
      local start, code = frame.start(text:sub(1, 2))
      assert(start or code == 1002)
      frame.close_answer(text)
      local parts = frame.assembler(64)
      local data = start and (start.opcode == "text" or start.opcode == "binary" or start.opcode == "continuation")
      if data and parts:admits(start, #text) then
        parts:add(start, text)
      end
    end
  end)

  fuzz("metadata, patterns and character sets", { '{"k":"v"}', "a.*.b?", "utf-16" }, function(text)
    metadata.from_json(text)
    local compiled, why = pattern.compile(text)
    assert(compiled and type(compiled:matches "a.b") == "boolean" or why)
    for _, set in ipairs { "utf-8", "latin1", "utf-16", "utf-16le" } do
      charset.convert(set, text)
    end
    charset.is_known(text)
  end)

  fuzz("configurations", {
    "return { port = 1, hubs = { chat = { handlers = {} } } }",
    '{"port":1,"hubs":{"chat":{"handlers":[]}}}',
  }, function(text)
    if not text:find "while" and not text:find "repeat" and not text:find "for" and not text:find "goto" then
      for _, path in ipairs { "c.lua", "c.json" } do
        local value, why = config.parse(text, path)
        assert(value or why)
      end
    end
  end)

  it("has a REST room that answers", function()
    assert.are.equal(200, (rest.handle(support.world(), support.request("HEAD", "/api/health"))).status)
  end)
end)
