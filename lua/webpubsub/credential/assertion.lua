--- The signed JWT by which a client shows that it holds a certificate's key (contract: certificate assertion).

local core = require "webpubsub.core"
local json = require "webpubsub.json"

local assertion = { type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" }

local lifetime = 600 -- seconds

--- RFC 7515 sections 4.1.7 and 4.1.8: x5t goes with SHA-1, x5t#S256 with SHA-256.
local thumbprint_names = { RS256 = "x5t", PS256 = "x5t#S256" }

--- What `make` signs with | nil, sentence. options: { algorithm, send_certificate_chain }. RFC 7515 section 4.1.6: x5c
-- is an array of base64 (not base64url), the key's own certificate first.
function assertion.signer(certificate, options)
  local signer = { certificate = certificate, algorithm = options.algorithm }
  if options.send_certificate_chain then
    local chain, sentence = certificate:chain()
    if not chain then
      return nil, sentence
    end
    signer.x5c = {}
    for i, der in ipairs(chain) do
      signer.x5c[i] = core.base64_encode(der)
    end
  end
  return signer
end

local function header_of(signer)
  local thumbprint, sentence = signer.certificate:thumbprint(signer.algorithm)
  if not thumbprint then
    return nil, sentence
  end
  return json.encode {
    alg = signer.algorithm,
    typ = "JWT",
    [thumbprint_names[signer.algorithm]] = core.base64url_encode(thumbprint),
    x5c = signer.x5c,
  }
end

--- make(signer, token endpoint, client id, now) → compact JWT | nil, sentence.
function assertion.make(signer, audience, client_id, now)
  local header, sentence = header_of(signer)
  if not header then
    return nil, sentence
  end
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
  signature, sentence = signer.certificate:sign(signer.algorithm, input)
  if not signature then
    return nil, sentence
  end
  return input .. "." .. core.base64url_encode(signature)
end

return assertion
