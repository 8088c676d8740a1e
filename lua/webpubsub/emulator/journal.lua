--- What passed through the service, newest last: messages for whoever asserts on them, and everything else for whoever
-- watches. Two rings, so that a flood of joins pushes out no message; both bounded in entries and in bytes.
--
-- An entry is a table of the caller's with `kind`, `size` (bytes that it stands for) and gets `id` here, a number that
-- grows over both rings.

local journal = {}
journal.__index = journal

local entry_cost = 500 -- of the tables around an entry's texts

--- `entries`, `bytes`: the bounds of each ring. `changed()` is called after each entry.
function journal.new(entries, bytes, changed)
  local self = setmetatable({ entries = entries, bytes = bytes, changed = changed or function() end }, journal)
  self.id = 0
  return self:clear()
end

function journal:clear()
  self.rings = { message = { first = 1, last = 0, bytes = 0 }, other = { first = 1, last = 0, bytes = 0 } }
  return self
end

local function forget_first(ring)
  ring.bytes = ring.bytes - ring[ring.first].cost
  ring[ring.first] = nil
  ring.first = ring.first + 1
end

function journal:add(entry)
  local ring = self.rings[entry.kind] or self.rings.other
  self.id = self.id + 1
  entry.id, entry.cost = self.id, (entry.size or 0) + entry_cost
  ring.last = ring.last + 1
  ring[ring.last] = entry
  ring.bytes = ring.bytes + entry.cost
  while ring.first < ring.last and (ring.last - ring.first >= self.entries or ring.bytes > self.bytes) do
    forget_first(ring)
  end
  self.changed()
end

local function collect(list, ring, id, accept)
  local position = ring.last
  while position >= ring.first and ring[position].id > id do
    if accept(ring[position]) then
      list[#list + 1] = ring[position]
    end
    position = position - 1
  end
end

local function by_id(left, right)
  return left.id < right.id
end

--- The entries behind an id that are accepted, in order.
function journal:after(id, accept)
  local list = {}
  for _, ring in pairs(self.rings) do
    collect(list, ring, id, accept)
  end
  table.sort(list, by_id)
  return list
end

return journal
