--- A client URL of our own, for the greeting and for the page.

local core = require "webpubsub.core"
local jwt = require "webpubsub.emulator.jwt"

local client_url = {}

local seconds = 3600

--- base: "http://host:port". Roles allow joining and sending to every group. `user_id` may be nil.
function client_url.build(mac, base, hub, user_id, now)
  local token = jwt.sign(mac, {
    aud = base .. "/client/hubs/" .. hub,
    exp = math.floor(now) + seconds,
    role = core.array { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup" },
    sub = user_id,
  })
  return ("%s/client/hubs/%s?access_token=%s"):format(base:gsub("^http", "ws"), core.percent_encode(hub), token)
end

return client_url
