-- How an application is tested with busted:  script/lua /usr/bin/busted examples/testing/scoreboard_spec.lua

local emulator = require "webpubsub.emulator"
local scoreboard = require "examples.testing.scoreboard"

describe("the scoreboard", function()
  local service, board

  setup(function()
    service = assert(emulator.start()) -- a free port, ready when it returns; ends with this process at the latest
  end)

  teardown(function()
    service:stop()
  end)

  before_each(function()
    assert(service:reset())
    board = scoreboard.new(service.connection_string)
  end)

  it("tells the players of a game", function()
    assert(board:score("chess", "ann", 3))
    local messages = assert(service:messages { group = "chess" })
    assert.equal(1, #messages)
    assert.same({ player = "ann", points = 3 }, messages[1].data)
    assert.same({}, service:messages { group = "checkers" })
  end)

  it("keeps a score while the service is throttled, and sends it later", function()
    assert(service:fault "send:429*1;retry-after=1")
    local ok, err = board:score("chess", "ann", 3)
    assert.is_nil(ok)
    assert.equal("throttled", err.code)
    assert.same({}, service:messages())
    board:catch_up()
    assert.equal(1, #service:messages { group = "chess" })
  end)

  it("does not send twice what may have arrived", function()
    assert(service:fault "send:503*1;processed")
    board:score("chess", "ann", 3)
    board:catch_up()
    assert.equal(1, #service:messages { group = "chess" })
  end)

  it("puts players into their game", function()
    assert.matches("^ws://localhost:%d+/client/hubs/game%?access_token=", board:ticket("chess", "ann"))
    assert.same({}, service:connections { group = "chess" }) -- until somebody connects with it
  end)
end)
