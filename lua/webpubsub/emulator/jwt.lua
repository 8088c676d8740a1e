--- Tokens that the emulator signs itself.

local core = require "webpubsub.core"

local jwt = {}

--- claims: a table. The compact token, HS256.
function jwt.sign(mac, claims)
  local input = core.token_input('{"alg":"HS256","typ":"JWT"}', core.json_encode(claims))
  return input .. "." .. core.base64url_encode(mac:sign(input))
end

return jwt
