--- One exchange with the service: sign, send within the deadline, log, read.
-- `state` is a client's: options, credential, transport, write (the logger), site, user_agent.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local log = require "webpubsub.log"
local request = require "webpubsub.pipeline.request"
local response = require "webpubsub.pipeline.response"
local signer = require "webpubsub.pipeline.signer"

local exchange = {}

--- A call's own option, or else the client's.
local function setting(state, call, name)
  local value = call[name]
  if value == nil then
    return state.options[name]
  end
  return value
end

--- The client's clock, in whole epoch seconds.
function exchange.now(state)
  local now = state.options.clock()
  if type(now) ~= "number" or not (now >= 0 and now < 2 ^ 53) then
    errors.misuse "the option clock must give epoch seconds"
  end
  return math.floor(now)
end

--- What a credential may use to fetch a token.
local function signing_context(state, call, deadline)
  return {
    now = exchange.now(state),
    transport = state.transport,
    deadline = deadline,
    log = setting(state, call, "logging_enable") and state.write or nil,
    allow_insecure_connection = state.options.allow_insecure_connection,
  }
end

--- Signs one attempt. true | nil, err. deadline: of transport:now(); without it the client's timeout counts from now.
function exchange.sign(state, made, call, deadline)
  deadline = deadline or state.transport:now() + state.options.timeout
  local authorization, err = signer.authorize(state.credential, made, signing_context(state, call or {}, deadline))
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

local function send_logged(state, made, deadline)
  local write, started = state.write, core.monotonic()
  log.request(write, made, state.options.log_body)
  local raw, err = state.transport:send(made, deadline)
  local seconds = core.monotonic() - started
  if raw then
    log.response(write, response.complete(raw, made.request_id), seconds, logs_body(state, made))
  else
    log.failure(write, errors.adopt(err, "transport_failed", "maybe_sent"), seconds)
  end
  return raw, err
end

local function failed(made, err, attempts)
  err.request_id = made.request_id
  err.attempts = err.attempts or attempts
  return nil, err
end

--- Sends a built request. Completed response (of any status) | nil, err.
function exchange.send(state, call, made)
  -- One deadline for the whole call, set before a credential may have to fetch a token.
  local deadline = state.transport:now() + setting(state, call, "timeout")
  local ok, refused = exchange.sign(state, made, call, deadline)
  if not ok then
    return failed(made, refused, 0)
  end
  local raw, err
  if setting(state, call, "logging_enable") then
    raw, err = send_logged(state, made, deadline)
  else
    raw, err = state.transport:send(made, deadline)
  end
  if raw then
    return response.complete(raw, made.request_id)
  end
  return failed(made, errors.adopt(err, "transport_failed", "maybe_sent"), 1)
end

--- Sends a built request and reads the answer as its operation's row says.
function exchange.perform(state, row, call, made)
  local raw, err = exchange.send(state, call, made)
  if not raw then
    return nil, err
  end
  local answer, detail = response.read(row, raw)
  if answer == nil then
    detail.attempts = 1
  end
  return answer, detail
end

return exchange
