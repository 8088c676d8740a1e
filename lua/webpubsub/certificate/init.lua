--- A certificate with its RSA key. certificate:sign("RS256" or "PS256", data) → signature | nil, sentence;
-- certificate:thumbprint(algorithm) → 20 bytes of SHA-1 or 32 of SHA-256, as goes with it | nil, sentence;
-- certificate:chain() → DER of each certificate, the key's own first | nil, sentence.

local host = require "webpubsub.host.openresty"

local certificate = {}

--- A certificate of PEM text or of a PFX file (not inside nginx) that holds both | nil, sentence. Neither the text nor
-- the password is kept.
function certificate.new(data, password)
  if host.inside then
    return require("webpubsub.certificate.openresty").new(data, password)
  end
  return require("webpubsub.openssl").certificate(data, password)
end

return certificate
