--- Reliable clients that come back: their tokens, and which connection one belongs to (contract, recovery).

local auth = require "webpubsub.emulator.auth"
local core = require "webpubsub.core"
local jwt = require "webpubsub.emulator.jwt"

local recovery = {}

local week = 7 * 24 * 3600 -- contract: the token lives about one week

local function audience(hub, id)
  return "urn:webpubsub:recovery:" .. hub .. ":" .. id
end

--- A token that is only good for its own connection. The time in it makes every one a new one.
function recovery.token(mac, connection, now)
  return jwt.sign(mac, {
    aud = audience(connection.hub, connection.id),
    exp = math.floor(now) + week,
    jti = core.uuid(),
  })
end

--- The connection that the client may take up again, or nil: its session is over, or never was, or the token is not
-- its.
function recovery.find(world, offer, now)
  local connection = world.state:connection(offer.hub, offer.recovery.id)
  if not connection or not connection.unacked then
    return nil
  end
  local audiences = { audience(offer.hub, connection.id) }
  return auth.check(world.mac, offer.recovery.token, audiences, now) and connection or nil
end

return recovery
