-- The examples run against the local service and end well.

local process = require "webpubsub.process"

--- The interpreter that runs this; lua-copas exists for LuaJIT and 5.1 alone.
local function interpreter()
  local lowest = 0
  while arg[lowest - 1] do
    lowest = lowest - 1
  end
  return arg[lowest]
end

local examples = { "game_loop", "luv", "cqueues" }
if _VERSION == "Lua 5.1" then
  examples[#examples + 1] = "copas"
end

describe("the example", function()
  for _, name in ipairs(examples) do
    it(name .. " sends everything", function()
      local child = assert(process.start({ interpreter(), "examples/" .. name .. ".lua", "0.5" }, {
        capture_output = true,
        merge_error = true,
      }))
      local output, bytes = {}, child:read(30)
      while bytes do
        output[#output + 1] = bytes
        bytes = child:read(30)
      end
      assert.equal(0, child:wait(10), table.concat(output))
      assert.matches("%d+ sent", table.concat(output))
      child:close()
    end)
  end

  it("of an application's own specs passes", function()
    local command =
      { interpreter(), "/usr/bin/busted", "--output=plainTerminal", "examples/testing/scoreboard_spec.lua" }
    local child = assert(process.start(command, { capture_output = true, merge_error = true }))
    local output, bytes = {}, child:read(60)
    while bytes do
      output[#output + 1] = bytes
      bytes = child:read(60)
    end
    assert.equal(0, child:wait(10), table.concat(output))
    assert.matches("4 successes / 0 failures / 0 errors / 0 pending", table.concat(output))
    child:close()
  end)
end)
