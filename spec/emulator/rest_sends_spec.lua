local support = require "spec.emulator.support"

local json_body = support.json_body
local text_body = support.text_body

describe("REST", function()
  local world, ann

  before_each(function()
    world = support.world()
    ann = support.client(world, { id = "a1", user_id = "ann", groups = { "g" } })
  end)

  local function send(target, body, headers, body_problem)
    return support.send(world, target, body, headers, body_problem)
  end

  local function heard(effects, connection)
    return support.heard(effects, connection or ann)
  end

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
      assert.are.equal(400, send(target, "", text_body, "no_length").status)
      assert.are.equal(400, send(target, "", text_body, "too_large").status)
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

    it("take an empty filter for none", function()
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
end)
