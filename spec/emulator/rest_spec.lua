local core = require "webpubsub.core"
local operations = require "webpubsub.operations"
local support = require "spec.emulator.support"

local json_body = { { "Content-Type", "application/json" } }
local text_body = { { "Content-Type", "text/plain" } }

describe("the REST data plane", function()
  local world, ann

  before_each(function()
    world = support.world()
    ann = support.client(world, { id = "a1", user_id = "ann", groups = { "g" } })
  end)

  local function call(method, target, options)
    return support.call(world, method, target, options)
  end

  local function send(target, body, headers, more)
    local options = { body = body, headers = {} }
    for _, header in ipairs(headers or {}) do
      options.headers[#options.headers + 1] = header
    end
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return call("POST", target, options)
  end

  local function heard(effects, connection)
    return support.heard(effects, connection or ann)
  end

  local function fill(path)
    local values = { hub = "chat", group = "g", userId = "ann", connectionId = "a1", permission = "sendToGroup" }
    return (path:gsub("{(%w+)}", values))
  end

  local function example(operation)
    local target = fill(operation.path)
    local options = { headers = {} }
    if operation.path:find "permission" then
      target = target .. "?targetName=g"
    end
    if operation.body == "groups" then
      options.headers, options.body = { { "Content-Type", "application/json" } }, '{"groups":["g"]}'
    elseif operation.body == "message" then
      options.headers, options.body = { { "Content-Type", "text/plain" } }, "x"
    end
    return target, options
  end

  it("answers each of its 25 operations with its own success", function()
    local count = 0
    for _, operation in ipairs(operations.list) do
      count = count + 1
      world = support.world()
      support.client(world, { id = "a1", user_id = "ann", groups = { "g" }, roles = { "webpubsub.sendToGroup.g" } })
      local target, options = example(operation)
      local answer = call(operation.method, target, options)
      local expected = operation.name == "generate_client_token" and 401 or operation.success[1]
      assert.are.equal(expected, answer.status, operation.name)
    end
    assert.are.equal(25, count)
  end)

  it("wants a good token for everything but the health question", function()
    for _, operation in ipairs(operations.list) do
      local target, options = example(operation)
      options.authorization = false
      local answer, effects = call(operation.method, target, options)
      local public = operation.name == "get_service_status"
      assert.are.equal(public and 200 or 401, answer.status, operation.name)
      assert.is_nil(effects)
      assert.are.equal("", answer.body)
    end
  end)

  describe("checks of tokens", function()
    local target = "/api/hubs/chat/connections/a1"

    local function status(claims, options, one)
      local token = support.token(claims, options)
      return (support.call(world, "HEAD", one or target, { authorization = "Bearer " .. token })).status
    end

    it("take the audience with and without query, in any letter case, decoded or not, http or https", function()
      local with_query = target .. "?api-version=2024-12-01&x=a%20b"
      local base = "http://localhost:8080"
      assert.are.equal(200, status({ aud = base .. target }, nil, with_query))
      assert.are.equal(200, status({ aud = base .. with_query }, nil, with_query))
      assert.are.equal(200, status({ aud = base .. target .. "?api-version=2024-12-01&x=a b" }, nil, with_query))
      assert.are.equal(200, status({ aud = "HTTP://LOCALHOST:8080/api/HUBS/chat/connections/A1" }))
      assert.are.equal(200, status { aud = "https://localhost:8080" .. target })
      assert.are.equal(200, status { aud = { "http://other", base .. target } })
    end)

    it("take the configured endpoints too", function()
      world.endpoints = { "https://name.webpubsub.azure.com" }
      assert.are.equal(200, status { aud = "https://name.webpubsub.azure.com" .. target })
      assert.are.equal(401, status { aud = "https://other.webpubsub.azure.com" .. target })
    end)

    it("refuse another audience, none, a wrong key, another algorithm and an expired token", function()
      local good = "http://localhost:8080" .. target
      assert.are.equal(200, status { aud = good })
      assert.are.equal(401, status { aud = good .. "x" })
      assert.are.equal(401, status { aud = "http://localhost:8081" .. target })
      assert.are.equal(401, status {})
      assert.are.equal(401, status({ aud = good }, { key = ("k"):rep(40) }))
      assert.are.equal(401, status({ aud = good }, { header = '{"alg":"none"}' }))
      assert.are.equal(401, status { aud = good, exp = support.now - 301 })
      assert.are.equal(200, status { aud = good, exp = support.now - 299 })
      assert.are.equal(401, status { aud = good, nbf = support.now + 301 })
      assert.are.equal(401, status({ aud = good }, { header = "[]" }))
    end)
  end)

  it("answers unknown paths with 404 and unknown methods with 405", function()
    assert.are.equal(404, call("GET", "/").status)
    assert.are.equal(404, call("POST", "/api/hubs/chat/:dance").status)
    assert.are.equal(404, call("POST", "/api/hubs/chat/groups//:send").status)
    local answer = call("GET", "/api/hubs/chat/:send")
    assert.are.equal(405, answer.status)
    assert.are.equal("POST", support.header(answer, "allow"))
  end)

  it("refuses unknown and repeated versions and takes a missing one as the latest", function()
    local target = "/api/hubs/chat/connections/a1"
    assert.are.equal(200, call("HEAD", target).status)
    assert.are.equal(200, call("HEAD", target .. "?api-version=2021-10-01").status)
    assert.are.equal(400, call("HEAD", target .. "?api-version=2020-01-01").status)
    assert.are.equal(400, call("HEAD", target .. "?api-version=2024-12-01&api-version=2024-12-01").status)
    assert.are.equal(400, call("GET", "/api/hubs/chat/groups/g/connections?api-version=2024-01-01").status)
  end)

  it("names the versions it knows", function()
    local answer = call("HEAD", "/api/health", { authorization = false })
    local expected = "2021-10-01, 2022-11-01, 2023-07-01, 2024-01-01, 2024-12-01"
    assert.are.equal(expected, support.header(answer, "api-supported-versions"))
  end)

  it("writes errors as the service does", function()
    local answer = call("PUT", "/api/hubs/chat/groups/g/connections/nobody")
    assert.are.equal(404, answer.status)
    assert.are.equal("Error.Connection.NotExisted", support.header(answer, "x-ms-error-code"))
    assert.are.equal("application/json; charset=utf-8", support.header(answer, "content-type"))
    local members = core.json_members(answer.body)
    assert.are.equal('"Error.Connection.NotExisted"', members.code)
    assert.is_truthy(members.message:find("`nobody`", 1, true))
    assert.are.equal('"Connection"', members.target)
    assert.are.equal("null", members.details)
    assert.are.equal("null", members.innererror)
  end)

  it("gives each missing thing its code", function()
    local function code(method, target)
      local answer = call(method, target)
      return answer.status .. " " .. (support.header(answer, "x-ms-error-code") or "")
    end
    assert.are.equal("404 Warning.Connection.NotExisted", code("HEAD", "/api/hubs/chat/connections/x"))
    assert.are.equal("404 Warning.User.NotExisted", code("HEAD", "/api/hubs/chat/users/x"))
    assert.are.equal("404 Warning.Group.NotExisted", code("HEAD", "/api/hubs/chat/groups/x"))
    assert.are.equal("404 Warning.User.NotExisted", code("PUT", "/api/hubs/chat/users/x/groups/g"))
    local permission = "/api/hubs/chat/permissions/sendToGroup/connections/"
    assert.are.equal("404 Info.Connection.NotExisted", code("PUT", permission .. "x?targetName=g"))
    assert.are.equal("404 Info.Connection.NotExisted", code("HEAD", permission .. "x?targetName=g"))
    assert.are.equal("404 Info.Connection.NotExisted", code("HEAD", permission .. "a1?targetName=g"))
    assert.are.equal("204 ", code("DELETE", permission .. "x?targetName=g"))
    assert.are.equal("400 Error.BadRequest", code("DELETE", permission .. "a1"))
  end)

  describe("sends", function()
    it("reach all, a group, a user and a connection, and nobody in another hub", function()
      local bob = support.client(world, { id = "b1" })
      local other = support.client(world, { id = "o1", hub = "other", groups = { "g" } })
      local function reached(target)
        local _, effects = send(target, "x", text_body)
        return { #heard(effects), #heard(effects, bob), #heard(effects, other) }
      end
      assert.are.same({ 1, 1, 0 }, reached "/api/hubs/chat/:send")
      assert.are.same({ 1, 0, 0 }, reached "/api/hubs/chat/groups/g/:send")
      assert.are.same({ 1, 0, 0 }, reached "/api/hubs/chat/users/ann/:send")
      assert.are.same({ 0, 1, 0 }, reached "/api/hubs/chat/connections/b1/:send")
      assert.are.same({ 0, 0, 1 }, reached "/api/hubs/OTHER/:send")
      assert.are.same({ 0, 0, 0 }, reached "/api/hubs/chat/users/nobody/:send")
    end)

    it("leave out every excluded connection, exactly named", function()
      local bob = support.client(world, { id = "b1" })
      local _, effects = send("/api/hubs/chat/:send?excluded=a1&excluded=B1", "x", text_body)
      assert.are.same({ 0, 1 }, { #heard(effects), #heard(effects, bob) })
    end)

    it("keep JSON as the bytes that came", function()
      local raw = '{ "b":1.0,"a":12345678901234567890,"s":"\\u00fc" }'
      local _, effects = send("/api/hubs/chat/:send", raw, json_body)
      assert.are.equal('{"type":"message","from":"server","dataType":"json","data":' .. raw .. "}", heard(effects)[1])
    end)

    it("take no content type as bytes and any charset that is known", function()
      local _, effects = send("/api/hubs/chat/:send", "\0\255")
      assert.is_truthy(heard(effects)[1]:find('"dataType":"binary","data":"AP8="', 1, true))
      local function text(set, body)
        local answer, list = send("/api/hubs/chat/:send", body, { { "Content-Type", "text/plain; charset=" .. set } })
        return list and heard(list)[1]:match '"data":"(.*)"}$' or answer.status
      end
      assert.are.equal("ü", text("UTF-8", "ü"))
      assert.are.equal("ü", text("iso-8859-1", "\252"))
      assert.are.equal("ü", text("utf-16", "\255\254\252\0"))
      assert.are.equal("𝄞", text("utf-16be", "\216\052\221\030"))
      assert.are.equal(400, text("utf-16be", "\216\052"))
      assert.are.equal(400, text("utf-8", "\255"))
      assert.are.equal(415, text("ebcdic", "x"))
    end)

    it("refuse other media types, bad JSON, missing lengths and sizes over the limit", function()
      local target = "/api/hubs/chat/:send"
      assert.are.equal(415, send(target, "x", { { "Content-Type", "text/html" } }).status)
      assert.are.equal(415, send(target, "x", { { "Content-Type", "application/x-protobuf" } }).status)
      assert.are.equal(400, send(target, "{", json_body).status)
      assert.are.equal(400, send(target, "", json_body).status)
      assert.are.equal(202, send(target, "", text_body).status)
      assert.are.equal(400, send(target, "", text_body, { body_problem = "no_length" }).status)
      assert.are.equal(400, send(target, "", text_body, { body_problem = "too_large" }).status)
    end)

    it("check the time to live", function()
      for value, status in pairs { ["0"] = 202, ["300"] = 202, ["301"] = 400, ["-1"] = 400, x = 400, ["1.5"] = 400 } do
        local answer = send("/api/hubs/chat/:send?messageTtlSeconds=" .. value, "x", text_body)
        assert.are.equal(status, answer.status, value)
      end
    end)

    it("carry metadata headers", function()
      local headers = { { "Content-Type", "text/plain" }, { "X-WebPubSub-Metadata-Trace", "7" } }
      local _, effects = send("/api/hubs/chat/:send", "x", headers)
      assert.is_truthy(heard(effects)[1]:find('"metadata":{"trace":"7"}', 1, true))
      headers[2][2] = "ü"
      assert.are.equal(400, send("/api/hubs/chat/:send", "x", headers).status)
    end)

    it("answer 501 to a filter, and take an empty one for none", function()
      local answer = send("/api/hubs/chat/:send?filter=userId%20eq%20'x'", "x", text_body)
      assert.are.equal(501, answer.status)
      assert.are.equal('"NotImplemented"', core.json_members(answer.body).code)
      assert.are.equal(202, send("/api/hubs/chat/:send?filter=", "x", text_body).status)
    end)

    it("refuse names that break the rules", function()
      assert.are.equal(400, send("/api/hubs/1x/:send", "x", text_body).status)
      assert.are.equal(400, send("/api/hubs/chat/groups/%20/:send", "x", text_body).status)
      local long = ("g"):rep(1025)
      assert.are.equal(400, send("/api/hubs/chat/groups/" .. long .. "/:send", "x", text_body).status)
      assert.are.equal(400, send("/api/hubs/chat/groups/../:send", "x", text_body).status)
    end)
  end)

  describe("groups", function()
    it("are changed for all connections of the hub", function()
      local bob = support.client(world, { id = "b1" })
      local groups = '{"groups":["x","a/b"],"filter":null}'
      assert.are.equal(200, send("/api/hubs/chat/:addToGroups", groups, json_body).status)
      assert.are.same({ true, true, true }, { ann.groups.x, ann.groups["a/b"], bob.groups.x })
      assert.are.equal(200, send("/api/hubs/chat/:removeFromGroups", groups, json_body).status)
      assert.are.same({ g = true }, ann.groups)
    end)

    it("refuse bad bodies before anything changes, as problem+json", function()
      for _, body in ipairs { "{}", '{"groups":[]}', '{"groups":["x"," "]}', '{"groups":["x",1]}', '{"groups":"x"}' } do
        local answer = send("/api/hubs/chat/:addToGroups", body, json_body)
        assert.are.equal(400, answer.status, body)
        assert.are.equal("application/problem+json", support.header(answer, "content-type"))
        assert.is_nil(support.header(answer, "api-supported-versions"))
        assert.are.equal('"Groups"', core.json_members(answer.body).target)
      end
      assert.are.same({ g = true }, ann.groups)
      assert.are.equal(400, send("/api/hubs/chat/:addToGroups", "[]", json_body).status)
      assert.are.equal(415, send("/api/hubs/chat/:addToGroups", '{"groups":["x"]}', text_body).status)
      local filtered = '{"groups":["x"],"filter":"userId eq null"}'
      assert.are.equal(501, send("/api/hubs/chat/:addToGroups", filtered, json_body).status)
    end)

    it("are joined and left by connection and by user; leaving what is not there succeeds", function()
      call("PUT", "/api/hubs/chat/users/ann/groups/u")
      assert.is_true(ann.groups.u)
      call("DELETE", "/api/hubs/chat/users/ann/groups/u")
      assert.is_nil(ann.groups.u)
      call("PUT", "/api/hubs/chat/groups/c/connections/a1")
      assert.is_true(ann.groups.c)
      call("DELETE", "/api/hubs/chat/connections/a1/groups")
      assert.are.same({}, ann.groups)
      assert.are.equal(204, call("DELETE", "/api/hubs/chat/groups/c/connections/nobody").status)
      assert.are.equal(204, call("DELETE", "/api/hubs/chat/users/nobody/groups").status)
    end)

    it("have names as the path rules read them", function()
      call("PUT", "/api/hubs/chat/groups/a%20b%3Fc%23d%25e+%C3%BC/connections/a1")
      assert.is_true(ann.groups["a b?c#d%e+ü"])
      call("PUT", "/api/hubs/chat/groups/a%2Fb/connections/a1")
      assert.is_true(ann.groups["a%2Fb"])
    end)
  end)

  describe("closing", function()
    it("tells the reason, leaves out the excluded and succeeds without anybody", function()
      local bob = support.client(world, { id = "b1", groups = { "g" } })
      local target = "/api/hubs/chat/groups/g/:closeConnections?reason=a+b&excluded=b1"
      local answer, effects = call("POST", target)
      assert.are.equal(204, answer.status)
      assert.are.equal("close 1000 a b", heard(effects)[2])
      assert.are.same({}, heard(effects, bob))
      assert.are.equal(204, call("DELETE", "/api/hubs/chat/connections/nobody").status)
      assert.are.equal(204, call("POST", "/api/hubs/none/:closeConnections").status)
    end)

    it("has a reason of its own where none is given", function()
      local _, effects = call("DELETE", "/api/hubs/chat/connections/a1")
      assert.is_truthy(heard(effects)[2]:find "^close 1000 .+")
    end)
  end)

  describe("permissions", function()
    local path = "/api/hubs/chat/permissions/%s/connections/a1?targetName=%s"

    it("are granted, asked and revoked, in any spelling", function()
      assert.are.equal(404, call("HEAD", path:format("joinLeaveGroup", "x")).status)
      assert.are.equal(200, call("PUT", path:format("JOINLEAVEGROUP", "x")).status)
      assert.are.equal(200, call("HEAD", path:format("2", "x")).status)
      assert.are.equal(204, call("DELETE", path:format("joinLeaveGroup", "x")).status)
      assert.are.equal(404, call("HEAD", path:format("joinLeaveGroup", "x")).status)
    end)

    it("need a known permission and a target", function()
      assert.are.equal(400, call("PUT", path:format("dance", "x")).status)
      assert.are.equal(400, call("PUT", path:format("sendToGroup", "")).status)
      assert.are.equal(400, call("PUT", path:format("sendToGroup", "%20")).status)
      assert.are.equal(400, call("HEAD", path:format("sendToGroup", ("x"):rep(1025))).status)
    end)

    it("conflict beyond 1000 literal rules", function()
      for index = 1, 1000 do
        call("PUT", path:format("sendToGroup", "g" .. index))
      end
      local answer = call("PUT", path:format("sendToGroup", "more"))
      assert.are.equal(409, answer.status)
      assert.are.equal("Error.Connection.Conflict", support.header(answer, "x-ms-error-code"))
    end)
  end)

  describe("listing", function()
    local function page(target)
      local answer = call("GET", target)
      assert.are.equal(200, answer.status)
      local members = core.json_members(answer.body)
      local ids = {}
      for index, item in ipairs(core.json_elements(members.value)) do
        ids[index] = core.json_string(core.json_members(item).connectionId)
      end
      return ids, members.nextLink and core.json_string(members.nextLink)
    end

    local base = "http://localhost:8080"

    before_each(function()
      for index = 2, 5 do
        support.client(world, { id = "a" .. index, groups = { "g" } })
      end
    end)

    it("goes page by page in the order of the ids", function()
      local first, link = page "/api/hubs/chat/groups/g/connections?maxpagesize=2&api-version=2024-12-01"
      assert.are.same({ "a1", "a2" }, first)
      assert.is_truthy(link:find(base .. "/api/hubs/chat/groups/g/connections?api-version=2024-12-01&maxpagesize=2&", 1, true))
      local second, last_link = page(link:sub(#base + 1))
      assert.are.same({ "a3", "a4" }, second)
      local third, none = page(last_link:sub(#base + 1))
      assert.are.same({ "a5" }, third)
      assert.is_nil(none)
    end)

    it("stops at top, which the links lower", function()
      local first, link = page "/api/hubs/chat/groups/g/connections?maxpagesize=2&top=3"
      assert.are.equal(2, #first)
      assert.is_truthy(link:find("&top=1&", 1, true))
      local second, none = page(link:sub(#base + 1))
      assert.are.same({ { "a3" }, nil }, { second, none })
    end)

    it("gives user ids, null for anonymous clients, and an empty list for an empty group", function()
      local answer = call("GET", "/api/hubs/chat/groups/g/connections?top=2")
      local expected = '{"value":[{"connectionId":"a1","userId":"ann"},{"connectionId":"a2","userId":null}]}'
      assert.are.equal(expected, answer.body)
      assert.are.equal('{"value":[]}', call("GET", "/api/hubs/chat/groups/none/connections").body)
    end)

    it("refuses sizes out of range and tokens of other groups", function()
      local target = "/api/hubs/chat/groups/g/connections?"
      for _, query in ipairs { "maxpagesize=0", "maxpagesize=201", "top=0", "top=2147483648", "continuationToken=abc" } do
        assert.are.equal(400, call("GET", target .. query).status, query)
      end
      local _, link = page(target .. "maxpagesize=1")
      local token = link:match "continuationToken=(.*)"
      assert.are.equal(400, call("GET", "/api/hubs/chat/groups/h/connections?continuationToken=" .. token).status)
    end)
  end)
end)
