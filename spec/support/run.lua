-- Runs a program to its end: run({ program, arguments… }, options of process.start) → exit code, what it printed.

local process = require "webpubsub.process"

local seconds = 120 -- without output

local function finish(child)
  local parts = {}
  repeat
    local bytes = child:read(seconds)
    parts[#parts + 1] = bytes
  until not bytes
  local code = child:wait(seconds)
  child:close()
  return code, table.concat(parts)
end

local run = { finish = finish }

return setmetatable(run, {
  __call = function(_, command, options)
    options = options or { merge_error = true }
    options.capture_output = true
    return finish(assert(process.start(command, options)))
  end,
})
