-- A certificate's key in nginx's own libcrypto: what it signs, the openssl command verifies.

local certificates = require "spec.support.certificates"
local core = require "webpubsub.core"
local files = require "spec.support.files"
local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"

local server = [[
  location = /sign {
    content_by_lua_block {
      local file = assert(io.open(ngx.var.arg_file, "rb"))
      local own, sentence = require("webpubsub.certificate").new(file:read "*a", ngx.var.arg_password)
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
  location = /t/oauth2/v2.0/token {
    content_by_lua_block {
      ngx.req.read_body()
      assertion = ngx.req.get_post_args().client_assertion
      ngx.print '{"access_token":"abc","expires_in":3600}'
    }
  }
  location = /assertion {
    content_by_lua_block {
      local webpubsub = require "webpubsub"
      local values = {
        AZURE_TENANT_ID = "t",
        AZURE_CLIENT_ID = "c",
        AZURE_CLIENT_CERTIFICATE_PATH = ngx.var.arg_file,
        AZURE_CLIENT_CERTIFICATE_PASSWORD = ngx.var.arg_password,
        AZURE_CLIENT_SEND_CERTIFICATE_CHAIN = "1",
      }
      local credential = assert(webpubsub.default_credential {
        authority = "http://127.0.0.1:$port", allow_insecure_connection = true,
        getenv = function(name) return values[name] end,
      })
      local hub = assert(webpubsub.client {
        endpoint = "https://name.webpubsub.azure.com", hub = "chat", credential = credential,
      })
      local made, err = hub:prepare("send_to_all", "x")
      ngx.print(made and assertion or tostring(err))
    }
  }
]]

describe("a certificate inside nginx", function()
  local host, made, key, own, middle

  setup(function()
    host = nginx.start { server = server }
    made = certificates.chain(host.folder)
    key, own, middle = files.read(made.own .. ".key"), files.read(made.own .. ".crt"), files.read(made.middle .. ".crt")
  end)

  teardown(function()
    host:stop()
  end)

  local function write(name, text)
    return files.write(host.folder .. "/" .. name, text)
  end

  --- The key, encrypted by the openssl command with the password "canary".
  local function locked()
    local words = { "-in", made.own .. ".key", "-passout", "pass:canary", "-out", host.folder .. "/locked.key" }
    certificates.openssl("pkcs8", "-topk8", unpack(words))
    return files.read(host.folder .. "/locked.key")
  end

  local function hex(encoded)
    return (core.base64_decode(encoded):gsub(".", function(byte)
      return ("%02x"):format(byte:byte())
    end))
  end

  it("signs RS256 and PS256 and has the thumbprints that openssl prints", function()
    local lines = {}
    for line in host:body("/sign?file=" .. write("own.pem", middle .. own .. key)):gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    certificates.verify(made.own, "RS256", "data", core.base64_decode(lines[1]))
    assert.equal(certificates.fingerprint(made.own, "sha1"), hex(lines[2]))
    certificates.verify(made.own, "PS256", "data", core.base64_decode(lines[3]))
    assert.equal(certificates.fingerprint(made.own, "sha256"), hex(lines[4]))
    assert.equal("webpubsub.certificate(masked)", lines[5])
  end)

  it("is opened by its password, and sends its chain when the environment says so", function()
    local path = write("chain.pem", middle .. locked() .. own .. files.read(made.root .. ".crt"))
    local head, claims, signature =
      host:body("/assertion?password=canary&file=" .. path):match "^([^.]+)%.([^.]+)%.(.+)$"
    local expected = {}
    for i, base in ipairs { made.own, made.middle, made.root } do
      expected[i] = core.base64_encode(certificates.der(base))
    end
    assert.same(expected, assert(json.decode(core.base64url_decode(head))).x5c)
    certificates.verify(made.own, "PS256", head .. "." .. claims, core.base64url_decode(signature))
  end)

  it("is refused with a sentence when it is no pair, does not open or is a PFX file", function()
    certificates.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", host.folder .. "/ec.key")
    for text, words in pairs {
      [own] = "the PEM text holds no private key",
      [key] = "no certificate belongs to the private key",
      [key .. middle] = "no certificate belongs to the private key",
      [key .. own .. key] = "the PEM text holds several private keys; exactly one is needed",
      [files.read(host.folder .. "/ec.key") .. own] = "the private key is not an RSA key",
      [key:sub(1, 500) .. own] = "the private key of the PEM text is damaged or of an unknown kind",
      [key .. own .. middle:sub(1, 300) .. "\n-----END CERTIFICATE-----\n"] = "the PEM text is damaged",
      [locked() .. own] = "the private key of the PEM text is encrypted; its password must be given",
    } do
      assert.equal(words, host:body("/sign?file=" .. write("bad.pem", text)))
    end
    local wrong = host:body("/sign?password=canary-wrong&file=" .. write("locked.pem", locked() .. own))
    assert.equal("the password does not open the private key of the PEM text", wrong)
    assert(host:body("/sign?password=canary&file=" .. made.pfx("own.pfx", "canary")):find "^inside nginx .+ PFX file$")
    assert(
      host:body("/assertion?password=canary&file=" .. made.pfx("own.pfx", "canary")):find "inside nginx .+ PFX file"
    )
    assert.is_nil(host:log():find "canary")
  end)
end)
