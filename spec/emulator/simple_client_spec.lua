local session = require "webpubsub.emulator.session"
local support = require "spec.emulator.support"

describe("a simple client", function()
  local world

  before_each(function()
    world = support.world()
  end)

  local function say(connection, text, opcode)
    return session.receive(world.state, connection, { opcode = opcode or "text", data = text })
  end

  it("hears nothing when it connects and nothing but the close when it is closed", function()
    local one, effects = support.client(world, { id = "s", protocol = "simple" })
    assert.are.same({}, support.heard(effects, one))
    assert.are.same({ "close 1000 over" }, support.heard({ session.close(one, 1000, "over") }, one))
  end)

  it("sends the event `message`, and is closed with 1011 when nobody handles it", function()
    local one = support.client(world, { id = "s", protocol = "simple" })
    local event = say(one, "\0\1", "binary")[1].event
    local message = { data_type = "binary", data = "\0\1" }
    assert.are.same({ kind = "user", name = "message", message = message }, event)
    local heard = support.heard(session.finish_event(one, event, { handled = false, why = "x" }), one)
    assert.is_truthy(heard[1]:find "^close 1011 ")
    assert.are.same({}, session.finish_event(one, event, { handled = true }))
  end)

  it("publishes to its group in the mode sendToGroup, to others in their protocol", function()
    local target = { group = "g", no_echo = false }
    local one = support.client(world, {
      id = "s",
      protocol = "simple",
      target = target,
      groups = { "g" },
      roles = { "webpubsub.sendToGroup.g" },
    })
    local other = support.client(world, { id = "j", groups = { "g" } })
    local effects = say(one, "hi")
    assert.are.same({ "hi" }, support.heard(effects, one))
    local expected = '{"type":"message","from":"group","group":"g","fromUserId":null,"dataType":"text","data":"hi"}'
    assert.are.same({ expected }, support.heard(effects, other))
    target.no_echo = true
    assert.are.same({}, support.heard(say(one, "hi"), one))
  end)

  it("is closed with 1008 when it may not send to its group", function()
    local one = support.client(world, { id = "s", protocol = "simple", target = { group = "g" } })
    assert.is_truthy(support.heard(say(one, "hi"), one)[1]:find "^close 1008 ")
  end)
end)
