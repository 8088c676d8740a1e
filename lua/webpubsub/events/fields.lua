--- The header fields of a webhook request, by lower-case name, each of them once.

local fields = {}

--- Of these several lines are one list (RFC 9110, 5.3); any other repeated ce- field would leave open which one was
-- signed and which one is believed.
local lists = { ["ce-signature"] = true }

local function add(map, name, value)
  name = name:lower()
  local before = map[name]
  if name:find "^mqtt%-" then -- MQTT 5.0, 3.1.2.11.8: a user property may stand there several times
    map[name] = before or {}
    map[name][#map[name] + 1] = value
  elseif before == nil then
    map[name] = value
  elseif lists[name] then
    map[name] = before .. "," .. value
  elseif name:find "^ce%-" or name == "webhook-request-origin" or name == "content-type" then
    map[1] = name
  else
    map[name] = before .. ", " .. value
  end
end

--- read(headers) → map by lower-case name, mqtt- fields as arrays | nil, sentence.
-- headers: name → string, or array of strings where a header came more than once; names in any letter case.
function fields.read(headers)
  local map = {}
  for name, value in pairs(headers) do
    if type(value) == "table" then
      for _, each in ipairs(value) do
        add(map, tostring(name), tostring(each))
      end
    else
      add(map, tostring(name), tostring(value))
    end
  end
  if map[1] then
    return nil, "the header " .. map[1] .. " stands there twice"
  end
  return map
end

--- Fields whose name begins with the prefix → map without the prefix.
function fields.with_prefix(map, prefix)
  local found = {}
  for name, value in pairs(map) do
    if #name > #prefix and name:sub(1, #prefix) == prefix then
      found[name:sub(#prefix + 1)] = value
    end
  end
  return found
end

return fields
