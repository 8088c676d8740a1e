-- Runs inside nginx, see inside_spec.lua.

local api = { describe = describe, it = it, setup = setup, teardown = teardown, after_each = after_each }
api.map = require "spec.openresty.inside.map"

require "spec.support.canary"("openresty", function()
  return assert(require("webpubsub.transport.openresty").new {})
end, api)
