--- The messages of a reliable client that it has not acknowledged: bounded in number and in bytes, kept while the
-- client may come back (contract, reliable variants).

local unacked = {}
unacked.__index = unacked

function unacked.new(message_limit, byte_limit)
  return setmetatable({
    message_limit = message_limit,
    byte_limit = byte_limit,
    first = 1, -- sequence id of the oldest entry that may still be there
    last = 0, -- sequence id given last; contract: non-zero and increasing inside one connection id
    count = 0,
    bytes = 0,
  }, unacked)
end

local function drop(self, id)
  local entry = self[id]
  if entry then
    self[id] = nil
    self.count, self.bytes = self.count - 1, self.bytes - #entry.bytes
  end
end

local function drop_expired(self, now)
  for id = self.first, self.last do
    local entry = self[id]
    if entry and entry.expires and entry.expires <= now then
      drop(self, id)
    end
  end
end

local function has_room(self, size)
  return self.count < self.message_limit and self.bytes + size <= self.byte_limit
end

--- The sequence id that the next message gets.
function unacked:next_id()
  return self.last + 1
end

--- Keeps the next message's bytes until they are acknowledged or, with `expires`, until that time. false when the
-- client is too far behind.
function unacked:add(bytes, expires, now)
  if not has_room(self, #bytes) then
    drop_expired(self, now)
    if not has_room(self, #bytes) then
      return false
    end
  end
  self.last = self.last + 1
  self[self.last] = { bytes = bytes, expires = expires }
  self.count, self.bytes = self.count + 1, self.bytes + #bytes
  return true
end

--- The client has everything up to that id.
function unacked:ack(id)
  for known = self.first, math.min(id, self.last) do
    drop(self, known)
  end
  self.first = math.max(self.first, math.min(id, self.last) + 1)
end

--- What is left to be delivered, in order: a list of `{ bytes, expires }`. What has expired is gone for good.
function unacked:list(now)
  drop_expired(self, now)
  local list = {}
  for id = self.first, self.last do
    list[#list + 1] = self[id]
  end
  return list
end

return unacked
