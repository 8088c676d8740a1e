--- One attempt of a call: sign, send within the deadline, log.
-- `state` is a client's: options, credential, transport, write (the logger), site, user_agent.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local log = require "webpubsub.log"
local request = require "webpubsub.pipeline.request"
local response = require "webpubsub.pipeline.response"
local signer = require "webpubsub.pipeline.signer"

local attempt = {}

local floor = math.floor

--- A call's own option, or else the client's.
function attempt.setting(state, call, name)
  local value = call[name]
  if value == nil then
    return state.options[name]
  end
  return value
end

--- The client's clock, in whole epoch seconds of the service's as far as that is known.
local function now(state)
  local seconds = state.options.clock()
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds < 2 ^ 53) then
    errors.misuse "the option clock must give epoch seconds"
  end
  return floor(seconds + (state.clock_offset or 0))
end
attempt.now = now

--- What a credential may use to fetch a token.
local function signing_context(state, call, deadline)
  return {
    now = now(state),
    transport = state.transport,
    deadline = deadline,
    log = attempt.setting(state, call, "logging_enable") and state.write or nil,
    allow_insecure_connection = state.options.allow_insecure_connection,
  }
end

--- Signs one attempt. true | nil, err. deadline: of transport:now(); without it the client's timeout counts from now.
function attempt.sign(state, made, call, deadline)
  local credential = state.credential
  local authorization, err
  if credential.kind == "key" then
    authorization, err = signer.authorize_with_key(credential, made.audience, now(state))
  else
    deadline = deadline or state.transport:now() + state.options.timeout
    authorization, err = signer.authorize_with_token(credential, made.url, signing_context(state, call or {}, deadline))
  end
  if not authorization then
    return nil, err
  end
  request.authorize(made, authorization)
  return true
end

--- The answer to a token request is a secret as a whole.
local function logs_body(state, made)
  return state.options.log_body and made.operation ~= "generate_client_token"
end

--- A transport's failure as an error of ours. The message of a user's own transport may quote the request.
local function failure_of(made, err)
  local failure = errors.adopt(err, "transport_failed", "maybe_sent")
  failure.message = response.without(failure.message, request.secret(made))
  return failure
end

--- Completed response | nil, err, without the request's token in either: a service that echoes the request would put
-- it into an error or a log line.
local function send(state, made, deadline, is_logged)
  local raw, err = state.transport:send(made, deadline)
  if not raw then
    return nil, failure_of(made, err)
  elseif is_logged or raw.status >= 300 then
    response.conceal(raw, request.secret(made))
  end
  return response.complete(raw, made.request_id)
end

local function send_logged(state, made, deadline)
  local write, started = state.write, core.monotonic()
  log.request(write, made, state.options.log_body)
  local raw, err = send(state, made, deadline, true)
  local seconds = core.monotonic() - started
  if raw then
    log.response(write, raw, seconds, logs_body(state, made))
  else
    log.failure(write, err, seconds)
  end
  return raw, err
end

--- One attempt. Completed response | nil, err.
function attempt.make(state, call, made, deadline)
  local ok, refused = attempt.sign(state, made, call, deadline)
  if not ok then
    refused.attempts = refused.attempts or 0
    refused.permanent = true -- a credential repeats its own requests
    return nil, refused
  end
  if attempt.setting(state, call, "logging_enable") then
    return send_logged(state, made, deadline)
  end
  return send(state, made, deadline, false)
end

return attempt
