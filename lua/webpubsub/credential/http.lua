--- One request for a token, repeated as its source's policy says and the deadline allows.

local errors = require "webpubsub.error"
local response = require "webpubsub.pipeline.response"

local http = {}

--- Delays in seconds by attempt, for the listed statuses (contract: retry for managed identity; 429 and 5xx of Entra
-- may carry Retry-After).
http.policies = {
  entra = { [429] = { 1, 2, 4 }, server = { 1, 2, 4 } },
  imds = { [404] = { 1, 2, 4 }, [408] = { 1, 2, 4 }, [410] = { 10, 10, 10, 10, 10, 10, 10 }, [429] = { 1, 2, 4 } },
  local_agent = { [404] = { 1, 1, 1 }, [408] = { 1, 1, 1 }, [429] = { 1, 1, 1 } },
  once = {},
}
http.policies.imds.server = { 1, 2, 4 }
for _, status in ipairs { 500, 503, 504 } do
  http.policies.local_agent[status] = { 1, 1, 1 }
end

--- Seconds to wait before the next attempt | nil when there is none.
function http.delay(policy, status, attempt, retry_after)
  local delays = policy[status] or (status >= 500 and policy.server) or nil
  local delay = delays and delays[attempt]
  if not delay then
    return nil
  end
  return math.max(delay, retry_after or 0)
end

local function send_once(context, request)
  local raw, err = context.transport:send(request, context.deadline)
  if raw then
    return response.complete(raw)
  end
  -- The bearer's own message has not been sent, whatever became of this request.
  local adopted = errors.adopt(err, "transport_failed", "not_sent")
  adopted.outcome = "not_sent"
  return nil, adopted
end

--- send(context, { method, url, headers, body }, policy) → response of any status | nil, err.
function http.send(context, request, policy)
  request.idempotent = true -- asking twice for a token does no harm
  local attempt = 0
  while true do
    attempt = attempt + 1
    local raw, err = send_once(context, request)
    if not raw then
      return nil, err
    end
    local delay = http.delay(policy, raw.status, attempt, tonumber(((raw.headers["retry-after"] or ""):match "^%d+$")))
    if not delay or context.transport:now() + delay >= context.deadline then
      return raw
    end
    context.transport:sleep(delay)
  end
end

return http
