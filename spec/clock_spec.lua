-- A service whose clock is not ours, and which forgives no second.

local child = require "spec.support.child"
local webpubsub = require "webpubsub"

local key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

describe("a clock that is off", function()
  local service, lines

  local function start(ahead, credential)
    lines = {}
    service = child.start("spec/support/skewed_main.lua", key, tostring(ahead))
    return assert(webpubsub.client {
      endpoint = "http://127.0.0.1:" .. service:line(),
      hub = "chat",
      credential = credential or key,
      retry_total = 0,
      logger = function(level, line)
        lines[#lines + 1] = level .. " " .. line
      end,
    })
  end

  after_each(function()
    service:stop()
  end)

  for _, minutes in ipairs { 10, -10 } do
    it("by " .. minutes .. " minutes costs one more request, once", function()
      local hub = start(minutes * 60)
      assert.is_true((hub:send_to_all "first"))
      assert.same({ "401", "202" }, { service:line(), service:line() })
      assert.is_true((hub:send_to_all "second"))
      assert.equal("202", service:line())
      assert.equal(1, #lines)
      assert.matches("^warn the service's clock is %-?%d+ s ahead of ours", lines[1])
    end)
  end

  it("is blamed once only: a wrong key stays unauthorized", function()
    local hub = start(600, "another key")
    local ok, err = hub:send_to_all "x"
    assert.is_nil(ok)
    assert.same({ "unauthorized", "rejected", 2 }, { err.code, err.outcome, err.attempts })
    assert.is_nil((hub:send_to_all "y"))
    assert.same({ "401", "401", "401" }, { service:line(), service:line(), service:line() })
  end)

  it("is left alone when a 401 comes without a difference", function()
    local hub = start(0, "another key")
    assert.equal(1, select(2, hub:send_to_all "x").attempts)
    assert.equal(0, #lines)
  end)
end)
