-- Assertions signed by a certificate's key, verified by the openssl command.

local core = require "webpubsub.core"
local files = require "spec.support.files"
local json = require "webpubsub.json"
local recorder = require "spec.support.recorder"
local run = require "spec.support.run"
local webpubsub = require "webpubsub"

local blocking = require("webpubsub.transport.blocking").new { proxy = false }
local now = 1800000000
local folder

local function write(name, text)
  return files.write(folder .. "/" .. name, text)
end

local function read(name)
  return files.read(folder .. "/" .. name)
end

local function openssl(...)
  local code, output = run { "openssl", ... }
  assert(code == 0, output)
  return output
end

local function make_pair(name, algorithm)
  local subject = { "-nodes", "-subj", "/CN=" .. name, "-days", "2" }
  local outputs = { "-keyout", folder .. "/" .. name .. ".key", "-out", folder .. "/" .. name .. ".crt" }
  local list = { "req", "-x509", "-newkey", algorithm }
  for _, part in ipairs { subject, outputs } do
    for _, word in ipairs(part) do
      list[#list + 1] = word
    end
  end
  if algorithm == "ec" then
    list[#list + 1] = "-pkeyopt"
    list[#list + 1] = "ec_paramgen_curve:P-256"
  end
  openssl((table.unpack or unpack)(list))
  return read(name .. ".key"), read(name .. ".crt")
end

--- The bytes of a fingerprint that openssl prints.
local function fingerprint(hash)
  local text = openssl("x509", "-in", folder .. "/own.crt", "-noout", "-fingerprint", "-" .. hash)
  return (
    text:match("=(%S+)"):gsub(":", ""):gsub("%x%x", function(pair)
      return string.char(tonumber(pair, 16))
    end)
  )
end

describe("a certificate's assertion", function()
  local key, own, other

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(run { "mkdir", folder } == 0)
    key, own = make_pair("own", "rsa:2048")
    other = select(2, make_pair("other", "rsa:2048"))
    openssl("x509", "-in", folder .. "/own.crt", "-pubkey", "-noout", "-out", folder .. "/own.pub")
  end)

  teardown(function()
    run { "rm", "-r", folder }
  end)

  local function make(pem, more)
    local options = { tenant_id = "t", client_id = "the-client", certificate_data = pem }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return webpubsub.certificate_credential(options)
  end

  local expected = {
    PS256 = {
      member = "x5t#S256",
      hash = "sha256",
      verify = { "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest" },
    },
    RS256 = { member = "x5t", hash = "sha1", verify = {} },
  }

  for algorithm, row in pairs(expected) do
    it("follows the contract, and openssl verifies its " .. algorithm, function()
      local stub = recorder.start { recorder.response(200, "", '{"access_token":"abc","expires_in":3600}') }
      finally(function()
        stub:stop()
      end)
      local more = { authority = stub.endpoint, allow_insecure_connection = true, algorithm = algorithm }
      local credential = assert(make(other .. key .. own, more))
      assert(credential:get_token { transport = blocking, now = now, deadline = blocking:now() + 10 })
      local body = stub:request().body
      assert(
        body:find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer", 1, true)
      )
      local head, claims, signature = body:match "client_assertion=([%w_-]+)%.([%w_-]+)%.([%w_-]+)"
      local fields = assert(json.decode(core.base64url_decode(head)))
      assert.same({
        alg = algorithm,
        typ = "JWT",
        [row.member] = core.base64url_encode(fingerprint(row.hash)),
      }, fields)
      fields = assert(json.decode(core.base64url_decode(claims)))
      assert(fields.jti:find "^%x+%-%x+%-4%x+%-%x+%-%x+$")
      fields.jti = nil
      assert.same({
        aud = stub.endpoint .. "/t/oauth2/v2.0/token",
        iss = "the-client",
        sub = "the-client",
        nbf = now,
        exp = now + 600,
      }, fields)
      local signed = write("signed", head .. "." .. claims)
      local words = { "dgst", "-sha256", "-verify", folder .. "/own.pub" }
      for _, word in ipairs(row.verify) do
        words[#words + 1] = word
      end
      words[#words + 1] = "-signature"
      words[#words + 1] = write("signature", core.base64url_decode(signature))
      words[#words + 1] = signed
      assert.equal("Verified OK\n", openssl((table.unpack or unpack)(words)))
    end)
  end

  it("is refused with a sentence that quotes nothing of what was read", function()
    local ec = table.concat({ make_pair("ec", "ec") }, "\n")
    openssl("rsa", "-in", folder .. "/own.key", "-aes128", "-passout", "pass:x", "-out", folder .. "/locked.key")
    local locked, cut = read "locked.key" .. own, key:sub(1, 500) .. own
    for _, pem in ipairs { "", "canary", own, key, key .. other, ec, locked, cut } do
      local made, err = make(pem)
      assert.is_nil(made)
      assert.equal("invalid_argument", err.code)
      assert.is_nil(tostring(err):find "canary")
    end
    assert.is_nil((make(nil, { certificate_path = folder .. "/absent" })))
    assert(make(nil, { certificate_path = write("both.pem", own .. key) }))
  end)
end)
