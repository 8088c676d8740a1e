--- Metadata that travels with a message: a table of ASCII strings, from REST headers or from a client's JSON.

local core = require "webpubsub.core"

local metadata = {}

local prefix = "x-webpubsub-metadata-"
local key_bytes, value_bytes, total_bytes = 256, 1024, 8192 -- contract, limits

-- RFC 9110 section 5.6.2: the characters of a token.
local token = "^[%w!#$%%&'*+%-.^_`|~]+$"

local function check_entry(key, value)
  if not key:find(token) then
    return nil, "a metadata key must consist of HTTP token characters"
  elseif #key > key_bytes then
    return nil, "a metadata key must have at most 256 bytes"
  elseif value:find "[\128-\255]" then
    return nil, "a metadata value must be ASCII"
  elseif #value > value_bytes then
    return nil, "a metadata value must have at most 1024 bytes"
  end
  return true
end

--- The table itself when it keeps the limits, nil when it is empty, or nil and a sentence.
function metadata.check(entries)
  local total = 0
  for key, value in pairs(entries) do
    local ok, why = check_entry(key, value)
    if not ok then
      return nil, why
    end
    total = total + #key + #value
  end
  if total > total_bytes then
    return nil, "metadata keys and values must have at most 8192 bytes together"
  end
  return next(entries) and entries or nil
end

-- Contract, message bodies: inside one header value the part after the last comma counts, trimmed.
local function last_part(value)
  return (value:match "([^,]*)$"):match "^%s*(.-)%s*$"
end

--- From request headers in order of arrival, `{ { name, value }, … }` with lower-case names; the last of a name wins.
function metadata.from_headers(headers)
  local entries = {}
  for _, header in ipairs(headers) do
    local name = header[1]
    if name:sub(1, #prefix) == prefix then
      entries[name:sub(#prefix + 1)] = last_part(header[2])
    end
  end
  return metadata.check(entries)
end

--- From the raw text of a JSON object of strings.
function metadata.from_json(raw)
  local members = raw:sub(1, 1) == "{" and core.json_members(raw)
  if not members then
    return nil, "metadata must be an object of strings"
  end
  local entries = {}
  for key, value in pairs(members) do
    local text = value:sub(1, 1) == '"' and core.json_string(value)
    if not text then
      return nil, "metadata must be an object of strings"
    end
    entries[key] = text
  end
  return metadata.check(entries)
end

return metadata
