-- Keys and certificates, made by the openssl command.
--   local made = require("spec.support.certificates").chain(folder)

local files = require "spec.support.files"
local run = require "spec.support.run"

local certificates = {}

--- What the command printed; raises it when it failed.
function certificates.openssl(...)
  local code, output = run { "openssl", ... }
  assert(code == 0, output)
  return output
end

local openssl = certificates.openssl

--- A key with a certificate that it signed itself: NAME.key and NAME.crt. Answers the paths without their endings.
function certificates.self_signed(folder, name)
  local base = folder .. "/" .. name
  local key = { "-newkey", "rsa:2048", "-nodes", "-keyout", base .. ".key" }
  openssl("req", "-x509", "-subj", "/CN=" .. name, "-days", "2", "-out", base .. ".crt", (table.unpack or unpack)(key))
  return base
end

local function signed_by(issuer, folder, name)
  local base = folder .. "/" .. name
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" .. name, "-keyout", base .. ".key", "-out", base)
  local authority = { "-CA", issuer .. ".crt", "-CAkey", issuer .. ".key", "-set_serial", "7" }
  openssl("x509", "-req", "-days", "2", "-in", base, "-out", base .. ".crt", (table.unpack or unpack)(authority))
  return base
end

--- The bytes of a certificate's DER form.
function certificates.der(base)
  openssl("x509", "-in", base .. ".crt", "-outform", "DER", "-out", base .. ".der")
  return files.read(base .. ".der")
end

--- The lower-case hex digits of a fingerprint.
function certificates.fingerprint(base, hash)
  local text = openssl("x509", "-in", base .. ".crt", "-noout", "-fingerprint", "-" .. hash)
  return (text:match("=(%S+)"):gsub(":", ""):lower())
end

local pss = { "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest" }

--- Raises unless the signature is the certificate's key's.
function certificates.verify(base, algorithm, data, signature)
  openssl("x509", "-in", base .. ".crt", "-pubkey", "-noout", "-out", base .. ".pub")
  local words = { "dgst", "-sha256", "-verify", base .. ".pub" }
  for _, word in ipairs(algorithm == "PS256" and pss or {}) do
    words[#words + 1] = word
  end
  words[#words + 1] = "-signature"
  words[#words + 1] = files.write(base .. ".sig", signature)
  words[#words + 1] = files.write(base .. ".data", data)
  assert(openssl((table.unpack or unpack)(words)) == "Verified OK\n")
end

--- A key whose certificate an intermediate issued, and that one a root. { own, middle, root } are paths without their
-- endings; pfx(name, password, more openssl options…) → path of a PFX file with all three certificates.
function certificates.chain(folder)
  local made = { root = certificates.self_signed(folder, "root") }
  made.middle = signed_by(made.root, folder, "middle")
  made.own = signed_by(made.middle, folder, "own")
  files.write(folder .. "/others.crt", files.read(made.middle .. ".crt") .. files.read(made.root .. ".crt"))
  function made.pfx(name, password, ...)
    local path = folder .. "/" .. name
    local pair = { "-in", made.own .. ".crt", "-inkey", made.own .. ".key", "-certfile", folder .. "/others.crt" }
    local words = { "pkcs12", "-export", "-out", path, "-passout", "pass:" .. password, ... }
    for _, word in ipairs(pair) do
      words[#words + 1] = word
    end
    openssl((table.unpack or unpack)(words))
    return path
  end
  return made
end

return certificates
