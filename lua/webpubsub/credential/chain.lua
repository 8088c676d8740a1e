--- Several credentials, asked in order. One that is unavailable lets the next one try; a failure of one that is there
-- stops, because a wrong secret must not be hidden by another identity. The one that gave a token is asked first from
-- then on, until it is unavailable.

local answer = require "webpubsub.credential.answer"
local errors = require "webpubsub.error"
local token = require "webpubsub.credential.token"

local chain = {}

local name = "chained_token_credential"

--- One credential → entry | nil, err. Those made here are asked without their cache: the chain has its own.
local function ask(credential, context)
  local _, source = token.parts_of(credential)
  if source then
    return source(context)
  end
  local got, err = credential:get_token(context)
  if type(got) ~= "table" then
    return nil, errors.adopt(err, "authentication_failed", "not_sent")
  end
  return answer.entry(name, got.token, context.now, got.expires_on)
end

local function is_unavailable(err)
  return type(err) == "table" and err.code == "credential_unavailable"
end

local function walk(credentials, context)
  local reasons = {}
  for _, credential in ipairs(credentials) do
    local entry, err = ask(credential, context)
    if entry then
      return entry, nil, credential
    elseif not is_unavailable(err) then
      return nil, err
    end
    reasons[#reasons + 1] = err.message
  end
  return answer.unavailable(name, "no credential is available: " .. table.concat(reasons, "; "))
end

--- The source, and what tells a refused token to the member that gave it.
local function source_of(credentials)
  local winner
  local function forget(text, now)
    return winner and winner.reject and winner:reject(text, now)
  end
  local function source(context)
    local entry, err
    if winner then
      entry, err = ask(winner, context)
      if entry or not is_unavailable(err) then
        return entry, err
      end
    end
    entry, err, winner = walk(credentials, context)
    return entry, err
  end
  return source, forget
end

--- new(credentials, { timeout }) → credential.
function chain.new(credentials, own)
  if type(credentials) ~= "table" or #credentials == 0 then
    errors.misuse "chained_token_credential: a list of credentials is needed"
  end
  local copy = {}
  for i, credential in ipairs(credentials) do
    if type(credential) ~= "table" or type(credential.get_token) ~= "function" then
      errors.misuse("chained_token_credential: item %d is no token credential", i)
    end
    copy[i] = credential
  end
  local source, forget = source_of(copy)
  return token.new { name = name, source = source, forget = forget, timeout = own and own.timeout }
end

return chain
