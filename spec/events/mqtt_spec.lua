-- MQTT clients (contract: event handlers, MQTT variants; codes of MQTT 3.1.1 section 3.2.2.3 and 5.0 section 3.2.2.2).

local core = require "webpubsub.core"
local json = require "webpubsub.json"
local support = require "spec.events.support"

local mqtt_headers = { ["ce-subprotocol"] = "mqtt", ["ce-physicalConnectionId"] = "p1", ["ce-sessionId"] = "s1" }

local function with(changes)
  local all = {}
  for name, value in pairs(mqtt_headers) do
    all[name] = value
  end
  for name, value in pairs(changes or {}) do
    all[name] = value
  end
  return all
end

local function connect(version, f)
  local made = support.handler { handle_connect = f }
  local body =
    '{"mqtt":{"protocolVersion":%d,"username":"u","password":"%s","userProperties":[{"name":"n","value":"v"}]}}'
  return made.send("connect", body:format(version, core.base64_encode "p\0w"), mqtt_headers), made
end

describe("an MQTT client", function()
  it("connects with user name, password and properties", function()
    local event
    connect(5, function(given)
      event = given
    end)
    assert.same({
      physical_connection_id = "p1",
      session_id = "s1",
      protocol_version = 5,
      username = "u",
      password = "p\0w",
      user_properties = { { name = "n", value = "v" } },
    }, event.mqtt)
    assert.equal("mqtt", event.client_protocol)
  end)

  it("is accepted with properties of ours", function()
    local response = connect(5, function(_, response)
      response:success { user_id = "x", subprotocol = "mqtt", user_properties = { { name = "a", value = "b" } } }
    end)
    assert.equal(
      '{"mqtt":{"userProperties":[{"name":"a","value":"b"}]},"subprotocol":"mqtt","userId":"x"}',
      response.body
    )
    local refused = connect(5, function(_, answer)
      answer:success { subprotocol = "other" }
    end)
    assert.equal(500, refused.status)
  end)

  it("is refused by status with the CONNACK code of its version; the reason is of 5.0 alone", function()
    local rows = { { 4, 400, 4 }, { 4, 401, 5 }, { 4, 500, 3 }, { 5, 400, 134 }, { 5, 401, 135 }, { 5, 500, 128 } }
    for _, row in ipairs(rows) do
      local response = connect(row[1], function(_, response)
        response:fail(row[2], "why")
      end)
      local answer = assert(json.decode(response.body)).mqtt
      assert.same({ row[2], row[3] }, { response.status, answer.code })
      assert.equal(row[1] == 5 and "why" or nil, answer.reason)
    end
  end)

  it("is refused by CONNACK code with the status that the official package gives", function()
    local statuses = {
      [400] = { 1, 2, 0x81, 0x83, 0x84, 0x85, 0x8C, 0x90, 0x95, 0x99, 0x9A, 0x9B },
      [401] = { 4, 5, 0x86, 0x87 },
      [403] = { 0x8A },
      [429] = { 0x97, 0x9F },
      [500] = { 0x80, 0x82, 0x88, 0x89, 0x9C, 0x9D, 0xFF, 7 },
      [503] = { 3 },
    }
    for status, codes in pairs(statuses) do
      for _, code in ipairs(codes) do
        local response = connect(5, function(_, response)
          response:fail_with { code = code, reason = "r", user_properties = { { name = "a", value = "b" } } }
        end)
        assert.equal(status, response.status, code)
        assert.equal(
          ('{"mqtt":{"code":%d,"reason":"r","userProperties":[{"name":"a","value":"b"}]}}'):format(code),
          response.body
        )
      end
    end
  end)

  it("publishes events with a media type of its own and properties, and gets some back", function()
    local made = support.handler {
      handle_user_event = function(event, response)
        assert.same(
          { { name = "a", value = "1" }, { name = "a", value = "0" }, { name = "b", value = "2" } },
          event.mqtt.user_properties
        )
        assert.same({ "binary", "image/png" }, { event.data_type, event.content_type })
        response:success(
          "x",
          { content_type = "image/gif", user_properties = { { name = "c", value = "3" }, { name = "c", value = "4" } } }
        )
      end,
    }
    local response =
      made.send("up", "\137PNG", with { ["Content-Type"] = "image/png", ["mqtt-a"] = { "1", "0" }, ["mqtt-b"] = "2" })
    assert.same(
      { 200, "image/gif", { "3", "4" } },
      { response.status, response.headers["Content-Type"], response.headers["mqtt-c"] }
    )
  end)

  it("disconnects with what its packet said", function()
    local made = support.handler()
    local body = '{"reason":null,"mqtt":{"initiatedByClient":true,"disconnectPacket":{"code":4,"userProperties":null}}}'
    assert.equal(204, made.send("disconnected", body, mqtt_headers).status)
    assert.equal(204, made.send("disconnected", '{"mqtt":{"disconnectPacket":null}}', mqtt_headers).status)
    assert.is_true(made.events[1].mqtt.initiated_by_client)
    assert.same({ code = 4 }, made.events[1].mqtt.disconnect_packet)
    assert.is_nil(made.events[2].mqtt.disconnect_packet)
  end)
end)
