--- What the Lua that runs us can do with coroutines.

local errors = require "webpubsub.error"

local host = {}

--- PUC Lua 5.1 yields neither across pcall nor out of a metamethod or a `for` iterator.
host.yields_everywhere = _VERSION ~= "Lua 5.1" or type(jit) == "table"

--- The running coroutine, or nil on the main chunk.
function host.running()
  local thread, is_main = coroutine.running()
  if not is_main then
    return thread
  end
end

--- A coroutine of f. Lua 5.1 makes none of a C function.
function host.create(f)
  if host.yields_everywhere or debug.getinfo(f, "S").what ~= "C" then
    return coroutine.create(f)
  end
  return coroutine.create(function(...)
    return f(...)
  end)
end

--- For a host that does not yield everywhere: raises when a C function such as pcall stands between here and the
-- coroutine's start.
function host.check_yieldable()
  local level = 2
  local info = debug.getinfo(level, "S")
  while info do
    if info.what == "C" then
      errors.misuse(
        "a call on the poller cannot wait inside pcall or another C function on Lua 5.1; "
          .. "failures come back as values, so call it without pcall"
      )
    end
    level = level + 1
    info = debug.getinfo(level, "S")
  end
end

--- Lua 5.4 runs the to-be-closed variables of a coroutine that will not go on. true | false, err.
function host.close(thread)
  if coroutine.close and coroutine.status(thread) == "suspended" then
    return coroutine.close(thread)
  end
  return true
end

return host
