-- A getaddrinfo that takes three seconds delays no frame of any loop, no cancel, no deadline and no close.

local process = require "webpubsub.process"

local slow_ms, patience = 1000, 30

local function interpreter()
  local lowest = 0
  while arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg[lowest]
end

local function run(arguments, environment)
  local child = assert(process.start(arguments, {
    capture_output = true,
    merge_error = true,
    environment = environment,
  }))
  local output, bytes = {}, child:read(patience)
  while bytes do
    output[#output + 1] = bytes
    bytes = child:read(patience)
  end
  local code = child:wait(patience)
  child:close()
  return code, table.concat(output)
end

describe("a slow name", function()
  local library

  setup(function()
    library = os.tmpname()
    local code, output = run { "cc", "-shared", "-fPIC", "-o", library, "spec/support/slow_getaddrinfo.c", "-ldl" }
    assert.equal(0, code, output)
  end)

  teardown(function()
    os.remove(library)
  end)

  local loops = { "plain", "luv", "cqueues" }
  if _VERSION == "Lua 5.1" then
    loops[#loops + 1] = "copas" -- which Debian has for LuaJIT and 5.1 alone
  end

  for _, loop in ipairs(loops) do
    it("holds up nothing in the loop " .. loop, function()
      local preload = (os.getenv "LD_PRELOAD" or "") .. " " .. library
      local code, output = run({ interpreter(), "spec/support/slow_names_main.lua", loop }, {
        "LD_PRELOAD=" .. preload:match "^%s*(.-)$",
      })
      assert.equal(0, code, output)
      assert.matches("^timeout not_sent ", output)
      local count = 0
      for what, milliseconds in output:gmatch "(%l+)=(%d+)" do
        assert(tonumber(milliseconds) < slow_ms, what .. " took too long: " .. output)
        count = count + 1
      end
      assert.equal(4, count)
    end)
  end
end)
