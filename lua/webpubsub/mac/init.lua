--- Keyed HMAC-SHA256. A mac has one method: mac:sign(data) → 32 bytes | nil, sentence.

local host = require "webpubsub.host.openresty"

local mac = {}

--- A mac for an access key's text | nil, sentence. The text itself is not kept.
function mac.new(secret)
  if host.inside then
    return require("webpubsub.mac.openresty").new(secret)
  end
  return require("webpubsub.openssl").hmac_key(secret)
end

return mac
