--- A certificate with its RSA key. certificate:sign("RS256" or "PS256", data) → signature | nil, sentence;
-- certificate:thumbprint(algorithm) → 20 bytes of SHA-1 or 32 of SHA-256, as goes with it | nil, sentence.

local host = require "webpubsub.host.openresty"

local certificate = {}

--- A certificate of a PEM text that holds both | nil, sentence. The text itself is not kept.
function certificate.new(pem)
  if host.inside then
    return require("webpubsub.certificate.openresty").new(pem)
  end
  return require("webpubsub.openssl").certificate(pem)
end

return certificate
