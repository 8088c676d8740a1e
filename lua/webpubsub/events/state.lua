--- Connection state: what the service keeps for a connection and sends with each later event.
-- It is written as the official JavaScript handler does: base64 of a JSON object (contract: connection state).

local core = require "webpubsub.core"
local json = require "webpubsub.json"

local state = {}

--- Members of the object as JSON text, so that what is not touched goes back to the byte. Any other text is an empty
-- object, as in the official package: it belongs to somebody else.
local function members(header)
  local text = header and core.base64_decode(header)
  return text and core.json_members(text) or {}
end

--- read(header) → table of the decoded values.
function state.read(header)
  local values = {}
  for name, text in pairs(members(header)) do
    values[name] = json.decode(text)
  end
  return values
end

--- write(header, changes) → the new header value. changes: name → JSON text, or false to remove it.
function state.write(header, changes)
  local texts = members(header)
  for name, text in pairs(changes) do
    texts[name] = text or nil
  end
  local parts = {}
  for name, text in pairs(texts) do
    parts[#parts + 1] = ('"%s":%s'):format(core.json_escape(name), text)
  end
  table.sort(parts)
  return core.base64_encode("{" .. table.concat(parts, ",") .. "}")
end

return state
