--- The keys of a table in order, so that what is made of them does not change from run to run.

local keys = {}

--- sorted(map) → array of its keys. They must be of one kind that can be compared.
function keys.sorted(map)
  local list = {}
  for key in pairs(map) do
    list[#list + 1] = key
  end
  table.sort(list)
  return list
end

return keys
