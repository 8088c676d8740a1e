--- Sends that are only enqueued here and go out behind the caller's back, from every phase of nginx but init.

local errors = require "webpubsub.error"
local host = require "webpubsub.host.openresty"

local outbox = {}

--- new(options) → outbox | nil, err; see webpubsub.outbox.openresty.
function outbox.new(options)
  if not host.inside then
    errors.misuse "webpubsub.outbox works inside nginx alone; elsewhere call the client's methods"
  end
  return require("webpubsub.outbox.openresty").new(options)
end

return outbox
