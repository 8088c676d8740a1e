--- The emulator's own log: lines on standard error, with a level and the time.

local log = {}
log.__index = log

local ranks = { off = 0, error = 1, warn = 2, info = 3, debug = 4 }

log.levels = { "off", "error", "warn", "info", "debug" }

function log.is_level(name)
  return ranks[name] ~= nil
end

--- write takes one line; time answers its time stamp.
function log.new(level, write, time)
  return setmetatable({ rank = ranks[level], write = write, time = time }, log)
end

function log:enabled(level)
  return ranks[level] <= self.rank
end

local function printable(text)
  return (text:gsub("[%z\1-\31\127]", function(byte)
    return ("\\%d"):format(byte:byte())
  end))
end

for _, level in ipairs { "error", "warn", "info", "debug" } do
  log[level] = function(self, pattern, ...)
    if ranks[level] <= self.rank then
      self.write(("%s %-5s %s\n"):format(self.time(), level, printable(pattern:format(...))))
    end
  end
end

return log
