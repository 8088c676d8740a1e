--- The ackIds of one client whose requests have succeeded; the oldest are forgotten so that the memory stays bounded.

local acks = {}
acks.__index = acks

local limit = 10000

function acks.new()
  return setmetatable({ seen = {}, ring = {}, position = 0 }, acks)
end

function acks:has(ack_id)
  return self.seen[ack_id] == true
end

function acks:add(ack_id)
  self.position = self.position % limit + 1
  local oldest = self.ring[self.position]
  if oldest then
    self.seen[oldest] = nil
  end
  self.ring[self.position] = ack_id
  self.seen[ack_id] = true
end

return acks
