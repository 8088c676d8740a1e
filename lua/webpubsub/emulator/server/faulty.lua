--- Carries out ordered faults.

local cqueues = require "cqueues"
local faults = require "webpubsub.emulator.faults"

local faulty = {}

local drop_bytes, drop_seconds = 2 ^ 40, 300

local function answer_of(fault)
  local headers = {}
  if fault.retry_after then
    headers[1] = { "Retry-After", fault.retry_after }
  end
  return { status = fault.status, headers = headers, body = "" }
end

--- nil: nothing is in the way. Otherwise the fault's text with an answer to give in place of ours, or without one when
-- the connection is over. `process()` does what the request asks, its answer is not seen.
function faulty.meet(server, stream, one, process)
  local fault = server.world.faults:take(faults.kind_of(one.method, one.path))
  if not fault then
    return nil
  elseif fault.delay then
    cqueues.sleep(fault.delay)
  end
  if fault.processed then
    process()
  end
  if fault.status then
    return fault.text, answer_of(fault)
  elseif fault.reset then
    stream:reset()
    return fault.text
  elseif fault.drop then
    stream:drain(drop_bytes, drop_seconds) -- until the other side gives up
    return fault.text
  end
  return nil
end

return faulty
