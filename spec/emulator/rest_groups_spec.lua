local core = require "webpubsub.core"
local support = require "spec.emulator.support"

local json_body = support.json_body
local text_body = support.text_body

describe("REST", function()
  local world, ann

  before_each(function()
    world = support.world()
    ann = support.client(world, { id = "a1", user_id = "ann", groups = { "g" } })
  end)

  local function call(method, target)
    return support.call(world, method, target)
  end

  local function send(target, body, headers, body_problem)
    return support.send(world, target, body, headers, body_problem)
  end

  local function heard(effects, connection)
    return support.heard(effects, connection or ann)
  end

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
end)
