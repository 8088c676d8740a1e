--- Keyed HMAC-SHA256. A mac has one method: mac:sign(data) → 32 bytes | nil, sentence.

local mac = {}

--- A mac for an access key's text | nil, sentence. The text itself is not kept.
function mac.new(secret)
  return require("webpubsub.openssl").hmac_key(secret)
end

return mac
