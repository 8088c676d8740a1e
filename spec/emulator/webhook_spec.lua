local answer = require "webpubsub.emulator.webhook.answer"
local config = require "webpubsub.emulator.config"
local connect = require "webpubsub.emulator.webhook.connect"
local options = require "webpubsub.emulator.options"
local request = require "webpubsub.emulator.webhook.request"
local retry = require "webpubsub.emulator.webhook.retry"
local settings = require "webpubsub.emulator.webhook.settings"
local support = require "spec.emulator.support"
local unacked = require "webpubsub.emulator.unacked"
local validation = require "webpubsub.emulator.webhook.validation"

local function response(status, body, headers)
  return { status = status, body = body or "", headers = headers or {} }
end

describe("settings of event handlers", function()
  local hubs = assert(settings.read {
    Chat = {
      handlers = {
        { url = "http://h/one", user_events = " Alpha, beta " },
        { url = "http://h/two", user_events = { "*" }, system_events = "connect" },
      },
    },
    _default = { anonymous = true, handlers = { { url = "http://h/rest", system_events = { "disconnected" } } } },
  })

  local function url(hub, kind, name)
    local handler = settings.handler(hubs, hub, kind, name)
    return handler and handler.url
  end

  it("give an event to the first handler that takes it, names without letter case", function()
    assert.are.equal("http://h/one", url("chat", "user", "ALPHA"))
    assert.are.equal("http://h/one", url("chat", "user", "beta"))
    assert.are.equal("http://h/two", url("chat", "user", "gamma"))
    assert.are.equal("http://h/two", url("chat", "connect"))
    assert.is_nil(url("chat", "connected"))
  end)

  it("let _default stand for hubs that are not named, and only for them", function()
    assert.are.equal("http://h/rest", url("other", "disconnected"))
    assert.is_nil(url("chat", "disconnected"))
    assert.is_true(settings.is_anonymous(hubs, "other"))
    assert.is_false(settings.is_anonymous(hubs, "chat"))
  end)

  it("are refused in one sentence when they are not valid", function()
    local function handler(fields)
      return { chat = { handlers = { fields } } }
    end
    for _, bad in ipairs {
      1,
      { ["1x"] = {} },
      { chat = 1 },
      { chat = { handler = {} } },
      { chat = { anonymous = 1 } },
      { chat = { handlers = { 1 } } },
      handler {},
      handler { url = "ftp://h/" },
      handler { url = "/relative" },
      handler { url = "http://{hub}.h/" },
      handler { url = "http://u:p@h/" },
      handler { url = "http://h/{group}" },
      handler { url = "http://h/#x" },
      handler { url = "http://h/a b" },
      handler { url = "http://h/", system_events = "joined" },
      handler { url = "http://h/", user_events = "a b" },
      handler { url = "http://h/", user_event = "*" },
    } do
      local read, why = settings.read(bad)
      assert.is_nil(read)
      assert.is_truthy(why:find "^%S.*%.$", why)
    end
  end)

  it("come from Lua files in an empty environment and from JSON files", function()
    local lua = assert(config.parse("local p = 1 return { port = p, hubs = { chat = { anonymous = true } } }", "c.lua"))
    assert.are.same({ port = 1, hubs = { chat = { anonymous = true } } }, lua)
    assert.are.same(lua, assert(config.parse('{"port":1,"hubs":{"chat":{"anonymous":true}}}', "c.json")))
    for _, text in ipairs { "return os.getenv 'HOME'", "x = 1", "return 1", "return {", "\27Lua", "error 'x'", "" } do
      local read, why = config.parse(text, "c.lua")
      assert.is_nil(read, text)
      assert.is_truthy(why:find "c.lua", why)
    end
    assert.is_nil((config.parse("{", "c.json")))
    assert.is_nil((config.read "/nonexistent/config.lua"))
  end)

  it("are options like limits and times, each checked", function()
    assert.are.equal(30, options.read({}).recovery_window)
    for _, bad in ipairs {
      { recovery_window = -1 },
      { event_timeout = 0 },
      { event_retry_delays = { -1 } },
      { event_retry_delays = "1" },
      { reliable_messages = 1.5 },
      { ping_interval = 0 },
      { hubs = { chat = 1 } },
      { unvalidated_entra_tokens = "yes" },
    } do
      assert.is_nil((options.read(bad)))
    end
  end)
end)

describe("an event's request", function()
  local world = support.world()
  local connection = { id = "c1", hub = "chat", user_id = "a\r\nb ü", subprotocol = "p", state = "s" }

  local function headers_of(event, fields)
    local made = request.of(world, fields or connection, event, "http://h/{HUB}?e={event}")
    local found = {}
    for _, header in ipairs(made.headers) do
      found[header[1]:lower()] = header[2]
    end
    return found, made
  end

  it("is a CloudEvent in binary mode", function()
    local event = { kind = "connected", id = 1, time = 1700000000 }
    local found, made = headers_of(event)
    assert.are.equal("http://h/chat?e=connected", made.url)
    assert.are.equal("{}", made.body)
    assert.are.equal("1.0", found["ce-specversion"])
    assert.are.equal("azure.webpubsub.sys.connected", found["ce-type"])
    assert.are.equal("/hubs/chat/client/c1", found["ce-source"])
    assert.are.equal("1", found["ce-id"])
    assert.are.equal("2023-11-14T22:13:20Z", found["ce-time"])
    assert.are.equal("p", found["ce-subprotocol"])
    assert.are.equal("s", found["ce-connectionstate"])
  end)

  it("carries a signature that openssl computes alike", function()
    local pipe = assert(io.popen(("printf c1 | openssl dgst -sha256 -hmac %s"):format(support.key)))
    local expected = pipe:read("*a"):match "(%x+)%s*$"
    pipe:close()
    assert.are.equal("sha256=" .. expected, request.signature(world.mac, "c1"))
  end)

  it("lets no user id break out of its header line", function()
    local found = headers_of { kind = "connected", id = 1, time = 0 }
    assert.are.equal("a%0D%0Ab ü", found["ce-userid"])
  end)

  it("has the content type of the client's data, its metadata and the handler's cookies", function()
    local message = { data_type = "binary", data = "\0", metadata = { Trace = "7" } }
    local cookies = { sid = "1", lang = "de" }
    local event = { kind = "user", name = "shout", id = 2, time = 0, message = message }
    local found, made = headers_of(event, { id = "c", hub = "chat", cookies = cookies })
    assert.are.equal("azure.webpubsub.user.shout", found["ce-type"])
    assert.are.equal("application/octet-stream", found["content-type"])
    assert.are.equal("7", found["x-webpubsub-metadata-trace"])
    assert.are.equal("lang=de; sid=1", found.cookie)
    assert.are.equal("\0", made.body)
    assert.is_nil(found["ce-userid"])
  end)

  it("has the reason of a disconnection", function()
    local _, made = headers_of { kind = "disconnected", id = 3, time = 0, reason = 'a "b"' }
    assert.are.equal('{"reason":"a \\"b\\""}', made.body)
  end)
end)

describe("an event handler's answer", function()
  local function outcome(status, body, headers)
    return answer.of_user_event({}, response(status, body, headers))
  end

  it("is a message of its content type", function()
    for media, data_type in pairs {
      ["text/plain"] = "text",
      ["Text/Plain; charset=utf-8"] = "text",
      ["application/json"] = "json",
      ["application/octet-stream"] = "binary",
    } do
      assert.are.equal(data_type, outcome(200, "1", { { "content-type", media } }).answer.data_type)
    end
    assert.are.equal("binary", outcome(200, "1").answer.data_type)
    assert.is_nil(outcome(204).answer)
    assert.is_nil(outcome(200, "").answer)
    local metadata = outcome(204, "", { { "x-webpubsub-metadata-k", "v" } }).answer
    assert.are.same({ data_type = "text", data = "", metadata = { k = "v" } }, metadata)
  end)

  it("is a failure with another status or type, and with data that is not of its type", function()
    for _, failed in ipairs {
      outcome(201, "x"),
      outcome(302),
      outcome(500),
      outcome(200, "x", { { "content-type", "text/html" } }),
      outcome(200, "x", { { "content-type", "application/x-protobuf" } }),
      outcome(200, "{", { { "content-type", "application/json" } }),
      outcome(200, "\255", { { "content-type", "text/plain" } }),
      outcome(200, "x", { { "x-webpubsub-metadata-k", "ü" } }),
    } do
      assert.is_false(failed.handled)
      assert.is_string(failed.why)
    end
  end)

  it("replaces, clears or keeps the connection state; the last header counts", function()
    local connection = { state = "old" }
    answer.of_user_event(connection, response(200))
    assert.are.equal("old", connection.state)
    answer.of_user_event(connection, response(500, "", { { "ce-connectionstate", "x" } }))
    assert.are.equal("old", connection.state)
    local headers = { { "ce-connectionstate", "a" }, { "ce-connectionstate", "b" } }
    answer.of_user_event(connection, response(204, "", headers))
    assert.are.equal("b", connection.state)
    answer.of_user_event(connection, response(204, "", { { "ce-connectionstate", "" } }))
    assert.is_nil(connection.state)
  end)

  it("sets cookies and takes them back", function()
    local connection = {}
    answer.keep_cookies(connection, response(200, "", { { "set-cookie", "a=1; Path=/" }, { "set-cookie", "b=2" } }))
    assert.are.same({ a = "1", b = "2" }, connection.cookies)
    answer.keep_cookies(connection, response(200, "", { { "set-cookie", "a=; Max-Age=0" } }))
    assert.are.same({ b = "2" }, connection.cookies)
  end)

  it("finds no place for more than 50 cookies, and still replaces those and takes them back", function()
    local connection, lines = {}, {}
    for number = 1, 51 do
      lines[number] = { "set-cookie", ("c%d=old"):format(number) }
    end
    answer.keep_cookies(connection, response(200, "", lines))
    assert.are.equal("old", connection.cookies.c50)
    assert.is_nil(connection.cookies.c51)
    local changes = { { "set-cookie", "c1=new" }, { "set-cookie", "c2=; Max-Age=0" }, { "set-cookie", "c51=in" } }
    answer.keep_cookies(connection, response(200, "", changes))
    assert.are.equal("new", connection.cookies.c1)
    assert.is_nil(connection.cookies.c2)
    assert.are.equal("in", connection.cookies.c51)
  end)

  it("to connect is read without letter case, and unusable ones are a 500", function()
    local found = connect.read(response(200, '{"UserId":"","Groups":[],"roles":[],"SubProtocol":"p"}'))
    assert.are.same({ '""', "[]", "p" }, { found.user_id, found.roles, found.subprotocol })
    assert.is_nil(found.groups)
    assert.is_truthy(connect.read(response(204)))
    assert.is_truthy(connect.read(response(200, "null")))
    for _, bad in ipairs { "x", "[]", '{"userId":1}', '{"groups":"a"}', '{"roles":{}}' } do
      assert.are.equal(500, (select(2, connect.read(response(200, bad)))))
    end
    assert.are.equal(403, (select(2, connect.read(response(403)))))
    assert.are.equal(500, (select(2, connect.read(response(302)))))
  end)
end)

describe("an event", function()
  it("is sent again after 408, 5xx and network errors, at most three times", function()
    local delays = { 1, 3, 5 }
    for _, status in ipairs { 408, 500, 502, 503 } do
      assert.are.equal(1, retry.delay(delays, 1, status))
    end
    assert.are.equal(3, retry.delay(delays, 2, nil, "refused"))
    assert.are.equal(5, retry.delay(delays, 3, 500))
    assert.is_nil(retry.delay(delays, 4, 500))
    for _, status in ipairs { 200, 204, 400, 401, 404, 429 } do
      assert.is_nil(retry.delay(delays, 1, status))
    end
    assert.is_nil(retry.delay(delays, 1, nil, "timeout"))
  end)

  it("needs a URL that allows this service", function()
    local function allows(status, ...)
      local headers = {}
      for index, value in ipairs { ... } do
        headers[index] = { "webhook-allowed-origin", value }
      end
      return validation.allows(response(status, "", headers), "Localhost:8080")
    end
    assert.is_true(allows(200, "*"))
    assert.is_true(allows(204, "other", "localhost:8080"))
    assert.is_false(allows(200, "other,localhost:8080"))
    assert.is_false(allows(200))
    assert.is_false(allows(404, "*"))
  end)

  it("asks a URL again after a minute, after failures later and later", function()
    local entry = validation.new()
    assert.is_true(entry:is_due(0))
    entry:note(true, 100)
    assert.is_false(entry:is_due(159))
    assert.is_true(entry:is_due(160))
    local now, pauses = 200, {}
    for index = 1, 8 do
      entry:note(false, now)
      pauses[index] = entry.asked_again - now
      now = entry.asked_again
    end
    assert.are.same({ 1, 2, 4, 8, 16, 32, 60, 60 }, pauses)
  end)
end)

describe("what a reliable client has not acknowledged", function()
  local function ids(kept, now)
    local list = {}
    for index, entry in ipairs(kept:list(now)) do
      list[index] = entry.bytes
    end
    return table.concat(list, " ")
  end

  it("is kept in order until it is acknowledged", function()
    local kept = unacked.new(10, 1000)
    for index = 1, 5 do
      assert.are.equal(index, kept:next_id())
      assert.is_true(kept:add("m" .. index, nil, 0))
    end
    kept:ack(2)
    kept:ack(1)
    assert.are.equal("m3 m4 m5", ids(kept, 0))
    kept:ack(1e15)
    assert.are.equal("", ids(kept, 0))
    assert.are.equal(6, kept:next_id())
    assert.are.equal(0, kept.bytes)
  end)

  it("is bounded in number and in bytes", function()
    local few = unacked.new(2, 1000)
    assert.is_true(few:add("a", nil, 0))
    assert.is_true(few:add("b", nil, 0))
    assert.is_false(few:add("c", nil, 0))
    few:ack(1)
    assert.is_true(few:add("c", nil, 0))
    assert.is_false(unacked.new(10, 3):add("four", nil, 0))
  end)

  it("makes room when it expires", function()
    local kept = unacked.new(2, 1000)
    kept:add("short", 5, 0)
    kept:add("long", nil, 0)
    assert.is_false(kept:add("x", nil, 4))
    assert.is_true(kept:add("x", nil, 5))
    assert.are.equal("long x", ids(kept, 5))
  end)
end)
