--- A credential that gives bearer tokens: a source of tokens behind a cache. A refresh is shared by all callers.
-- A source is a function(context) → { token, expires_on, refresh_on } | nil, err; it may wait by context.transport.
-- context = { transport, deadline (of transport:now()), now (epoch seconds), log (function(level, line) or nil) }.

local cache = require "webpubsub.credential.cache"
local errors = require "webpubsub.error"
local flight = require "webpubsub.credential.flight"

local token = { kind = "token" }
token.__index = token

--- Nothing that could be printed hangs on the object itself.
local states = setmetatable({}, { __mode = "k" })

function token:__tostring()
  local state = states[self]
  return state and ("webpubsub.%s(masked)"):format(state.name) or "webpubsub.credential"
end

local function unavailable_now(state)
  return state.failure
    or errors.new {
      code = "authentication_failed",
      message = state.name .. ": the token request ended without an answer",
      outcome = "not_sent",
    }
end

--- get_token(context) → { token, expires_on } | nil, err. An old token is given as long as it is valid, whatever
-- became of its refresh.
function token:get_token(context)
  local state = states[self] or errors.misuse "call get_token with a colon on a credential"
  local verdict = cache.judge(state.entry, context.now, state.failed_at)
  if verdict == "fresh" then
    return state.entry
  end
  local ok, err = flight.refresh(state, context, verdict == "expired")
  if cache.is_valid(state.entry, context.now) then
    return state.entry
  elseif not ok then
    return nil, err
  end
  return nil, unavailable_now(state)
end

--- new { name, source, timeout, shared_dict, shared_key } → credential.
function token.new(parts)
  local self = setmetatable({}, token)
  states[self] = { name = parts.name, source = parts.source, own = parts.source, timeout = parts.timeout or 30 }
  if parts.shared_dict then
    states[self].source = flight.shared(parts)
  end
  return self
end

--- The name and the source, uncached, of a credential made here; nil of any other object. For chains.
function token.parts_of(credential)
  local state = states[credential]
  if state then
    return state.name, state.own
  end
end

return token
