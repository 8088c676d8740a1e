--- Keyed HMAC-SHA256 by the libcrypto that nginx itself is linked with.

local ffi = require "ffi"

-- Own names for the symbols: others in the process may have declared the real ones with other types. These functions
-- are the ones that OpenSSL 1.1, OpenSSL 3 and BoringSSL share.
ffi.cdef [[
void *webpubsub_EVP_sha256(void) __asm__("EVP_sha256");
void *webpubsub_HMAC_CTX_new(void) __asm__("HMAC_CTX_new");
void webpubsub_HMAC_CTX_free(void *context) __asm__("HMAC_CTX_free");
int webpubsub_HMAC_Init_ex(void *context, const char *key, int length, void *digest, void *engine)
  __asm__("HMAC_Init_ex");
int webpubsub_HMAC_Update(void *context, const char *data, size_t length) __asm__("HMAC_Update");
int webpubsub_HMAC_Final(void *context, unsigned char *out, unsigned int *length) __asm__("HMAC_Final");
]]

local crypto = ffi.C

local size = 32
local result = ffi.new("unsigned char[?]", size)
local result_length = ffi.new "unsigned int[1]"

local mac = {}
local methods = {}
local metatable = { __index = methods }

--- The contexts, out of the objects themselves so that printing a mac prints no address of a key.
local contexts = setmetatable({}, { __mode = "k" })

function metatable.__tostring()
  return "webpubsub.mac(masked)"
end

--- mac:sign(data) → 32 bytes | nil, sentence.
function methods:sign(data)
  local context = contexts[self]
  -- Without a key the context starts again from the schedule that it keeps.
  local ok = crypto.webpubsub_HMAC_Init_ex(context, nil, 0, nil, nil) == 1
    and crypto.webpubsub_HMAC_Update(context, data, #data) == 1
    and crypto.webpubsub_HMAC_Final(context, result, result_length) == 1
  if not ok or result_length[0] ~= size then
    return nil, "HMAC-SHA256 failed in nginx's libcrypto"
  end
  return ffi.string(result, size)
end

--- A mac for an access key's text | nil, sentence. The text itself is not kept.
function mac.new(secret)
  local context = crypto.webpubsub_HMAC_CTX_new()
  if context == nil then
    return nil, "out of memory for a key"
  end
  context = ffi.gc(context, crypto.webpubsub_HMAC_CTX_free)
  if crypto.webpubsub_HMAC_Init_ex(context, secret, #secret, crypto.webpubsub_EVP_sha256(), nil) ~= 1 then
    return nil, "nginx's libcrypto refused the key"
  end
  local self = setmetatable({}, metatable)
  contexts[self] = context
  return self
end

return mac
