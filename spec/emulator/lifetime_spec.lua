-- The local service as a child process: its end, and a port that is taken.

local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"

describe("the local service", function()
  it("ends when it is stopped", function()
    local service = assert(emulator.start { port = 0 })
    assert.is_true(service:stop())
    local hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))
    local ok, err = hub:get_service_status()
    assert.is_nil(ok)
    assert.equal("not_sent", err.outcome)
  end)

  it("says which port is taken", function()
    local service = assert(emulator.start { port = 0 })
    local second, sentence = emulator.start { port = service.port }
    assert.is_nil(second)
    assert.matches(tostring(service.port), sentence)
    service:stop()
  end)
end)
