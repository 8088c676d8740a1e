--- One request at a time, on libcurl; connections are kept and reused. See webpubsub.transport for the contract.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"

local blocking = {}
blocking.__index = blocking

function blocking:__tostring()
  return "webpubsub.transport.blocking"
end

function blocking:send(request, deadline)
  local status, headers, body, outcome, starts = self.easy:send(
    request.method,
    request.url,
    request.headers,
    request.body,
    deadline - core.monotonic(),
    request.idempotent
  )
  if status then
    return { status = status, header_block = headers, body = body }
  end
  return nil, errors.new { message = headers, code = body, outcome = outcome, attempts = math.max(1, starts) }
end

function blocking:sleep(seconds)
  self.curl.sleep(seconds)
end

function blocking:now()
  return core.monotonic()
end

function blocking:close()
  self.easy:close()
end

--- new { connect_timeout, proxy, ca_file, verify, http_version, max_response_body } → transport | nil, err.
-- proxy: nil follows https_proxy, http_proxy and no_proxy of the environment (never for loopback hosts), false
-- ignores them.
function blocking.new(options)
  local curl = require "webpubsub.curl"
  local easy, sentence = curl.easy {
    connect_timeout = options.connect_timeout,
    max_response_body = options.max_response_body,
    proxy = options.proxy,
    ca_file = options.ca_file,
    verify = options.verify,
    http2 = options.http_version == "2",
  }
  if not easy then
    return errors.invalid(sentence)
  end
  return setmetatable({ easy = easy, curl = curl }, blocking)
end

return blocking
