--- One exchange with the service: sign, send within the deadline, log, read.
-- `state` is a client's: options, credential, transport, write (the logger), site, user_agent.

local core = require "webpubsub.core"
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

--- Signs one attempt. true | nil, err.
function exchange.sign(state, made)
  local authorization, err = signer.authorize(state.credential, made, state.options.clock())
  if not authorization then
    return nil, err
  end
  request.authorize(made, authorization)
  return true
end

local function send_logged(state, made, deadline)
  local write, with_body, started = state.write, state.options.log_body, core.monotonic()
  log.request(write, made, with_body)
  local raw, err = state.transport:send(made, deadline)
  local seconds = core.monotonic() - started
  if raw then
    log.response(write, response.complete(raw, made.request_id), seconds, with_body)
  else
    log.failure(write, err, seconds)
  end
  return raw, err
end

local function send(state, call, made)
  -- One deadline for the whole call, set before a credential may have to fetch a token.
  local deadline = state.transport:now() + setting(state, call, "timeout")
  local ok, err = exchange.sign(state, made)
  if not ok then
    return nil, err, 0
  end
  local raw
  if setting(state, call, "logging_enable") then
    raw, err = send_logged(state, made, deadline)
  else
    raw, err = state.transport:send(made, deadline)
  end
  return raw, err, 1
end

--- Sends a built request. Completed response (of any status) | nil, err.
function exchange.send(state, call, made)
  local raw, err, attempts = send(state, call, made)
  if raw then
    return response.complete(raw, made.request_id)
  end
  err.request_id = made.request_id
  err.attempts = attempts
  return nil, err
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
