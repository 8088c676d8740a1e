--- An access key that signs, and that can be replaced on a live client.
-- A credential is an object with `kind`: "key" (has mac()) or "token" (has get_token(scope) → token | nil, err).

local errors = require "webpubsub.error"
local mac = require "webpubsub.mac"
local names = require "webpubsub.names"

local key = {}
key.__index = key
key.kind = "key"

--- Nothing that could be printed hangs on the object itself.
local macs = setmetatable({}, { __mode = "k" })

function key:__tostring()
  return "webpubsub.key(masked)"
end

local function make_mac(text)
  if type(text) ~= "string" then
    errors.misuse("key: an access key is a string, got %s", type(text))
  end
  local ok, sentence = names.check_key(text)
  local made
  if ok then
    made, sentence = mac.new(text)
  end
  if not made then
    return errors.invalid(sentence)
  end
  return made
end

--- The mac of the current key text.
function key:mac()
  return macs[self]
end

--- Replaces the key text; requests signed from now on use it. true | nil, err (then the old one stays).
function key:update(text)
  if getmetatable(self) ~= key then
    errors.misuse "call update with a colon on a key"
  end
  local made, err = make_mac(text)
  if not made then
    return nil, err
  end
  macs[self] = made
  return true
end

--- new(text) → key | nil, err. The text is used as it is, not base64-decoded (contract: authentication).
function key.new(text)
  local made, err = make_mac(text)
  if not made then
    return nil, err
  end
  local self = setmetatable({}, key)
  macs[self] = made
  return self
end

return key
