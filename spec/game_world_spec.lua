-- The rules of the game example.

local world = require "examples.game-loop.world"

describe("the world of the game example", function()
  local made

  before_each(function()
    made = world.new(function()
      return 1
    end)
    made:join("a", "Ann")
  end)

  local function steps(count, wish)
    for _ = 1, count do
      made:steer("a", wish)
      made:step(0.05, 100)
    end
    return made.players.a
  end

  it("moves a player as it wishes, as fast slantwise, and stops it at the wall", function()
    local player = steps(10, { dx = 1, dy = 0 })
    assert.near(160 + 55, player.x, 1e-6)
    assert.equal(100, player.y)
    local x = player.x
    player = steps(10, { dx = -1, dy = 1 })
    assert.near(55, math.sqrt((player.x - x) ^ 2 + (player.y - 100) ^ 2), 1e-6)
    assert.equal(312, steps(200, { dx = 1 }).x)
  end)

  it("takes a wish as a direction and nothing more", function()
    assert.near(160 + 5.5, steps(1, { dx = 1e9 }).x, 1e-6)
    for _, wish in ipairs { {}, "x", 1, true, { dx = "1" }, { dx = 0 / 0 }, { dx = {} } } do
      local x = made.players.a.x
      assert.equal(x, steps(1, wish).x)
    end
  end)

  it("gives the coin to who touches it", function()
    local player = made.players.a
    made.random = function()
      return 150
    end
    player.x, player.y = made.coin.x + 5, made.coin.y
    made:step(0.05, 100)
    assert.equal(1, player.score)
    assert.same({ x = 158, y = 158 }, made.coin)
  end)

  it("forgets who has been silent or left, and joins nobody twice", function()
    made:join("b", "Bob")
    made:join("b", "Bob again")
    assert.equal("Bob", made.players.b.name)
    made:leave "b"
    assert.equal(1, #made:view().players)
    for _ = 1, 101 do
      made:step(0.05, 100)
    end
    assert.same({}, made:view().players)
    made:steer("b", { dx = 1 })
  end)
end)
