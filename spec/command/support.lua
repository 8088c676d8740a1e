-- Runs the command line as a user does, under the interpreter that runs the spec.

local core = require "webpubsub.core"
local process = require "webpubsub.process"
local run = require "spec.support.run"

local support = {}

local seconds = 20

local interpreter = "lua"
for index = -1, -10, -1 do
  interpreter = arg[index] or interpreter
end

--- A running command. `connection_string` goes into its environment; `merge`: standard error joins standard output.
function support.start(connection_string, merge, ...)
  return assert(process.start({ interpreter, "lua/bin/webpubsub", ... }, {
    capture_output = true,
    merge_error = merge,
    environment = { "WEBPUBSUB_CONNECTION_STRING=" .. (connection_string or "") },
  }))
end

support.finish = run.finish

--- Exit code and standard output.
function support.run(connection_string, ...)
  return support.finish(support.start(connection_string, false, ...))
end

--- Exit code, and both outputs together.
function support.run_merged(connection_string, ...)
  return support.finish(support.start(connection_string, true, ...))
end

--- What a command has printed when the pattern is in it.
function support.read_until(child, pattern)
  local text, deadline = "", core.monotonic() + seconds
  while not text:find(pattern) do
    local bytes, why = child:read(math.max(0, deadline - core.monotonic()))
    if not bytes then
      error(("waited in vain for %s (%s): %s"):format(pattern, why, text), 2)
    end
    text = text .. bytes
  end
  return text
end

return support
