--- Tokens that come from the program itself: one that never changes, or a function.

local answer = require "webpubsub.credential.answer"
local common = require "webpubsub.credential.common"
local errors = require "webpubsub.error"
local token = require "webpubsub.credential.token"

local given = {}

local fallback_life = 300 -- seconds that a token counts as fresh whose end nobody told us

--- static(text, { expires_on }) → credential | nil, err.
function given.static(text, own)
  if type(text) ~= "string" then
    errors.misuse("static_token_credential: a token is a string, got %s", type(text))
  end
  local expires_on = own and own.expires_on
  return token.new {
    name = "static_token_credential",
    source = function(context)
      return answer.entry("static_token_credential", text, context.now, expires_on or context.now + 86400)
    end,
  }
end

--- of_function(f, options) → credential | nil, err. f(context) → token, expires_on (epoch seconds or nil) | nil,
-- reason. context.scope names what the token is for; context.transport and context.deadline let it wait.
function given.of_function(f, own)
  if type(f) ~= "function" then
    errors.misuse("function_credential: a function is needed, got %s", type(f))
  end
  local name = "function_credential"
  local read, err = common.read(common.schema {}, own, name)
  if not read then
    return nil, err
  end
  return token.new {
    name = name,
    timeout = read.timeout,
    source = function(context)
      context.scope = read.scope
      local text, detail = f(context)
      if text == nil then
        return nil, errors.adopt(detail, "authentication_failed", "not_sent")
      end
      return answer.entry(name, text, context.now, tonumber(detail) or context.now + fallback_life)
    end,
  }
end

return given
