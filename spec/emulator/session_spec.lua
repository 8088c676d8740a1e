local json = require "webpubsub.emulator.protocol.json"
local session = require "webpubsub.emulator.session"
local support = require "spec.emulator.support"

local everything = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup" }

describe("a client of json.webpubsub.azure.v1", function()
  local world, ann

  before_each(function()
    world = support.world()
    ann = support.client(world, { id = "a1", user_id = "ann", roles = everything })
  end)

  local function say(text, connection, opcode)
    return session.receive(world.state, connection or ann, { opcode = opcode or "text", data = text })
  end

  local function hears(text, connection)
    return support.heard(say(text, connection), connection or ann)
  end

  it("hears first that it is connected, with its ids", function()
    local connection, effects = support.client(world, { id = "a2", user_id = 'q"ü' })
    local expected = '{"type":"system","event":"connected","userId":"q\\"ü","connectionId":"a2"}'
    assert.are.same({ expected }, support.heard(effects, connection))
    local stranger, first = support.client(world, { id = "a3" })
    assert.is_truthy(support.heard(first, stranger)[1]:find('"userId":null', 1, true))
  end)

  it("is in the groups of its token without any role", function()
    local connection = support.client(world, { id = "a2", groups = { "g1", "g2" } })
    assert.are.equal(connection, world.state:group("chat", "g1").a2)
    assert.are.equal(connection, world.state:group("chat", "g2").a2)
  end)

  it("gets its ackId back digit for digit", function()
    for _, id in ipairs { "0", "9007199254740993", "18446744073709551615" } do
      local text = ('{"type":"joinGroup","group":"g","ackId":%s}'):format(id)
      assert.are.same({ ('{"type":"ack","ackId":%s,"success":true}'):format(id) }, hears(text))
    end
  end)

  it("gets no ack without an ackId", function()
    assert.are.same({}, hears '{"type":"joinGroup","group":"g"}')
    assert.is_true(ann.groups.g)
    assert.are.same({}, hears '{"type":"leaveGroup","group":"g","ackId":null}')
    assert.is_nil(ann.groups.g)
  end)

  it("joins, sends to and leaves a group and hears what it sends before the ack", function()
    hears '{"type":"joinGroup","group":"g"}'
    local heard = hears '{"type":"sendToGroup","group":"g","dataType":"text","data":"x","ackId":1}'
    assert.are.same({
      '{"type":"message","from":"group","group":"g","fromUserId":"ann","dataType":"text","data":"x"}',
      '{"type":"ack","ackId":1,"success":true}',
    }, heard)
  end)

  it("does not hear its own message with noEcho, others do", function()
    local bob = support.client(world, { id = "b1", groups = { "g" } })
    hears '{"type":"joinGroup","group":"g"}'
    local effects = say '{"type":"sendToGroup","group":"g","data":1,"noEcho":true}'
    assert.are.same({}, support.heard(effects, ann))
    assert.are.equal(1, #support.heard(effects, bob))
  end)

  it("passes JSON on as the bytes that arrived", function()
    hears '{"type":"joinGroup","group":"g"}'
    for _, raw in ipairs {
      '{"b":1.0, "a":12345678901234567890}',
      "[1E5,\t-0.0]",
      '"\\u00fc\\/"',
      "true",
      "1e400",
    } do
      local heard = hears('{"type":"sendToGroup","group":"g","data": ' .. raw .. " }")
      assert.is_truthy(heard[1]:find('"dataType":"json","data":' .. raw .. "}", 1, true), heard[1])
    end
  end)

  it("sends bytes as base64", function()
    hears '{"type":"joinGroup","group":"g"}'
    local heard = hears '{"type":"sendToGroup","group":"g","dataType":"BINARY","data":"AP8B"}'
    assert.is_truthy(heard[1]:find('"dataType":"binary","data":"AP8B"', 1, true))
  end)

  it("sends metadata, alone as an empty text", function()
    hears '{"type":"joinGroup","group":"g"}'
    local heard = hears '{"type":"sendToGroup","group":"g","metadata":{"k":"v"}}'
    assert.is_truthy(heard[1]:find('"dataType":"text","data":"","metadata":{"k":"v"}', 1, true), heard[1])
  end)

  it("hears Forbidden without the role, and nothing at all without an ackId", function()
    local bob = support.client(world, { id = "b1" })
    for _, text in ipairs {
      '{"type":"joinGroup","group":"g","ackId":5}',
      '{"type":"leaveGroup","group":"g","ackId":5}',
      '{"type":"sendToGroup","group":"g","data":1,"ackId":5}',
    } do
      local heard = hears(text, bob)
      assert.is_truthy(heard[1]:find('"ackId":5,"success":false,"error":{"name":"Forbidden"', 1, true), heard[1])
    end
    assert.are.same({}, hears('{"type":"joinGroup","group":"g"}', bob))
    assert.is_nil(bob.groups.g)
  end)

  it("hears Duplicate for an ackId that has succeeded, and nothing happens again", function()
    hears '{"type":"joinGroup","group":"g","ackId":1}'
    local heard = hears '{"type":"leaveGroup","group":"g","ackId":1}'
    assert.is_truthy(heard[1]:find('"name":"Duplicate","message":"Message with ack-id: 1 ', 1, true), heard[1])
    assert.is_true(ann.groups.g)
  end)

  it("may use an ackId again that has failed", function()
    local bob = support.client(world, { id = "b1" })
    hears('{"type":"joinGroup","group":"g","ackId":1}', bob)
    bob.permissions:grant("joinLeaveGroup", "g")
    assert.are.same(
      { '{"type":"ack","ackId":1,"success":true}' },
      hears('{"type":"joinGroup","group":"g","ackId":1}', bob)
    )
  end)

  it("hears BadRequest for a name that breaks its rule", function()
    local heard = hears '{"type":"joinGroup","group":"  ","ackId":1}'
    assert.is_truthy(heard[1]:find('"name":"BadRequest"', 1, true))
    heard = hears '{"type":"event","event":"1 x","data":1,"ackId":2}'
    assert.is_truthy(heard[1]:find('"name":"BadRequest"', 1, true))
  end)

  it("is disconnected with 1007 and told why when a message does not fit the format", function()
    for _, text in ipairs {
      "",
      "x",
      "[]",
      "{}",
      '{"type":1}',
      '{"type":"dance"}',
      '{"type":"joinGroup"}',
      '{"type":"joinGroup","group":1}',
      '{"type":"joinGroup","group":" "}',
      '{"type":"joinGroup","group":"g","ackId":-1}',
      '{"type":"joinGroup","group":"g","ackId":"1"}',
      '{"type":"joinGroup","group":"g","ackId":1.5}',
      '{"type":"joinGroup","group":"g","ackId":18446744073709551616}',
      '{"type":"sendToGroup","group":"g"}',
      '{"type":"sendToGroup","group":"g","data":null}',
      '{"type":"sendToGroup","group":"g","data":1,"dataType":"xml"}',
      '{"type":"sendToGroup","group":"g","data":1,"dataType":"text"}',
      '{"type":"sendToGroup","group":"g","data":"*","dataType":"binary"}',
      '{"type":"sendToGroup","group":"g","data":1,"noEcho":"yes"}',
      '{"type":"sendToGroup","group":"g","data":1,"ttlSeconds":301}',
      '{"type":"sendToGroup","group":"g","data":1,"metadata":{"k":1}}',
      '{"type":"sendToGroup","group":"g","data":1,"metadata":"k"}',
      '{"type":"event","data":1}',
      '{"type":"ping"} x',
      ("["):rep(100000),
    } do
      local heard = hears(text)
      assert.is_truthy(heard[1]:find '^{"type":"system","event":"disconnected","message":', text)
      assert.is_truthy(heard[2]:find "^close 1007 ", text)
    end
  end)

  it("is disconnected with 1003 for a binary message", function()
    local heard = support.heard(say('{"type":"ping"}', ann, "binary"), ann)
    assert.is_truthy(heard[2]:find "^close 1003 ")
  end)

  it("gets a pong for a ping, in any letter case", function()
    assert.are.same({ '{"type":"pong"}' }, hears '{"type":"PING","extra":[1]}')
  end)

  it("hears from what is not built yet, never that it succeeded", function()
    local function error_name(text)
      return (hears(text)[1] or ""):match '"success":false,"error":{"name":"(%a+)"'
    end
    assert.are.equal("NotImplemented", error_name '{"type":"setGroupState","group":"g","ackId":1}')
    assert.are.equal("NotImplemented", error_name '{"type":"invoke","invocationId":"i","target":"event","event":"e"}')
    local protobuf = '{"type":"sendToGroup","group":"g","dataType":"protobuf","data":"AA==","ackId":2}'
    assert.are.equal("NotImplemented", error_name(protobuf))
    local stream = hears '{"type":"sendToGroup","group":"g","stream":{"streamId":"s"}}'
    assert.is_truthy(stream[1]:find('{"type":"streamClosed","streamId":"s","error":{"name":', 1, true))
    local data = hears '{"type":"streamData","streamId":"s"}'
    assert.is_truthy(data[1]:find('"name":"StreamNotFound"', 1, true))
    assert.are.same({}, hears '{"type":"sequenceAck","sequenceId":1}')
  end)

  it("waits with the ack of an event for what becomes of it", function()
    local effect = say('{"type":"event","event":"shout","data":{"n":1.0},"ackId":9}')[1]
    assert.are.equal("event", effect.kind)
    assert.are.equal("shout", effect.event.name)
    assert.are.equal('{"n":1.0}', effect.event.message.data)
    local failed = session.finish_event(ann, effect.event, { handled = false, why = "nobody listens" })
    assert.is_truthy(support.heard(failed, ann)[1]:find('"name":"InternalServerError"', 1, true))
    local answer = { data_type = "text", data = "re" }
    local done = session.finish_event(ann, effect.event, { handled = true, answer = answer })
    assert.are.same({
      '{"type":"message","from":"server","dataType":"text","data":"re"}',
      '{"type":"ack","ackId":9,"success":true}',
    }, support.heard(done, ann))
  end)

  it("hears a reason before it is closed", function()
    local heard = support.heard({ session.close(ann, 1000, "over") }, ann)
    assert.are.same({ json.disconnected("over").data, "close 1000 over" }, heard)
  end)
end)
