--- A message value → body bytes and content type.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"
local keys = require "webpubsub.keys"

local message = {}

--- Contract: the size limit of a message body, bytes.
message.maximum = 1048576

local function encode_json(value)
  local body, sentence = json.encode(value)
  if not body then
    return errors.invalid("the message is not JSON: " .. sentence)
  end
  return body
end

local function need_string(value, content_type)
  if type(value) ~= "string" then
    errors.misuse("a message of type %s must be a string, got %s", content_type, type(value))
  end
end

local function encode_text(value, content_type)
  need_string(value, "text/plain")
  local charset = content_type:lower():match 'charset%s*=%s*"?([%w_-]+)'
  if (charset == nil or charset == "utf-8" or charset == "utf8") and not core.utf8_length(value) then
    return errors.invalid "a text/plain message must be UTF-8; send other bytes as application/octet-stream"
  end
  return value
end

local function encode_bytes(value)
  need_string(value, "application/octet-stream")
  return value
end

local encoders = {
  ["application/json"] = encode_json,
  ["text/plain"] = encode_text,
  ["application/octet-stream"] = encode_bytes,
}

local json_types = { table = true, string = true, number = true, boolean = true }

local function refuse_type(value)
  local kind = type(value)
  if kind == "nil" then
    errors.misuse "the message is missing; webpubsub.null sends a JSON null"
  elseif io and io.type and io.type(value) then
    errors.misuse "the message is a file handle; read the file and send what it holds"
  end
  errors.misuse("the message must be a string, number, boolean, table or webpubsub.null, got %s", kind)
end

--- encode(value, content_type) → body, content type | nil, err.
-- No content type means application/json, so that a plain string arrives as a JSON string. Parameters after ";" are
-- sent along.
function message.encode(value, content_type)
  if not json_types[type(value)] and value ~= json.null then
    refuse_type(value)
  end
  content_type = content_type or "application/json"
  local encoder = encoders[content_type] or encoders[content_type:lower():match "^%s*([^;%s]*)%s*;?"]
  if not encoder then
    return errors.invalid "content_type must be application/json, text/plain or application/octet-stream"
  end
  local body, err = encoder(value, content_type)
  if not body then
    return nil, err
  end
  if #body > message.maximum then
    return errors.invalid(("a message may have 1048576 bytes, this one has %d"):format(#body))
  end
  return body, content_type
end

local function check_metadata_pair(key, value)
  if type(key) ~= "string" or type(value) ~= "string" then
    errors.misuse "metadata must map strings to strings"
  elseif #key > 256 or not key:find "^[%w!#$%%&'*+.^_`|~-]+$" then
    return nil, "a metadata key must have 1 to 256 characters of an HTTP token"
  elseif #value > 1024 or value:find "[^\32-\126]" then
    return nil, "a metadata value must be printable ASCII of at most 1024 bytes"
  elseif value:find "," or value:find "^ " or value:find " $" then
    -- The service keeps only the part after the last comma, trimmed (contract: message bodies).
    return nil, "a metadata value cannot hold a comma or begin or end with a space"
  end
  return true
end

--- metadata(map) → { header name, value, … } in key order | nil, err. The service lower-cases the keys; so two
-- that differ only in case are refused.
function message.metadata(map)
  local seen, total = {}, 0
  for key, value in pairs(map) do
    local ok, sentence = check_metadata_pair(key, value)
    if not ok then
      return errors.invalid(sentence)
    elseif seen[key:lower()] then
      return errors.invalid "two metadata keys differ only in letter case"
    end
    seen[key:lower()] = true
    total = total + #key + #value
  end
  if total > 8192 then
    return errors.invalid "metadata may have 8192 bytes in all"
  end
  local headers = {}
  for _, key in ipairs(keys.sorted(map)) do
    headers[#headers + 1] = "X-WebPubSub-Metadata-" .. key
    headers[#headers + 1] = map[key]
  end
  return headers
end

return message
