-- The outbox's queue, without nginx.

local queue = require "webpubsub.outbox.queue"

local function new(options)
  options = options or {}
  return queue.new {
    max_count = options.max_count or 100,
    max_bytes = options.max_bytes or 1000,
    on_full = options.on_full or "drop_newest",
  }
end

local function push_all(made, ...)
  for _, text in ipairs { ... } do
    made:push(text:sub(1, 1), 1, text)
  end
end

--- Takes everything, each done before the next.
local function drain(made)
  local values = {}
  local item = made:take()
  while item do
    values[#values + 1] = item.value
    made:done(item)
    item = made:take()
  end
  return table.concat(values, " ")
end

describe("a queue of messages", function()
  it("gives each target's messages in order, and the targets turns", function()
    local made = new()
    push_all(made, "a1", "a2", "b1", "a3", "c1")
    assert.equal("a1 b1 c1 a2 a3", drain(made))
    assert.equal(0, made.count)
    assert.equal(0, made.bytes)
  end)

  it("has at most one message of a target taken", function()
    local made = new()
    push_all(made, "a1", "a2")
    local first = made:take()
    assert.is_nil(made:take())
    push_all(made, "b1")
    assert.equal("b1", made:take().value)
    assert.is_nil(made:take())
    made:done(first)
    assert.equal("a2", made:take().value)
  end)

  it("takes no more than its bounds, taken ones included", function()
    local made = new { max_count = 2, max_bytes = 10 }
    assert.is_true((made:push("a", 4, 1)))
    local taken = made:take()
    assert.is_false((made:push("a", 7, 2)))
    assert.is_true((made:push("a", 6, 3)))
    assert.is_false((made:push("b", 0, 4)))
    made:done(taken)
    assert.is_true((made:push("b", 0, 5)))
    assert.equal(2, made.count)
    assert.equal(6, made.bytes)
  end)

  it("drops the oldest that wait when told to, never a taken one", function()
    local made = new { max_count = 3, on_full = "drop_oldest" }
    push_all(made, "a1", "b1", "a2")
    local taken = made:take()
    assert.same({ true, 1 }, { made:push("c", 1, "c1") })
    assert.same({ true, 1 }, { made:push("b", 1, "b2") })
    made:done(taken)
    assert.equal("a1", taken.value)
    assert.equal("b2 c1", drain(made))
  end)

  it("drops as many as a long one needs, and none for one that can never fit", function()
    local made = new { max_bytes = 10, on_full = "drop_oldest" }
    for i = 1, 5 do
      assert.is_true((made:push("a", 2, i)))
    end
    assert.same({ false, 0 }, { made:push("b", 11, "never") })
    assert.same({ true, 3 }, { made:push("b", 6, "long") })
    assert.equal(10, made.bytes)
  end)

  it("can be emptied but for what is taken", function()
    local made = new()
    push_all(made, "a1", "a2", "b1")
    local taken = made:take()
    assert.equal(2, made:clear())
    assert.equal(1, made.count)
    made:done(taken)
    assert.equal(0, made.count)
    assert.is_nil(made:take())
    push_all(made, "a3")
    assert.equal("a3", drain(made))
  end)

  it("agrees with a plain model over many random steps", function()
    for _, on_full in ipairs { "drop_newest", "drop_oldest" } do
      local made = new { max_count = 20, max_bytes = 60, on_full = on_full }
      local last, taken, pushed, gone = {}, {}, 0, 0
      for step = 1, 20000 do
        local target = tostring(math.random(5))
        local item = math.random() < 0.4 and made:take()
        if item then
          assert.is_true(item.value > (last[item.target] or 0))
          last[item.target] = item.value
          taken[#taken + 1] = item
        elseif math.random() < 0.4 and #taken > 0 then
          made:done(table.remove(taken, math.random(#taken)))
          gone = gone + 1
        else
          local accepted, dropped = made:push(target, math.random(0, 6), step)
          pushed, gone = pushed + (accepted and 1 or 0), gone + dropped
        end
        assert.equal(pushed - gone, made.count)
        assert.is_true(made.count <= 20 and made.bytes <= 60 and made.bytes >= 0)
      end
      for _, item in ipairs(taken) do
        made:done(item)
      end
      drain(made)
      assert.same({ 0, 0 }, { made.count, made.bytes })
      assert.is_nil(next(made.lanes))
    end
  end)

  it("keeps no trace of targets that are gone", function()
    local made = new()
    for i = 1, 1000 do
      made:push("target " .. i, 1, i)
      made:done(made:take())
    end
    assert.is_nil(next(made.lanes))
    assert.is_nil(next(made.ready))
  end)
end)
