--- The page and the control API on a connection; waits where an answer may.

local cqueues = require "cqueues"
local control = require "webpubsub.emulator.control"
local page = require "webpubsub.emulator.page"

local console = {}

local function handle(server, one)
  local ok, answer, effects = xpcall(control.handle, server.traceback, server.world, one)
  if not ok then
    server.log:error("%s %s: %s", one.method, one.path, answer)
    return { status = 500, headers = {}, body = "" }
  end
  server.delivery:apply(effects)
  return answer
end

local function wait_and_handle(server, one)
  local answer = handle(server, one)
  local deadline = answer.pending and cqueues.monotime() + answer.pending
  while answer.pending and not server.stopping and cqueues.monotime() < deadline do
    cqueues.poll(server.journal_changed, math.min(1, deadline - cqueues.monotime()))
    answer = handle(server, one)
  end
  return answer
end

--- The answer to a request that is ours, or nil.
function console.answer(server, stream, one)
  if page.is_path(one.path) then
    one.peer = stream:peer()
    return page.handle(server.world, one)
  elseif control.is_path(one.path) then
    return wait_and_handle(server, one)
  end
  return nil
end

return console
