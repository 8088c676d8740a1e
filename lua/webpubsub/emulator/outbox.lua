--- What waits to be written to one client: a queue bounded in bytes and in frames.

local outbox = {}
outbox.__index = outbox

function outbox.new(byte_limit, frame_limit)
  return setmetatable({ byte_limit = byte_limit, frame_limit = frame_limit, first = 1, last = 0, bytes = 0 }, outbox)
end

--- Adds a frame; one with `expires` (a time of the clock that `take` is given) is dropped when it is taken later.
-- false when the queue would grow over its bounds.
function outbox:push(bytes, expires)
  if self.bytes + #bytes > self.byte_limit or self.last - self.first + 1 >= self.frame_limit then
    return false
  end
  self.last = self.last + 1
  self[self.last] = { bytes = bytes, expires = expires }
  self.bytes = self.bytes + #bytes
  return true
end

local function shift(self)
  local entry = self[self.first]
  self[self.first] = nil
  self.first = self.first + 1
  self.bytes = self.bytes - #entry.bytes
  return entry
end

--- Whole frames of about `budget` bytes as one text, in order; nil when nothing is left.
function outbox:take(now, budget)
  local parts, size = {}, 0
  while self.first <= self.last and size < budget do
    local entry = shift(self)
    if not entry.expires or entry.expires > now then
      parts[#parts + 1] = entry.bytes
      size = size + #entry.bytes
    end
  end
  return parts[1] and table.concat(parts) or nil
end

function outbox:clear()
  while self.first <= self.last do
    shift(self)
  end
end

return outbox
