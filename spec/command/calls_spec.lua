-- The commands that call the service, against the local one.

local cjson = require "cjson"
local emulator = require "webpubsub.emulator"
local operations = require "webpubsub.operations"
local support = require "spec.command.support"
local webpubsub = require "webpubsub"
local websocket = require "spec.support.websocket"

describe("the command line", function()
  local service, hub, client, id

  local function run(...)
    return support.run(service.connection_string, ...)
  end

  local function run_json(...)
    local code, text = run(...)
    return code, cjson.decode(text)
  end

  local function received()
    local _, text = client:receive()
    return text
  end

  setup(function()
    service = assert(emulator.start())
    hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))
    local access = assert(hub:get_client_access_token { user_id = "ann", groups = { "lobby" } })
    client = websocket.connect(access.url, "json.webpubsub.azure.v1")
    local _, text = client:receive()
    id = assert(cjson.decode(text).connectionId)
  end)

  teardown(function()
    client:close()
    service:stop()
  end)

  it("has a command for every operation", function()
    local methods = require("webpubsub.command.calls").methods()
    for _, row in ipairs(operations.list) do
      local elsewhere = row.body == "message" or row.hidden -- send, and token
      assert(elsewhere or methods[row.name], row.name .. " has no command")
    end
  end)

  it("sends text, JSON to the last digit, and bytes", function()
    assert.equal(0, (run("send", "--group", "lobby", "hello")))
    local opcode, text = client:receive()
    assert.equal("text", opcode)
    assert.same(
      { "lobby", "text", "hello" },
      { cjson.decode(text).group, cjson.decode(text).dataType, cjson.decode(text).data }
    )
    assert.equal(0, (run("send", "--type", "json", '{"list":[],"n":9007199254740993}')))
    text = received()
    assert.truthy(text:find('{"list":[],"n":9007199254740993}', 1, true), text)
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    file:write "\255\0\1"
    file:close()
    assert.equal(0, (run("send", "--user", "ann", "--type", "binary", "--file", name)))
    os.remove(name)
    text = received()
    assert.equal("/wAB", cjson.decode(text).data) -- base64 of FF 00 01, RFC 4648
    local code, answer = run_json("send", "--connection", id, "--metadata", "k=v", "--ttl", "5", "x", "--json")
    assert.same({ 0, true, 202 }, { code, answer.ok, answer.status })
    text = received()
    assert.equal("v", cjson.decode(text).metadata.k)
    -- Contract, message bodies: the service keeps only what stands behind the last comma.
    assert.equal(2, (run("send", "--metadata", "k=a,b", "x")))
  end)

  it("reads standard input", function()
    local line =
      "printf 'from a pipe' | WEBPUBSUB_CONNECTION_STRING='%s' luajit lua/bin/webpubsub send --group lobby --file -"
    local command = line:format(service.connection_string)
    assert(os.execute(command))
    local text = received()
    assert.equal("from a pipe", cjson.decode(text).data)
  end)

  it("answers questions with yes and no, and with the exit code", function()
    local code, text = run("group", "exists", "lobby")
    assert.same({ 0, "yes\n" }, { code, text })
    code, text = run("group", "exists", "Lobby")
    assert.same({ 1, "no\n" }, { code, text })
    local answer
    code, answer = run_json("user", "exists", "bob", "--json")
    assert.same({ 1, true, false }, { code, answer.ok, answer.answer })
    assert.equal(0, (run("connection", "exists", id)))
    assert.equal(0, (run "health"))
  end)

  it("lists, adds and removes", function()
    local code, text = run("group", "list", "lobby")
    assert.same({ 0, id .. "\tann\n" }, { code, text })
    assert.equal(0, (run("group", "add-user", "red", "ann")))
    assert.equal(0, (run("group", "add-connection", "blue", id)))
    assert.is_true(hub:group_exists "red")
    assert.is_true(hub:group_exists "blue")
    local _, answer = run_json("group", "list", "red", "--json")
    assert.same({ { connectionId = id, userId = "ann" } }, answer.connections)
    assert.equal(0, (run("group", "remove-user", "red", "ann")))
    assert.equal(0, (run("group", "remove-connection", "blue", id)))
    assert.is_false(hub:group_exists "red")
    assert.equal(0, (run("group", "add-matching", "red", "blue")))
    assert.is_true(hub:group_exists "red")
    assert.equal(0, (run("group", "remove-matching", "red")))
    assert.equal(0, (run("connection", "leave-groups", id)))
    assert.is_false(hub:group_exists "blue")
    assert.equal(0, (run("group", "add-user", "lobby", "ann")))
    assert.equal(0, (run("user", "leave-groups", "ann")))
    assert.is_false(hub:group_exists "lobby")
    assert.equal(0, (run("group", "add-user", "lobby", "ann")))
  end)

  it("grants, checks and revokes", function()
    assert.equal(1, (run("permission", "check", "sendToGroup", id, "--group", "g")))
    assert.equal(0, (run("permission", "grant", "sendToGroup", id, "--group", "g")))
    assert.equal(0, (run("permission", "check", "sendToGroup", id, "--group", "g")))
    assert.equal(0, (run("permission", "revoke", "sendToGroup", id, "--group", "g")))
    assert.equal(1, (run("permission", "check", "sendToGroup", id, "--group", "g")))
  end)

  it("prints a URL with which a client connects", function()
    local code, text = run("token", "--user", "bob", "--group", "lobby", "--minutes", "5")
    assert.equal(0, code)
    local bob = websocket.connect(text:match "^(%S+)\n$", "json.webpubsub.azure.v1")
    local _, first = bob:receive()
    assert.equal("bob", cjson.decode(first).userId)
    bob:close()
    local _, answer = run_json("token", "--json")
    assert.equal(answer.url, answer.baseUrl .. "?access_token=" .. answer.token)
  end)

  it("listens, and ends after so many messages", function()
    local child =
      support.start(service.connection_string, true, "listen", "--group", "den", "--user", "eve", "--count", "2")
    support.read_until(child, "connected to hub chat")
    assert(hub:send_to_group("den", "one\27[2J\n[server] two", { content_type = "text/plain" }))
    assert(hub:send_to_user("eve", { two = 2 }))
    local code, text = support.finish(child)
    assert.equal(0, code)
    assert.equal('[den] one?[2J [server] two\n[server] {"two":2}\n', text) -- no escape sequence reaches the terminal
    child = support.start(service.connection_string, false, "listen", "--group", "den", "--count", "1", "--json")
    repeat
      local members = assert(service:connections { group = "den" })
    until #members == 1 and members[1].user_id == nil
    assert(hub:send_to_group("den", "raw", { content_type = "text/plain" }))
    code, text = support.finish(child)
    assert.equal(0, code)
    assert.equal("raw", cjson.decode(text).data)
    assert.equal(1, (support.run(service.connection_string, "listen", "--count", "1", "--seconds", "0.2")))
    assert.equal(0, (support.run(service.connection_string, "listen", "--seconds", "0.2")))
  end)

  it("tells by the exit code what is known of a failure", function()
    local nowhere = "Endpoint=http://127.0.0.1:1;AccessKey=0123456789012345678901234567890123456789;"
    local code, text = support.run_merged(nowhere, "send", "x")
    assert.equal(3, code)
    assert.matches("^webpubsub: connect_failed[^\n]*\n$", text)
    code, text =
      support.run_merged(service.connection_string, "permission", "grant", "sendToGroup", "nobody", "--group", "g")
    assert.equal(4, code)
    assert.matches("^webpubsub: not_found[^\n]*\n$", text)
    assert(service:fault "send:503*2")
    assert.equal(5, (run("send", "x")))
    local answer
    code, answer = run_json("send", "x", "--json")
    assert.same({ 5, false, "maybe_sent", 503 }, { code, answer.ok, answer.outcome, answer.status })
    assert.equal(0, (run("send", "x")))
  end)

  it("refuses what is not right in one sentence, without the key", function()
    local cases = {
      { service.connection_string, "send", "x", "--group", "a/b" },
      { service.connection_string, "send", "x", "--hub", "1" },
      { service.connection_string, "send", "{", "--type", "json" },
      { service.connection_string, "send", "\255" },
      { service.connection_string, "send" },
      { service.connection_string, "send", "--file", "/no/such/file" },
      { service.connection_string, "send", "x", "--group", "a", "--user", "b" },
      { service.connection_string, "send", "x", "--ttl", "many" },
      { service.connection_string, "group", "dance", "x" },
      { service.connection_string, "permission", "grant", "fly", "id", "--group", "g" },
      { service.connection_string, "token", "--protocol", "pigeon" },
      { "", "send", "x" },
      { "Endpoint=http://h", "send", "x" },
      { "Endpoint=ftp://h;AccessKey=ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH", "send", "x" },
    }
    for _, case in ipairs(cases) do
      local code, text = support.run_merged((unpack or table.unpack)(case))
      local shown = table.concat(case, " ", 2)
      assert.equal(2, code, shown .. ": " .. text)
      assert.matches("^webpubsub: [^\n]+\n$", text, shown)
      assert.is_nil(text:find("ABCDEFGHIJKLMNOP", 1, true))
      assert.is_nil(text:find("traceback", 1, true))
    end
  end)

  it("closes connections", function()
    assert.equal(0, (run("user", "close", "nobody")))
    assert.equal(0, (run("connection", "close", "nobody")))
    assert.equal(0, (run("group", "close", "lobby", "--excluded", id)))
    assert.equal(0, (run("connection", "exists", id)))
    assert.equal(0, (run("connection", "close-all", "--reason", "night")))
    assert.equal(1, (run("connection", "exists", id)))
  end)
end)
