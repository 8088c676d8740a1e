--- Client access tokens of a client: signed here with an access key, made by the service for other credentials.

local attempt = require "webpubsub.attempt"
local call = require "webpubsub.client.call"
local client_options = require "webpubsub.client_options"
local client_token = require "webpubsub.client_token"
local exchange = require "webpubsub.exchange"
local operations = require "webpubsub.operations"
local options = require "webpubsub.options"
local signer = require "webpubsub.pipeline.signer"

local access_token = {}

local where = "get_client_access_token"
local row = operations.by_name.generate_client_token

--- The token by the service, for credentials that cannot sign one.
local function generate(state, given, protocol)
  local made, err = call.assemble(state, row, client_token.rest_options(given, protocol))
  if not made then
    return nil, err
  end
  return exchange.perform(state, row, given, made)
end

local function sign(state, given, audience)
  local header, err = client_token.header(given.jwt_headers)
  if not header then
    return nil, err
  end
  local claims
  claims, err = client_token.claims(audience, given, attempt.now(state))
  if not claims then
    return nil, err
  end
  return signer.token(state.credential:mac(), header, claims)
end

--- get(state, options) → { url, token, base_url } | nil, err.
function access_token.get(state, given)
  local ok, err = options.check(client_options.access_token, given, where)
  if not ok then
    return nil, err
  end
  local protocol, token
  protocol, err = client_token.check(given)
  if not protocol then
    return nil, err
  end
  local audience = client_token.audience(state.site.audience_base, protocol, state.site.hub)
  if state.credential.kind == "key" then
    token, err = sign(state, given, audience)
  else
    token, err = generate(state, given, protocol)
  end
  if not token then
    return nil, err
  end
  return client_token.access(audience, token)
end

return access_token
