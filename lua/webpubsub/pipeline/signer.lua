--- A credential and an audience → the Authorization header of one attempt.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local loopback = require "webpubsub.loopback"

local signer = {}

--- Seconds that a REST token lives (contract: the packages use 60 seconds to an hour).
signer.lifetime = 300

local default_header = '{"alg":"HS256","typ":"JWT"}'

--- header JSON (or nil for the usual one), claims JSON → compact token | nil, err.
function signer.token(mac, header, claims)
  local input = core.token_input(header or default_header, claims)
  local signature, sentence = mac:sign(input)
  if not signature then
    return nil, errors.new { code = "signing_failed", message = sentence, outcome = "not_sent" }
  end
  return input .. "." .. core.base64url_encode(signature)
end

--- The latest header value of each mac. The token of one URL is the same, byte for byte, for a whole second, so a loop
-- that sends to one target computes it once a second. One is kept for each key, and gone with it.
local latest = setmetatable({}, { __mode = "k" })

--- authorize_with_key(key credential, audience, now) → value of the Authorization header | nil, err.
function signer.authorize_with_key(credential, audience, now)
  local mac = credential:mac()
  local known = latest[mac]
  if known and known.audience == audience and known.now == now then
    return known.value
  end
  local token, err = signer.token(mac, nil, core.request_claims(audience, now, now + signer.lifetime))
  if not token then
    return nil, err
  end
  local value = "Bearer " .. token
  latest[mac] = { audience = audience, now = now, value = value }
  return value
end

--- A bearer token is worth more than one call; over plain http anybody on the way could read it.
local function may_carry_bearer(url, context)
  return url:find "^https:" or (context.allow_insecure_connection and loopback.is_url(url))
end

local function fetch_bearer(credential, url, context)
  if not may_carry_bearer(url, context) then
    return errors.invalid "over plain http a bearer token goes to loopback alone, with allow_insecure_connection"
  end
  local got, err = credential:get_token(context)
  if not got then
    return nil, errors.adopt(err, "authentication_failed", "not_sent")
  end
  local token = type(got) == "table" and got.token or got
  if type(token) ~= "string" or not token:find "^[%w._~+/=-]+$" then -- RFC 6750 section 2.1
    return errors.invalid "the credential gave something that is no bearer token"
  end
  return token
end

--- authorize_with_token(credential, url, context) → value of the Authorization header | nil, err.
-- context = { now (epoch seconds), transport, deadline, log, allow_insecure_connection }; a credential that has to
-- fetch its token does so by it.
function signer.authorize_with_token(credential, url, context)
  local token, err = fetch_bearer(credential, url, context)
  if not token then
    return nil, err
  end
  return "Bearer " .. token
end

return signer
