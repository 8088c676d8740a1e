--- Hands a command line over to LuaJIT, which has what WebSockets need here.

local process = require "webpubsub.process"
local report = require "webpubsub.command.report"

local luajit = {}

function luajit.is_here()
  return type(jit) == "table"
end

local function environment()
  return require("webpubsub.emulator.luajit").environment()
end

-- Never returns when it succeeds | nil, sentence, errno.
local function exec()
  local command = { "luajit", arg[0] }
  for _, argument in ipairs(arg) do
    command[#command + 1] = argument
  end
  return process.exec(command, { environment = environment() })
end

--- Goes on under LuaJIT with the same arguments; returns only when this is LuaJIT already.
function luajit.become(what)
  if luajit.is_here() then
    return
  end
  local _, why, errno = exec()
  if errno == 2 then -- ENOENT
    why = what .. " runs under LuaJIT, which was not found; the Debian package is luajit2."
  end
  report.fail(report.no, why)
end

local trial = 'require "argparse"; require "webpubsub.core"; require "webpubsub.openssl"; require "http.websocket"'
local trial_seconds = 5

--- Goes on under LuaJIT where all that WebSockets need is there; otherwise returns.
function luajit.prefer()
  if luajit.is_here() then
    return
  end
  local settings = { environment = environment(), capture_output = true, merge_error = true }
  local child = process.start({ "luajit", "-e", trial }, settings)
  local code = child and child:wait(trial_seconds)
  if child then
    child:close()
  end
  if code == 0 then
    exec()
  end
end

return luajit
