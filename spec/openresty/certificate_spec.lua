-- A certificate's key in nginx's own libcrypto: what it signs, the openssl command verifies.

local core = require "webpubsub.core"
local nginx = require "spec.openresty.nginx"
local files = require "spec.support.files"
local run = require "spec.support.run"

local server = [[
  location = /sign {
    content_by_lua_block {
      local file = assert(io.open(ngx.var.arg_file, "rb"))
      local own, sentence = require("webpubsub.certificate").new(file:read "*a")
      file:close()
      if not own then
        return ngx.print(sentence)
      end
      for _, algorithm in ipairs { "RS256", "PS256" } do
        ngx.say(ngx.encode_base64(assert(own:sign(algorithm, "data"))))
        ngx.say(ngx.encode_base64(assert(own:thumbprint(algorithm))))
      end
      ngx.print(tostring(own))
    }
  }
  location = /pfx {
    content_by_lua_block {
      local _, err = require("webpubsub").certificate_credential {
        tenant_id = "t", client_id = "c", certificate_data = "\48\130\9\10",
      }
      ngx.print(err.message)
    }
  }
]]

local function openssl(...)
  local code, output = run { "openssl", ... }
  assert(code == 0, output)
  return output
end

local read, write = files.read, files.write

describe("a certificate inside nginx", function()
  local host, base

  setup(function()
    host = nginx.start { server = server }
    base = host.folder .. "/own"
    local key = { "-newkey", "rsa:2048", "-nodes", "-keyout", base .. ".key" }
    openssl("req", "-x509", "-subj", "/CN=own", "-days", "2", "-out", base .. ".crt", unpack(key))
    openssl("x509", "-in", base .. ".crt", "-pubkey", "-noout", "-out", base .. ".pub")
    write(base .. ".pem", read(base .. ".crt") .. read(base .. ".key"))
  end)

  teardown(function()
    host:stop()
  end)

  local function fingerprint(hash)
    local text = openssl("x509", "-in", base .. ".crt", "-noout", "-fingerprint", "-" .. hash)
    return text:match("=(%S+)"):gsub(":", ""):lower()
  end

  local function hex(encoded)
    return (core.base64_decode(encoded):gsub(".", function(byte)
      return ("%02x"):format(byte:byte())
    end))
  end

  local function verify(signature, ...)
    write(base .. ".sig", core.base64_decode(signature))
    write(base .. ".data", "data")
    local outputs = { "-signature", base .. ".sig", base .. ".data" }
    local words = { "dgst", "-sha256", "-verify", base .. ".pub", ... }
    for _, word in ipairs(outputs) do
      words[#words + 1] = word
    end
    return openssl(unpack(words))
  end

  it("signs RS256 and PS256 and has the thumbprints that openssl prints", function()
    local lines = {}
    for line in host:body("/sign?file=" .. base .. ".pem"):gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.equal("Verified OK\n", verify(lines[1]))
    assert.equal(fingerprint "sha1", hex(lines[2]))
    local pss = { "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest" }
    assert.equal("Verified OK\n", verify(lines[3], unpack(pss)))
    assert.equal(fingerprint "sha256", hex(lines[4]))
    assert.equal("webpubsub.certificate(masked)", lines[5])
  end)

  it("refuses what is no pair, and PFX, each with a sentence", function()
    assert(host:body("/sign?file=" .. base .. ".crt"):find "no private key")
    assert(host:body("/sign?file=" .. base .. ".key"):find "no certificate")
    assert(host:body("/pfx"):find "PFX")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", base .. ".ec")
    assert(host:body("/sign?file=" .. base .. ".ec"):find "not an RSA key")
  end)
end)
