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
  local fetched, err = flight.refresh(state, context, verdict == "expired")
  if cache.is_valid(state.entry, context.now) then
    return state.entry
  elseif cache.is_valid(fetched, context.now) then
    return fetched -- refused while this call waited for it: the call hears that from the service
  end
  return nil, err or unavailable_now(state)
end

--- reject(text, now): the service refused this token. Is it out of use? It is dropped where it is still the one in use,
-- and a refresh under way goes on. One is dropped every three seconds: a service that refuses whatever it is shown must
-- not turn each call into a token request.
function token:reject(text, now)
  local state = states[self] or errors.misuse "call reject with a colon on a credential"
  if cache.is_recent(state.rejected_at, now) then
    return false
  end
  local known = state.entry ~= nil and state.entry.token == text
  if known then
    state.entry = nil
  end
  local forgotten = state.forget and state.forget(text, now)
  if not (known or forgotten) then
    return false
  end
  state.rejected_at = now
  return true
end

--- new { name, source, timeout, shared_dict, shared_key, forget } → credential. forget(text, now) drops a refused token
-- where the source keeps it too.
function token.new(parts)
  local self = setmetatable({}, token)
  local state = { name = parts.name, source = parts.source, own = parts.source, timeout = parts.timeout or 30 }
  state.forget = parts.forget
  if parts.shared_dict then
    state.source = flight.shared(parts)
    state.forget = function(text)
      return flight.forget(parts, text)
    end
  end
  states[self] = state
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
