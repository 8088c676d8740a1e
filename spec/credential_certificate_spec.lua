-- Assertions signed by a certificate's key, verified by the openssl command; and what is no certificate.

local certificates = require "spec.support.certificates"
local core = require "webpubsub.core"
local files = require "spec.support.files"
local json = require "webpubsub.json"
local recorder = require "spec.support.recorder"
local run = require "spec.support.run"
local webpubsub = require "webpubsub"

local blocking = require("webpubsub.transport.blocking").new { proxy = false }
local openssl = certificates.openssl
local now = 1800000000
local password = "canary-pass"

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(pair)
    return string.char(tonumber(pair, 16))
  end))
end

describe("a certificate", function()
  local folder, made, key, own, middle, root

  local function write(name, text)
    return files.write(folder .. "/" .. name, text)
  end

  --- The key, encrypted by the openssl command: as PKCS #8, or in the traditional form.
  local function locked(form)
    local words = { "-in", made.own .. ".key", "-passout", "pass:" .. password, "-out", folder .. "/locked.key" }
    local command = form == "traditional" and { "rsa", "-traditional", "-aes128" }
      or { "pkcs8", "-topk8", "-v2", "aes128" }
    for _, word in ipairs(words) do
      command[#command + 1] = word
    end
    openssl((table.unpack or unpack)(command))
    return files.read(folder .. "/locked.key")
  end

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(run { "mkdir", folder } == 0)
    made = certificates.chain(folder)
    key = files.read(made.own .. ".key")
    own, middle, root =
      files.read(made.own .. ".crt"), files.read(made.middle .. ".crt"), files.read(made.root .. ".crt")
  end)

  teardown(function()
    run { "rm", "-r", folder }
  end)

  local function make(data, more)
    local options = { tenant_id = "t", client_id = "the-client", certificate_data = data }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return webpubsub.certificate_credential(options)
  end

  --- The assertion that a credential sends: { header, claims, algorithm's input, signature, the stub's endpoint }.
  local function assertion_of(new)
    local stub = recorder.start { recorder.response(200, "", '{"access_token":"abc","expires_in":3600}') }
    finally(function()
      stub:stop()
    end)
    local credential = assert(new { authority = stub.endpoint, allow_insecure_connection = true })
    assert(credential:get_token { transport = blocking, now = now, deadline = blocking:now() + 10 })
    local body = stub:request().body
    assert(body:find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer", 1, true))
    local head, claims, signature = body:match "client_assertion=([%w_-]+)%.([%w_-]+)%.([%w_-]+)"
    return {
      header = assert(json.decode(core.base64url_decode(head))),
      claims = assert(json.decode(core.base64url_decode(claims))),
      input = head .. "." .. claims,
      signature = core.base64url_decode(signature),
      endpoint = stub.endpoint,
    }
  end

  --- RFC 7515 section 4.1.6: base64 of the DER forms that openssl prints, the key's own certificate first.
  local function x5c_of(...)
    local list = {}
    for i, base in ipairs { ... } do
      list[i] = core.base64_encode(certificates.der(base))
    end
    return list
  end

  for algorithm, row in pairs { PS256 = { "x5t#S256", "sha256" }, RS256 = { "x5t", "sha1" } } do
    it("signs an assertion as the contract says, whose " .. algorithm .. " openssl verifies", function()
      local sent = assertion_of(function(more)
        more.algorithm = algorithm
        return make(root .. key .. own, more)
      end)
      local thumbprint = core.base64url_encode(bytes_of(certificates.fingerprint(made.own, row[2])))
      assert.same({ alg = algorithm, typ = "JWT", [row[1]] = thumbprint }, sent.header)
      assert(sent.claims.jti:find "^%x+%-%x+%-4%x+%-%x+%-%x+$")
      sent.claims.jti = nil
      assert.same({
        aud = sent.endpoint .. "/t/oauth2/v2.0/token",
        iss = "the-client",
        sub = "the-client",
        nbf = now,
        exp = now + 600,
      }, sent.claims)
      certificates.verify(made.own, algorithm, sent.input, sent.signature)
    end)
  end

  for label, new in pairs {
    ["of a PFX file"] = function(more)
      more.certificate_path, more.password = made.pfx("own.pfx", password), password
      return make(nil, more)
    end,
    ["of a PFX file as data"] = function(more)
      more.password = password
      return make(files.read(made.pfx("own.pfx", password)), more)
    end,
    ["of a PFX file without a password"] = function(more)
      more.certificate_path = made.pfx("open.pfx", "")
      return make(nil, more)
    end,
    ["of a PFX file as Windows writes it"] = function(more)
      local ciphers = { "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1" }
      more.certificate_path = made.pfx("own.pfx", password, (table.unpack or unpack)(ciphers))
      more.password = password
      return make(nil, more)
    end,
    ["of a PFX file that nothing protects"] = function(more)
      more.certificate_path = made.pfx("bare.pfx", "", "-nomac", "-keypbe", "NONE", "-certpbe", "NONE")
      return make(nil, more)
    end,
    ["of PEM text with an encrypted key"] = function(more)
      more.password = password
      return make(middle .. locked "PKCS #8" .. own .. root, more)
    end,
    ["of PEM text with a key encrypted in the traditional form"] = function(more)
      more.certificate_path, more.password = write("all.pem", middle .. root .. locked "traditional" .. own), password
      return make(nil, more)
    end,
    ["of the environment"] = function(more)
      local values = {
        AZURE_TENANT_ID = "t",
        AZURE_CLIENT_ID = "the-client",
        AZURE_CLIENT_CERTIFICATE_PATH = made.pfx("own.pfx", password),
        AZURE_CLIENT_CERTIFICATE_PASSWORD = password,
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN = more.send_certificate_chain and "True" or nil,
        AZURE_TOKEN_CREDENTIALS = "EnvironmentCredential",
      }
      more.send_certificate_chain = nil
      more.getenv = function(name)
        return values[name]
      end
      return webpubsub.default_credential(more)
    end,
  } do
    it(label .. " signs, and sends its chain when told to", function()
      local plain = assertion_of(new)
      assert.is_nil(plain.header.x5c)
      certificates.verify(made.own, "PS256", plain.input, plain.signature)
      local sent = assertion_of(function(more)
        more.send_certificate_chain = true
        return new(more)
      end)
      assert.same(x5c_of(made.own, made.middle, made.root), sent.header.x5c)
      certificates.verify(made.own, "PS256", sent.input, sent.signature)
    end)
  end

  local function refused(words, data, more)
    local credential, err = make(data, more)
    assert.is_nil(credential)
    assert.equal("invalid_argument", err.code)
    assert(err.message:find(words, 1, true), err.message)
    assert.is_nil(tostring(err):find "canary")
    assert.is_nil(tostring(err):find "\n")
  end

  it("is refused with a sentence that says why and quotes nothing of what was read", function()
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", folder .. "/ec.key")
    local with, wrong = { password = password }, { password = "canary-wrong" }
    refused("the certificate is empty", "")
    refused("neither PEM text nor a whole PFX (PKCS#12) file", "canary")
    refused("holds no private key", own)
    refused("no certificate belongs to the private key", key)
    refused("no certificate belongs to the private key", key .. middle)
    refused("several private keys", key .. own .. key)
    refused("not an RSA key", files.read(folder .. "/ec.key") .. own)
    refused("the PEM text is damaged", key:sub(1, 500) .. own)
    refused("the PEM text is damaged", key .. own .. middle:sub(1, 300) .. "\n-----END CERTIFICATE-----\n")
    refused("its password must be given", locked "PKCS #8" .. own)
    refused("its password must be given", locked "traditional" .. own)
    refused("the password does not open the private key", locked "PKCS #8" .. own, wrong)
    refused("the password does not open the private key", locked "traditional" .. own, wrong)
    local pfx = files.read(made.pfx("own.pfx", password))
    refused("its password must be given", pfx)
    refused("the password does not open the PFX file", pfx, wrong)
    refused("neither PEM text nor a whole PFX (PKCS#12) file", pfx:sub(1, -2), with)
    refused("a zero byte", pfx, { password = password .. "\0" })
    made.pfx("keyless.pfx", password, "-nokeys")
    refused("holds no private key", files.read(folder .. "/keyless.pfx"), with)
    refused("certificate_path cannot be read", nil, { certificate_path = folder .. "/absent" })
    refused "certificate_path or certificate_data must be given"
    refused("only one of certificate_path and certificate_data", key .. own, { certificate_path = folder })
  end)

  it("in a PFX file of old ciphers is refused with the command that converts it", function()
    local path = made.pfx("old.pfx", password, "-legacy")
    refused("openssl pkcs12 -legacy -in FILE -nodes", files.read(path), { password = password })
    refused("the password does not open the PFX file", files.read(path), { password = "canary-wrong" })
    local text = openssl("pkcs12", "-legacy", "-in", path, "-nodes", "-passin", "pass:" .. password)
    assert(make(text))
  end)

  it("leaves neither password nor key in what can be printed", function()
    local credential = assert(make(files.read(made.pfx("own.pfx", password)), { password = password }))
    assert.equal("webpubsub.certificate_credential(masked)", tostring(credential))
    assert.is_nil(next(credential))
    local assertion
    local entry, err = credential:get_token {
      now = now,
      deadline = 60,
      transport = {
        now = function()
          return 0
        end,
        send = function(_, request)
          assertion = request.body:match "client_assertion=([^&]+)"
          local body = json.encode { error = "invalid_client", error_description = "wrong: " .. assertion }
          return { status = 401, body = body, headers = {} }
        end,
      },
    }
    assert.is_nil(entry)
    assert.equal("certificate_credential: wrong: (masked)", err.message)
    assert.is_nil(tostring(err):find(assertion, 1, true))
  end)

  it("that the environment names and nobody can read stops the default chain", function()
    local values = {
      AZURE_TENANT_ID = "t",
      AZURE_CLIENT_ID = "the-client",
      AZURE_CLIENT_CERTIFICATE_PATH = made.pfx("own.pfx", password),
      AZURE_CLIENT_CERTIFICATE_PASSWORD = "canary-wrong",
    }
    local credential = assert(webpubsub.default_credential {
      getenv = function(name)
        return values[name]
      end,
    })
    local entry, err = credential:get_token {
      now = now,
      deadline = 60,
      transport = {
        now = function()
          return 0
        end,
      },
    }
    assert.is_nil(entry)
    assert.equal("authentication_failed", err.code)
    assert(err.message:find("the password does not open the PFX file", 1, true), err.message)
    assert.is_nil(tostring(err):find "canary")
  end)
end)
