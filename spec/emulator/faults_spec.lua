local faults = require "webpubsub.emulator.faults"

describe("a fault", function()
  local function parse(text)
    local rule = assert(faults.parse(text))
    rule.text = nil
    return rule
  end

  it("is read from its text", function()
    assert.same({ kind = "send", status = 503, left = 2 }, parse "send:503*2")
    assert.same({ kind = "send", status = 429, left = 1, retry_after = "2" }, parse "send:429*1;retry-after=2")
    assert.same({ kind = "connect", reset = true }, parse "connect:reset")
    assert.same({ kind = "any", drop = true, left = 3 }, parse " any:drop*3 ")
    assert.same({ kind = "list", delay = 0.5 }, parse "list:delay=0.5")
    assert.same(
      { kind = "send_to_all", status = 500, processed = true, delay = 1 },
      parse "send_to_all:500;processed;delay=1"
    )
  end)

  it("is refused in one sentence when it makes no sense", function()
    local bad = {
      "",
      "send",
      "send:",
      ":503",
      "dance:503",
      "send:200",
      "send:999",
      "send:50",
      "send:503*",
      "send:503*0",
      "send:503*-1",
      "send:503*x",
      "send:503*99999999",
      "send:delay",
      "send:delay=",
      "send:delay=-1",
      "send:delay=1e9",
      "send:delay=9999",
      "send:reset;retry-after=2",
      "send:429;retry-after",
      "send:429;retry-after=soon",
      "send:429;colour=red",
      "send:429;",
      "connect:503;processed",
      "send:delay=1;processed",
      "send:503;processed=1",
      "send:explode",
      "send:503**2",
      "\255\0:503",
      ("x"):rep(100000) .. ":503",
    }
    for _, text in ipairs(bad) do
      local rule, why = faults.parse(text)
      assert.is_nil(rule, text)
      assert.matches("^The fault '[^\n]*' is not understood: [^\n]+%.$", why)
      assert.is_true(#why < 500)
    end
  end)

  it("knows what a request is", function()
    assert.equal("send_to_all", faults.kind_of("POST", "/api/hubs/chat/:send"))
    assert.equal("check_permission", faults.kind_of("HEAD", "/api/hubs/chat/permissions/sendToGroup/connections/x"))
    assert.equal("get_service_status", faults.kind_of("HEAD", "/api/health"))
    assert.equal("connect", faults.kind_of("GET", "/client/hubs/chat"))
    assert.is_nil(faults.kind_of("GET", "/"))
    assert.is_nil(faults.kind_of("POST", "/_emulator/reset"))
  end)

  it("meets the requests of its kind, so many times, the first rule first", function()
    local ordered = faults.new()
    assert(ordered:add "send:503*2")
    assert(ordered:add "send_to_user:429")
    assert(ordered:add "rest:500")
    local function status(kind)
      local rule = ordered:take(kind)
      return rule and rule.status
    end
    assert.equal(503, status "send_to_all")
    assert.equal(500, status "group_exists")
    assert.equal(503, status "send_to_user")
    assert.equal(429, status "send_to_user")
    assert.equal(429, status "send_to_user")
    assert.equal(500, status "send_to_all")
    assert.is_nil(status "connect")
    assert.is_nil(status(nil))
    ordered:clear()
    assert.is_nil(status "send_to_all")
  end)

  it("has families that part the operations", function()
    local expected = {
      send = "send_to_connection",
      membership = "add_user_to_group",
      close = "close_connection",
      exists = "user_exists",
      permission = "check_permission",
      list = "list_connections",
      token = "generate_client_token",
      health = "get_service_status",
    }
    for family, name in pairs(expected) do
      local ordered = faults.new()
      assert(ordered:add(family .. ":500"))
      for other, name_of_other in pairs(expected) do
        assert.equal(other == family, ordered:take(name_of_other) ~= nil, family .. " and " .. name_of_other)
      end
      assert.is_not_nil(ordered:take(name))
    end
  end)

  it("is one of at most 100", function()
    local ordered = faults.new()
    for _ = 1, 100 do
      assert(ordered:add "send:503")
    end
    assert.same({ nil, "There are 100 faults already." }, { ordered:add "send:503" })
  end)
end)
