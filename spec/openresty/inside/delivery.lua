-- Runs inside nginx, see inside_spec.lua.

require "spec.support.delivery"("openresty", function()
  return assert(require("webpubsub.transport.openresty").new {})
end, { describe = describe, it = it, after_each = after_each })
