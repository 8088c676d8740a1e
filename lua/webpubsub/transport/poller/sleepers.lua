--- Who waits for a moment: a heap, the earliest on top.

local sleepers = {}
sleepers.__index = sleepers

function sleepers.new()
  return setmetatable({ count = 0 }, sleepers)
end

function sleepers:add(moment, waiter)
  local place = self.count + 1
  self.count = place
  while place > 1 do
    local above = (place - place % 2) / 2
    if self[above].moment <= moment then
      break
    end
    self[place] = self[above]
    place = above
  end
  self[place] = { moment = moment, waiter = waiter }
end

local function earlier_child(self, place)
  local left, right = self[2 * place], self[2 * place + 1]
  if right and right.moment < left.moment then
    return right, 2 * place + 1
  end
  return left, 2 * place
end

--- Fills the gap on top with the last entry, moved down to its place.
local function close_gap(self)
  local last, place = self[self.count], 1
  self[self.count] = nil
  self.count = self.count - 1
  if self.count == 0 then
    return
  end
  while true do
    local child, below = earlier_child(self, place)
    if not child or child.moment >= last.moment then
      break
    end
    self[place] = child
    place = below
  end
  self[place] = last
end

--- The earliest moment, or nil.
function sleepers:next()
  return self[1] and self[1].moment
end

--- Takes out the waiter of the earliest moment if that has come.
function sleepers:take(now)
  local first = self[1]
  if first and first.moment <= now then
    close_gap(self)
    return first.waiter
  end
end

return sleepers
