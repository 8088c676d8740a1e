local admission = require "webpubsub.emulator.admission"
local handshake = require "webpubsub.emulator.handshake"
local support = require "spec.emulator.support"

describe("a WebSocket handshake", function()
  local world
  local audience = "http://localhost:8080/client/hubs/chat"

  before_each(function()
    world = support.world()
  end)

  local upgrade = {
    { "Upgrade", "websocket" },
    { "Connection", "keep-alive, Upgrade" },
    { "Sec-WebSocket-Version", "13" },
    { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
  }

  -- `changes`: header name → value, or false to leave it out.
  local function try(target, changes, options)
    changes, options = changes or {}, options or {}
    local headers = {}
    for _, header in ipairs(upgrade) do
      if changes[header[1]] == nil then
        headers[#headers + 1] = header
      end
    end
    for name, value in pairs(changes) do
      if value then
        headers[#headers + 1] = { name, value }
      end
    end
    options.headers = headers
    local offer, refusal = handshake.check(world, support.request(options.method or "GET", target, options))
    local accepted
    if offer then
      accepted, refusal = admission.accept(offer, options.answer)
    end
    return accepted or refusal, accepted ~= nil
  end

  local function with(claims, query, changes, options)
    claims.aud = claims.aud or audience
    return try("/client/hubs/chat?access_token=" .. support.token(claims) .. (query or ""), changes, options)
  end

  it("is accepted with a token, on every form of the endpoint", function()
    local token = support.token { aud = audience, sub = "ann" }
    for _, target in ipairs { "/client/hubs/Chat?", "/client?hub=chat&", "/client/?hub=chat&" } do
      local result, ok = try(target .. "access_token=" .. token)
      assert.is_true(ok, target)
      assert.are.equal("chat", result.connection.hub)
      assert.are.equal("ann", result.connection.user_id)
    end
  end)

  it("takes the token from the query before the header", function()
    local bearer = { Authorization = "Bearer " .. support.token { aud = audience, sub = "header" } }
    assert.are.equal("header", try("/client/hubs/chat", bearer).connection.user_id)
    assert.are.equal("query", with({ sub = "query" }, "", bearer).connection.user_id)
    local _, ok = try("/client/hubs/chat?access_token=bad", bearer)
    assert.is_false(ok)
  end)

  it("is refused with 401 without a token, for another hub, expired or signed by another key", function()
    assert.are.equal(401, try("/client/hubs/chat").status)
    assert.are.equal(401, with({ aud = "http://localhost:8080/client/hubs/other" }).status)
    assert.are.equal(401, with({ aud = "ws://localhost:8080/client/hubs/chat" }).status)
    assert.are.equal(401, with({ exp = support.now - 301 }).status)
    local forged = support.token({ aud = audience }, { key = ("k"):rep(40) })
    assert.are.equal(401, try("/client/hubs/chat?access_token=" .. forged).status)
  end)

  it("makes the connection of the token's claims", function()
    local claims = { sub = "ann", role = { "webpubsub.sendToGroup.g" }, ["webpubsub.group"] = "one" }
    local connection = with(claims).connection
    assert.is_true(connection.permissions:allows("sendToGroup", "g"))
    assert.are.same({ "one" }, connection.first_groups)
    assert.is_nil(with({ sub = "" }).connection.user_id)
    assert.is_nil(with({}).connection.user_id)
  end)

  it("is refused with 400 for invalid groups, roles and hubs", function()
    assert.are.equal(400, with({ ["webpubsub.group"] = { "a", "" } }).status)
    assert.are.equal(400, with({ ["webpubsub.group"] = 1 }).status)
    assert.are.equal(400, with({ role = { 1 } }).status)
    assert.are.equal(400, with({ role = "webpubsub.sendToGroups.a\\" }).status)
    assert.are.equal(400, try("/client/hubs/1x?access_token=" .. support.token { aud = audience }).status)
    assert.are.equal(400, try("/client?access_token=" .. support.token { aud = audience }).status)
  end)

  it("is refused with 400 when it is no handshake of version 13", function()
    for name, value in pairs {
      Upgrade = "h2c",
      Connection = "close",
      ["Sec-WebSocket-Version"] = "8",
      ["Sec-WebSocket-Key"] = "short",
    } do
      assert.are.equal(400, with({}, "", { [name] = value }).status, name)
      assert.are.equal(400, with({}, "", { [name] = false }).status, name)
    end
    assert.are.equal(400, with({}, "", {}, { method = "POST" }).status)
    assert.are.equal(400, with({}, "", {}, { version = 1.0 }).status)
    assert.are.equal(400, with({}, "", {}, { host = false }).status)
  end)

  it("chooses the first offered subprotocol that is built", function()
    local function offer(text)
      local result = with({}, "", { ["Sec-WebSocket-Protocol"] = text })
      return result.status or result.subprotocol or "simple"
    end
    assert.are.equal("json.webpubsub.azure.v1", offer "json.webpubsub.azure.v1")
    assert.are.equal(
      "json.reliable.webpubsub.azure.v1",
      offer "x, json.reliable.webpubsub.azure.v1 ,json.webpubsub.azure.v1"
    )
    assert.are.equal("json.webpubsub.azure.v1", offer "protobuf.webpubsub.azure.v1,json.webpubsub.azure.v1")
    assert.are.equal("simple", offer "x, mqtt")
    assert.are.equal(501, offer "x,protobuf.webpubsub.azure.v1")
    assert.are.equal(501, offer "protobuf.reliable.webpubsub.azure.v1")
  end)

  it("reads the mode of simple clients without letter case, the last value", function()
    local function target(query)
      local result, ok = with({}, query)
      return ok and (result.connection.target or "event") or result.status
    end
    assert.are.equal("event", target "")
    assert.are.equal("event", target "&webpubsub_mode=")
    assert.are.equal("event", target "&WebPubSub_Mode=SENDEVENT")
    assert.are.same({ group = "b", no_echo = true }, target "&webpubsub_mode=sendtogroup&group=a&group=b&noecho=True")
    assert.are.same({ group = "a", no_echo = false }, target "&webpubsub_mode=x&webpubsub_mode=sendToGroup&group=a")
    assert.are.equal(400, target "&webpubsub_mode=dance")
    assert.are.equal(400, target "&webpubsub_mode=sendToGroup")
    assert.are.equal(400, target "&webpubsub_mode=sendToGroup&group=%20")
    assert.are.equal(400, target "&webpubsub_mode=sendToGroup&group=a&noEcho=1")
  end)

  it("is refused with 501 for MQTT and Socket.IO and with 404 elsewhere", function()
    assert.are.equal(501, try("/clients/mqtt/hubs/chat").status)
    assert.are.equal(501, try("/clients/socketio/hubs/chat").status)
    assert.are.equal(404, try("/client/chat").status)
  end)
end)
