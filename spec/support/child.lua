-- A luajit child that talks in lines: what the specs on every Lua use for peers that need lua-http or cqueues.

local core = require "webpubsub.core"
local process = require "webpubsub.process"

local child = {}
child.__index = child

local seconds_to_answer = 10

local function luajit_environment()
  local root = os.getenv "PWD"
  return {
    "LUA_PATH=" .. root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. root .. "/?.lua;;",
    "LUA_CPATH=" .. root .. "/build/luajit/?.so;;",
    "LD_PRELOAD=",
  }
end

--- start(file, …) → child. Raises when it cannot.
function child.start(file, ...)
  local handle = assert(process.start({ "luajit", file, ... }, {
    capture_output = true,
    environment = luajit_environment(),
  }))
  return setmetatable({ handle = handle, pending = "" }, child)
end

--- The next line the child prints; raises when none comes in time.
function child:line(seconds)
  local deadline = core.monotonic() + (seconds or seconds_to_answer)
  while true do
    local line, rest = self.pending:match "^([^\n]*)\n(.*)$"
    if line then
      self.pending = rest
      return line
    end
    local bytes, why = self.handle:read(math.max(0, deadline - core.monotonic()))
    if not bytes then
      error("the child printed no line: " .. tostring(why), 2)
    end
    self.pending = self.pending .. bytes
  end
end

--- Lines that are there already or come within the seconds.
function child:lines_within(seconds)
  local lines = {}
  while true do
    local ok, line = pcall(self.line, self, seconds)
    if not ok then
      return lines
    end
    lines[#lines + 1] = line
  end
end

function child:stop()
  if self.handle then
    self.handle:close()
    self.handle = nil
  end
end

return child
