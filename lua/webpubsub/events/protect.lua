--- pcall for functions that may wait: on PUC Lua 5.1 no yield crosses pcall, a coroutine's end does it there.

local protect = {}

local unpack = table.unpack or unpack

local function pack(...)
  return { n = select("#", ...), ... }
end

--- Passes the yields of a coroutine on, and what comes back into it.
local function relay(thread, ...)
  local results = pack(coroutine.resume(thread, ...))
  while coroutine.status(thread) == "suspended" do
    results = pack(coroutine.resume(thread, coroutine.yield(unpack(results, 2, results.n))))
  end
  return unpack(results, 1, results.n)
end

local function in_coroutine(f, ...)
  return relay(coroutine.create(f), ...)
end

--- call(f, …) → as pcall.
protect.call = (_VERSION == "Lua 5.1" and type(jit) ~= "table") and in_coroutine or pcall

return protect
