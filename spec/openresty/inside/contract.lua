-- Runs inside nginx, see inside_spec.lua.

require "spec.transport.contract"("OpenResty", function(options)
  return assert(require("webpubsub.transport.openresty").new(options or {}))
end, { describe = describe, it = it, after_each = after_each })
