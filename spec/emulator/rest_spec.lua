local core = require "webpubsub.core"
local operations = require "webpubsub.operations"
local support = require "spec.emulator.support"

describe("the REST data plane", function()
  local world

  before_each(function()
    world = support.world()
    support.client(world, { id = "a1", user_id = "ann", groups = { "g" } })
  end)

  local function call(method, target, options)
    return support.call(world, method, target, options)
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
      assert.are.equal(200, status { aud = "HTTP://LOCALHOST:8080/api/HUBS/chat/connections/A1" })
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
end)
