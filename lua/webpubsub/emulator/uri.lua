--- Request targets: path and query as the service reads them.

local core = require "webpubsub.core"

local uri = {}

--- Path and query (nil when there is none) of a request target, both still encoded. An absolute form loses its origin.
function uri.split(target)
  local rest = target:match "^[Hh][Tt][Tt][Pp][Ss]?://[^/?]*(.*)$" or target
  local path, query = rest:match "^([^?]*)%?(.*)$"
  path = path or rest
  return path == "" and "/" or path, query
end

-- Every '%' must begin an escape, and the result must be UTF-8.
local function decoded(text, decode)
  if text:find "%%" and text:gsub("%%%x%x", ""):find "%%" then
    return nil, "an escape in the URL is malformed"
  end
  local result = decode(text)
  if not core.utf8_length(result) then
    return nil, "the URL is not UTF-8"
  end
  return result
end

local function unescape(digits)
  return string.char(tonumber(digits, 16))
end

-- Contract, path parameters: %2F stays three characters, %252F becomes %2F, a plus stays a plus.
local function decode_segment(text)
  return (
    text:gsub("%%(%x%x)", function(digits)
      return digits:upper() == "2F" and "%" .. digits or unescape(digits)
    end)
  )
end

local function decode_form(text)
  return (text:gsub("%+", " "):gsub("%%(%x%x)", unescape))
end

--- The decoded segments of a path, or nil and a sentence. Dot segments are refused: everything that normalises URLs
-- drops them, and a group `..` would turn into the whole hub.
function uri.segments(path)
  local list = {}
  for text in path:gmatch "/([^/]*)" do
    local segment, why = decoded(text, decode_segment)
    if not segment then
      return nil, why
    elseif text == "." or text == ".." then
      return nil, "a dot segment is not allowed in the path"
    end
    list[#list + 1] = segment
  end
  return list
end

local query = {}
query.__index = query

--- All values of a parameter in order; names compare without letter case.
function query:all(name)
  return self[1][name:lower()] or {}
end

--- `{ { name, value }, … }` as they were written, in order.
function query:pairs()
  return self[2]
end

function query:first(name)
  return self:all(name)[1]
end

function query:last(name)
  local values = self:all(name)
  return values[#values]
end

local function add(index, name, value)
  local values = index[name:lower()]
  if not values then
    values = {}
    index[name:lower()] = values
  end
  values[#values + 1] = value
end

--- Query values by name, form-decoded, or nil and a sentence.
function uri.query(raw)
  local index, list = {}, {}
  for part in (raw or ""):gmatch "[^&]+" do
    local name, value = part:match "^([^=]*)=?(.*)$"
    local why
    name, why = decoded(name, decode_form)
    if not name then
      return nil, why
    end
    value, why = decoded(value, decode_form)
    if not value then
      return nil, why
    end
    add(index, name, value)
    list[#list + 1] = { name, value }
  end
  return setmetatable({ index, list }, query)
end

--- Masks what must not be read in a log: the values of access tokens.
function uri.masked(target)
  return (target:gsub("([?&][Aa][Cc][Cc][Ee][Ss][Ss]_[Tt][Oo][Kk][Ee][Nn]=)[^&]*", "%1***"))
end

return uri
