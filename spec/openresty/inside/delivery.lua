-- Runs inside nginx, see inside_spec.lua.

--- All calls of a fault at once, each in a light thread.
local function map(_, list, f)
  local threads = {}
  for i, item in ipairs(list) do
    threads[i] = ngx.thread.spawn(f, item)
  end
  for _, thread in ipairs(threads) do
    local ok, raised = ngx.thread.wait(thread)
    assert(ok, raised)
  end
end

require "spec.support.delivery"("openresty", function()
  return assert(require("webpubsub.transport.openresty").new {})
end, { describe = describe, it = it, after_each = after_each, map = map })
