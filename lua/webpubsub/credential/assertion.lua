--- The signed JWT by which a client shows that it holds a certificate's key (contract: certificate assertion).

local core = require "webpubsub.core"
local json = require "webpubsub.json"

local assertion = { type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" }

local lifetime = 600 -- seconds

--- RFC 7515 sections 4.1.7 and 4.1.8: x5t goes with SHA-1, x5t#S256 with SHA-256.
local thumbprint_names = { RS256 = "x5t", PS256 = "x5t#S256" }

--- make(certificate, algorithm, token endpoint, client id, now) → compact JWT | nil, sentence.
function assertion.make(certificate, algorithm, audience, client_id, now)
  local thumbprint, sentence = certificate:thumbprint(algorithm)
  if not thumbprint then
    return nil, sentence
  end
  local header = json.encode {
    alg = algorithm,
    typ = "JWT",
    [thumbprint_names[algorithm]] = core.base64url_encode(thumbprint),
  }
  local claims, why = json.encode {
    aud = audience,
    iss = client_id,
    sub = client_id,
    jti = core.uuid(),
    nbf = now,
    exp = now + lifetime,
  }
  if not claims then
    return nil, why
  end
  local input = core.token_input(header, claims)
  local signature
  signature, sentence = certificate:sign(algorithm, input)
  if not signature then
    return nil, sentence
  end
  return input .. "." .. core.base64url_encode(signature)
end

return assertion
