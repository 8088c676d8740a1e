--- The command line: arguments → one command's work → an exit code.

local argparse = require "argparse"
local report = require "webpubsub.command.report"

local command = {}

local modules = { "emulator", "send", "listen", "token", "calls", "doctor" }

local epilog = [[
The connection string comes from the environment variable WEBPUBSUB_CONNECTION_STRING or from --connection-string. The
environment is safer: a command line can be read by other users of the machine and stays in the shell's history.

Exit codes: 0 done, or yes; 1 no, or a problem was found; 2 the command line or a value is not right;
3 nothing was sent; 4 the service refused; 5 it is not known whether the service acted.]]

local function usage_error(_, message)
  local sentence = message:gsub("%s*\n%s*", ". "):gsub("%.?$", ""):gsub("([^?])$", "%1.")
  report.fail(report.usage, sentence .. " webpubsub --help lists what there is.")
end

local function new_parser()
  local parser = argparse("webpubsub", "Tools of the webpubsub library.", epilog)
  parser.error = usage_error
  parser:flag("--version", "Print the version."):action(function()
    print("webpubsub " .. require "webpubsub.version")
    os.exit(0)
  end)
  parser:command_target "command"
  parser:require_command(true)
  return parser
end

-- Adds a command whose mistakes are told like everything else.
local function adder(parser)
  return function(name, description, above)
    local added = (above or parser):command(name, description)
    added.error = usage_error
    return added
  end
end

local function work(arguments)
  local parser, runs = new_parser(), {}
  for _, name in ipairs(modules) do
    require("webpubsub.command." .. name).add(adder(parser), runs)
  end
  local read = parser:parse(arguments)
  return runs[read.command](read)
end

local function sentence_of(problem)
  return (tostring(problem):gsub("^[^%s:]+:%d+: ", ""):gsub("%c+", " "))
end

--- Runs a command line (a table like `arg`); answers the exit code. Ends the process itself on usage errors.
function command.run(arguments)
  local ok, code = xpcall(work, sentence_of, arguments)
  if ok then
    return code
  end
  report.fail(report.usage, code)
end

return command
