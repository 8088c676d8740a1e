--- The check of ce-signature (contract: event handlers, signature): a comma-separated list of `sha256=<hex>`, each the
-- HMAC-SHA256 of the connection id under one access key. One entry that matches one key is enough; entries of other
-- algorithms and forms are passed over. All pairs are compared, in constant time, in webpubsub.core.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local mac = require "webpubsub.mac"
local names = require "webpubsub.names"

local signature = {}

local function make_mac(text)
  local ok, sentence = names.check_key(text)
  if not ok then
    return nil, sentence
  end
  return mac.new(text)
end

--- A function that answers the mac to use now. A webpubsub.key may be rotated while the handler lives.
local function source_of(key)
  if type(key) == "table" and key.kind == "key" and type(key.mac) == "function" then
    return function()
      return key:mac()
    end
  elseif type(key) ~= "string" then
    errors.misuse("event_handler: access_keys holds access keys, as text or as webpubsub.key, got %s", type(key))
  end
  local made, sentence = make_mac(key)
  return made and function()
    return made
  end, sentence
end

--- sources(keys) → array of functions that answer a mac | nil, err.
function signature.sources(keys)
  local sources = {}
  for i, key in ipairs(keys) do
    local source, sentence = source_of(key)
    if not source then
      return errors.invalid("event_handler: " .. sentence)
    end
    sources[i] = source
  end
  return sources
end

--- check(sources, header, connection id) → boolean | nil, sentence when no MAC could be computed.
function signature.check(sources, header, connection_id)
  local expected = {}
  for i, source in ipairs(sources) do
    local bytes, sentence = source():sign(connection_id)
    if not bytes then
      return nil, sentence
    end
    expected[i] = bytes
  end
  return core.signature_check(header, expected)
end

return signature
