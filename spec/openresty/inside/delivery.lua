-- Runs inside nginx, see inside_spec.lua.

local api = { describe = describe, it = it, after_each = after_each, map = require "spec.openresty.inside.map" }

require "spec.support.delivery"("openresty", function()
  return assert(require("webpubsub.transport.openresty").new {})
end, api)
