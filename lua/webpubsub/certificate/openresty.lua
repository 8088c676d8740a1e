--- A certificate with its RSA key in the libcrypto that nginx itself is linked with.

local ffi = require "ffi"

-- Own names for the symbols, as in webpubsub.mac.openresty.
ffi.cdef [[
void *webpubsub_BIO_new_mem_buf(const char *data, int size) __asm__("BIO_new_mem_buf");
int webpubsub_BIO_free(void *bio) __asm__("BIO_free");
void *webpubsub_PEM_read_bio_PrivateKey(void *bio, void *out, void *callback, const char *password)
  __asm__("PEM_read_bio_PrivateKey");
void *webpubsub_PEM_read_bio_X509(void *bio, void *out, void *callback, const char *password)
  __asm__("PEM_read_bio_X509");
void webpubsub_EVP_PKEY_free(void *key) __asm__("EVP_PKEY_free");
void webpubsub_X509_free(void *certificate) __asm__("X509_free");
int webpubsub_X509_check_private_key(void *certificate, void *key) __asm__("X509_check_private_key");
int webpubsub_i2d_X509(void *certificate, unsigned char **out) __asm__("i2d_X509");
int webpubsub_X509_digest(void *certificate, void *digest, unsigned char *out, unsigned int *size)
  __asm__("X509_digest");
void *webpubsub_EVP_sha1(void) __asm__("EVP_sha1");
void *webpubsub_EVP_sha256_of_certificate(void) __asm__("EVP_sha256");
void *webpubsub_EVP_MD_CTX_new(void) __asm__("EVP_MD_CTX_new");
void webpubsub_EVP_MD_CTX_free(void *state) __asm__("EVP_MD_CTX_free");
int webpubsub_EVP_DigestSignInit(void *state, void **context, void *digest, void *engine, void *key)
  __asm__("EVP_DigestSignInit");
int webpubsub_EVP_DigestSign(void *state, unsigned char *out, size_t *size, const char *data, size_t length)
  __asm__("EVP_DigestSign");
int webpubsub_EVP_PKEY_CTX_ctrl_str(void *context, const char *name, const char *value)
  __asm__("EVP_PKEY_CTX_ctrl_str");
void webpubsub_ERR_clear_error(void) __asm__("ERR_clear_error");
]]

local crypto = ffi.C

local longest_signature = 2048 -- RSA keys up to 16384 bits, the longest that OpenSSL takes

local certificate = {}
local methods = {}
local metatable = { __index = methods }

--- { key, chain }, out of the objects themselves; the key's own certificate is the first of the chain.
local parts = setmetatable({}, { __mode = "k" })

function metatable.__tostring()
  return "webpubsub.certificate(masked)"
end

--- nil, sentence; nginx takes what is left in OpenSSL's queue for an error of its own connections.
local function fail(sentence)
  crypto.webpubsub_ERR_clear_error()
  return nil, sentence
end

--- Calls f with a reader of the text.
local function with_bio(text, f)
  local bio = crypto.webpubsub_BIO_new_mem_buf(text, #text)
  if bio == nil then
    return nil
  end
  local result = f(bio)
  crypto.webpubsub_BIO_free(bio)
  return result
end

--- A password in place of a callback: nothing asks the terminal.
local function read_key(pem, password)
  return with_bio(pem, function(bio)
    local key = crypto.webpubsub_PEM_read_bio_PrivateKey(bio, nil, nil, password)
    return key ~= nil and ffi.gc(key, crypto.webpubsub_EVP_PKEY_free) or nil
  end)
end

--- How many blocks with this pattern of a label the text holds.
local function count(pem, label)
  return select(2, pem:gsub("%-%-%-%-%-BEGIN " .. label .. "%-%-%-%-%-", ""))
end

--- All certificates of the text, in its order | nil: one cannot be read.
local function read_certificates(pem)
  local announced = count(pem, "CERTIFICATE") + count(pem, "X509 CERTIFICATE")
  return with_bio(pem, function(bio)
    local list = {}
    for i = 1, announced do
      local next_one = crypto.webpubsub_PEM_read_bio_X509(bio, nil, nil, "")
      if next_one == nil then
        return nil
      end
      list[i] = ffi.gc(next_one, crypto.webpubsub_X509_free)
    end
    return list
  end)
end

--- RFC 7515 section 4.1.6: the certificate of the key that signs comes first. The list | nil: there is none.
local function leaf_first(list, key)
  for i, one in ipairs(list) do
    if crypto.webpubsub_X509_check_private_key(one, key) == 1 then
      table.insert(list, 1, table.remove(list, i))
      return list
    end
  end
end

--- RFC 7518 section 3.5: MGF1 with the same hash (OpenSSL's default), a salt as long as the hash (-1).
local function start(state, key, algorithm)
  local context = ffi.new "void *[1]"
  local digest = crypto.webpubsub_EVP_sha256_of_certificate()
  if crypto.webpubsub_EVP_DigestSignInit(state, context, digest, nil, key) ~= 1 then
    return false
  end
  -- A key that is not RSA refuses any padding.
  local padding = algorithm == "PS256" and "pss" or "pkcs1"
  if crypto.webpubsub_EVP_PKEY_CTX_ctrl_str(context[0], "rsa_padding_mode", padding) <= 0 then
    return false
  end
  return algorithm == "RS256" or crypto.webpubsub_EVP_PKEY_CTX_ctrl_str(context[0], "rsa_pss_saltlen", "-1") > 0
end

local function new_state()
  local state = crypto.webpubsub_EVP_MD_CTX_new()
  return state ~= nil and ffi.gc(state, crypto.webpubsub_EVP_MD_CTX_free) or nil
end

function methods:sign(algorithm, data)
  local state = new_state()
  if not state then
    return nil, "out of memory for a signature"
  end
  local out, size = ffi.new("unsigned char[?]", longest_signature), ffi.new("size_t[1]", longest_signature)
  if
    not start(state, parts[self].key, algorithm)
    or crypto.webpubsub_EVP_DigestSign(state, out, size, data, #data) ~= 1
  then
    return fail "nginx's libcrypto could not sign with the private key"
  end
  return ffi.string(out, size[0])
end

function methods:thumbprint(algorithm)
  local digest = algorithm == "RS256" and crypto.webpubsub_EVP_sha1() or crypto.webpubsub_EVP_sha256_of_certificate()
  local out, size = ffi.new "unsigned char[64]", ffi.new "unsigned int[1]"
  if crypto.webpubsub_X509_digest(parts[self].chain[1], digest, out, size) ~= 1 then
    return fail "nginx's libcrypto could not hash the certificate"
  end
  return ffi.string(out, size[0])
end

function methods:chain()
  local list = {}
  for i, one in ipairs(parts[self].chain) do
    local size = crypto.webpubsub_i2d_X509(one, nil)
    if size <= 0 then
      return fail "nginx's libcrypto could not encode the certificate"
    end
    local der, place = ffi.new("unsigned char[?]", size), ffi.new "unsigned char *[1]"
    place[0] = der
    crypto.webpubsub_i2d_X509(one, place)
    list[i] = ffi.string(der, size)
  end
  return list
end

local function check(pem, password)
  local keys = count(pem, "[%u ]*PRIVATE KEY")
  if not pem:find("-----BEGIN", 1, true) then
    return nil, "inside nginx a certificate must be PEM text; openssl pkcs12 -in FILE -nodes makes it of a PFX file"
  elseif password:find "%z" then
    return nil, "a certificate's password must not hold a zero byte"
  elseif keys == 0 then
    return nil, "the PEM text holds no private key"
  elseif keys > 1 then
    return nil, "the PEM text holds several private keys; exactly one is needed"
  end
  return true
end

local function key_fault(pem, password)
  if not (pem:find("BEGIN ENCRYPTED PRIVATE KEY", 1, true) or pem:find("Proc-Type: 4,ENCRYPTED", 1, true)) then
    return "the private key of the PEM text is damaged or of an unknown kind"
  elseif password == "" then
    return "the private key of the PEM text is encrypted; its password must be given"
  end
  return "the password does not open the private key of the PEM text"
end

--- new(pem, password or nil) → certificate | nil, sentence.
function certificate.new(pem, password)
  password = password or ""
  local ok, sentence = check(pem, password)
  if not ok then
    return nil, sentence
  end
  local key = read_key(pem, password)
  if not key then
    return fail(key_fault(pem, password))
  end
  local state = new_state()
  if not state or not start(state, key, "RS256") then
    return fail "the private key is not an RSA key"
  end
  local list = read_certificates(pem)
  if not list then
    return fail "the PEM text is damaged"
  end
  local chain = leaf_first(list, key)
  if not chain then
    return fail "no certificate belongs to the private key"
  end
  crypto.webpubsub_ERR_clear_error()
  local self = setmetatable({}, metatable)
  parts[self] = { key = key, chain = chain }
  return self
end

return certificate
