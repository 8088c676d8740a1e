--- Messages that wait: bounded, in order for each target, one at a time for each target. Values only.
-- An item is { target, bytes, value }. It waits, is taken, is done; bounds count it until it is done.

local queue = {}
queue.__index = queue

--- new { max_count, max_bytes, on_full = "drop_newest" or "drop_oldest" } → queue with the fields count and bytes.
function queue.new(options)
  return setmetatable({
    options = options,
    count = 0,
    bytes = 0,
    -- Waiting items by age, so that the oldest can go: a doubly linked list under the names older and newer.
    oldest = nil,
    newest = nil,
    -- A lane for each target that has something waiting or taken: { name, first, last, busy, listed }.
    lanes = {},
    -- Lanes that may have something to take, in the order in which they became so.
    ready = {},
    ready_first = 1,
    ready_last = 0,
  }, queue)
end

local function list_lane(self, lane)
  if lane.busy or lane.listed then
    return
  end
  lane.listed = true
  self.ready_last = self.ready_last + 1
  self.ready[self.ready_last] = lane
end

local function unlist_lane(self)
  local lane = self.ready[self.ready_first]
  if lane then
    self.ready[self.ready_first] = nil
    self.ready_first = self.ready_first + 1
    lane.listed = false
  end
  return lane
end

local function link(self, item)
  item.older = self.newest
  if self.newest then
    self.newest.newer = item
  else
    self.oldest = item
  end
  self.newest = item
end

local function unlink(self, item)
  if item.older then
    item.older.newer = item.newer
  else
    self.oldest = item.newer
  end
  if item.newer then
    item.newer.older = item.older
  else
    self.newest = item.older
  end
  item.older, item.newer = nil, nil
end

--- Takes the first waiting item out of its lane. The oldest of all is always the first of its lane.
local function shift(self, lane)
  local item = lane.first
  lane.first = item.next_in_lane
  if not lane.first then
    lane.last = nil
  end
  item.next_in_lane = nil
  unlink(self, item)
  return item
end

local function forget(self, item)
  self.count = self.count - 1
  self.bytes = self.bytes - item.bytes
end

local function fits(self, bytes)
  return self.count < self.options.max_count and self.bytes + bytes <= self.options.max_bytes
end

--- Drops the oldest waiting items until there is room or nothing waits. How many went.
local function make_room(self, bytes)
  local dropped = 0
  while not fits(self, bytes) and self.oldest do
    forget(self, shift(self, self.lanes[self.oldest.target]))
    dropped = dropped + 1
  end
  return dropped
end

local function append(self, item)
  local lane = self.lanes[item.target]
  if not lane then
    lane = { name = item.target }
    self.lanes[item.target] = lane
  end
  if lane.last then
    lane.last.next_in_lane = item
  else
    lane.first = item
  end
  lane.last = item
  link(self, item)
  list_lane(self, lane)
end

--- Adds an item. accepted, how many older ones were dropped for it.
function queue:push(target, bytes, value)
  local dropped = 0
  -- What could never fit drops nothing for itself.
  if self.options.on_full == "drop_oldest" and bytes <= self.options.max_bytes then
    dropped = make_room(self, bytes)
  end
  if not fits(self, bytes) then
    return false, dropped
  end
  append(self, { target = target, bytes = bytes, value = value })
  self.count = self.count + 1
  self.bytes = self.bytes + bytes
  return true, dropped
end

local function forget_lane(self, lane)
  if not lane.first then
    self.lanes[lane.name] = nil
  end
end

--- The next item of a target of which none is taken | nil.
function queue:take()
  local lane = unlist_lane(self)
  while lane do
    if lane.first then
      lane.busy = true
      return shift(self, lane)
    end
    forget_lane(self, lane)
    lane = unlist_lane(self)
  end
end

--- Says that a taken item has been dealt with.
function queue:done(item)
  local lane = self.lanes[item.target]
  lane.busy = false
  forget(self, item)
  if lane.first then
    list_lane(self, lane)
  else
    forget_lane(self, lane)
  end
end

--- Drops everything that waits. How many went.
function queue:clear()
  local dropped = 0
  while self.oldest do
    forget(self, shift(self, self.lanes[self.oldest.target]))
    dropped = dropped + 1
  end
  return dropped
end

return queue
