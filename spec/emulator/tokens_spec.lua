local core = require "webpubsub.core"
local handshake = require "webpubsub.emulator.handshake"
local support = require "spec.emulator.support"

describe(":generateToken", function()
  local world
  local target = "/api/hubs/chat/:generateToken"

  before_each(function()
    world = support.world()
  end)

  local function call(query, claims, header)
    claims = claims or { aud = "https://webpubsub.azure.com" }
    local token = support.token(claims, { header = header or '{"alg":"RS256","typ":"JWT","kid":"k"}' })
    return (support.call(world, "POST", target .. query, { authorization = "Bearer " .. token }))
  end

  it("answers 401 to access-key tokens, and to Entra tokens unless they were asked for", function()
    assert.are.equal(401, (support.call(world, "POST", target)).status)
    assert.are.equal(401, call("").status)
    world.unvalidated_entra_tokens = true
    assert.are.equal(401, (support.call(world, "POST", target)).status)
    assert.are.equal(200, call("").status)
  end)

  it("believes no token of another audience, time or algorithm", function()
    world.unvalidated_entra_tokens = true
    assert.are.equal(401, call("", { aud = "https://other.azure.com" }).status)
    assert.are.equal(401, call("", { aud = "https://webpubsub.azure.com", exp = support.now - 301 }).status)
    assert.are.equal(401, call("", nil, '{"alg":"none"}').status)
    assert.are.equal(401, call("", nil, '{"alg":"HS256"}').status)
  end)

  it("gives a token that a client gets in with", function()
    world.unvalidated_entra_tokens = true
    local answer = call "?userId=ann&role=webpubsub.sendToGroup&group=g1&group=g2&minutesToExpire=5"
    local token = core.json_string(core.json_members(answer.body).token)
    local _, claims = core.token_split(token)
    local members = core.json_members(claims)
    assert.are.equal('["g1","g2"]', members["webpubsub.group"])
    assert.are.equal(tostring(support.now + 300), members.exp)
    local request = support.request("GET", "/client/hubs/chat?access_token=" .. token, {
      headers = {
        { "Upgrade", "websocket" },
        { "Connection", "Upgrade" },
        { "Sec-WebSocket-Version", "13" },
        { "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==" },
      },
    })
    local offer = assert(handshake.check(world, request))
    assert.are.equal('"ann"', offer.claims.sub)
  end)

  it("refuses bad minutes, groups and client types with 400", function()
    world.unvalidated_entra_tokens = true
    for _, query in ipairs { "?minutesToExpire=0", "?group=%20", "?clientType=Fax" } do
      assert.are.equal(400, call(query).status, query)
    end
    assert.are.equal(200, call("?clientType=mqtt").status)
  end)
end)
