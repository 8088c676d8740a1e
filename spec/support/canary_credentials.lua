-- Every credential with secrets that a canary spec knows, and the servers' part of it.

local files = require "spec.support.files"
local recorder = require "spec.support.recorder"
local run = require "spec.support.run"
local webpubsub = require "webpubsub"

local secret = "CANARY/secret+0123456789 abcdefghijklmn=~"
local federated = "CANARYfederated.0123456789abcdef.ghijklmnop"
--- Shorter than what credentials wait before they repeat a token request.
local seconds = 0.9

local identity_key = "CANARY-identity-0123456789/abcdefgh+ijkl=="

local credentials = { bearer = "CANARYbearer.abc-def_ghi~0123456789/+==" }

credentials.granted = recorder.response(
  200,
  "Content-Type: application/json\r\nConnection: close\r\n",
  ('{"token_type":"Bearer","expires_in":3599,"access_token":"%s"}'):format(credentials.bearer)
)

local folder, pem

-- nginx takes the exit codes of all children for itself; what a program did not do fails where it is needed.

--- A program az in a folder of its own.
local function install(name, body)
  run { "mkdir", folder .. "/" .. name }
  run { "chmod", "+x", files.write(folder .. "/" .. name .. "/az", "#!/bin/sh\n" .. body .. "\n") }
end

function credentials.setup()
  folder = os.tmpname()
  os.remove(folder)
  run { "mkdir", folder }
  local made = folder .. "/own.pem"
  local arguments = { "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=own", "-days", "2" }
  for _, word in ipairs { "-keyout", made, "-out", folder .. "/own.crt" } do
    arguments[#arguments + 1] = word
  end
  run(arguments)
  pem = files.read(made) .. files.read(folder .. "/own.crt")
  files.write(folder .. "/federated", federated .. "\n")
  install("good", ('echo \'{"accessToken":"%s","expires_on":4000000000}\''):format(credentials.bearer))
  install("bad", ("echo '%s'; exit 1"):format(secret))
end

function credentials.teardown()
  run { "rm", "-r", folder }
end

--- Makes the secrets of all credentials known to a vault.
function credentials.hide_in(vault)
  for _, text in ipairs { secret, federated, identity_key, credentials.bearer } do
    vault:hide(text)
  end
  local private = pem:match "%-%-%-%-%-BEGIN PRIVATE KEY%-%-%-%-%-\n(.-)\n%-%-%-%-%-END"
  for line in private:gmatch "[^\n]+" do
    if #line > 20 then
      vault:hide(line)
    end
  end
end

local function environment(values)
  return function(name)
    return values[name]
  end
end

local function nothing() end

--- The options of Entra's credentials for a server on loopback.
local function entra(authority, more)
  more.tenant_id, more.client_id = "contoso.example", "the-client"
  more.authority, more.allow_insecure_connection, more.timeout = authority, true, seconds
  return more
end

local function identity(values)
  local options = { getenv = environment(values), read_file = nothing, timeout = seconds }
  return webpubsub.managed_identity_credential(options)
end

--- All of them. authority: the endpoint of whatever gives tokens; good: does a command line tool give one too?
function credentials.all(authority, good)
  local tool = { environment = { ("PATH=%s/%s:/usr/bin:/bin"):format(folder, good and "good" or "bad") } }
  local by_secret = webpubsub.client_secret_credential(entra(authority, { client_secret = secret }))
  local app_service = identity { IDENTITY_ENDPOINT = authority .. "/msi/token", IDENTITY_HEADER = identity_key }
  return {
    assert(by_secret),
    assert(webpubsub.certificate_credential(entra(authority, { certificate_data = pem }))),
    assert(webpubsub.workload_identity_credential(entra(authority, { token_file_path = folder .. "/federated" }))),
    assert(app_service),
    assert(identity { MSI_ENDPOINT = authority .. "/msi/token", MSI_SECRET = identity_key }),
    assert(webpubsub.azure_cli_credential(tool)),
    assert(webpubsub.chained_token_credential({ app_service, by_secret }, { timeout = seconds })),
    assert(webpubsub.default_credential {
      authority = authority,
      allow_insecure_connection = true,
      timeout = seconds,
      read_file = nothing,
      getenv = environment {
        AZURE_TENANT_ID = "contoso.example",
        AZURE_CLIENT_ID = "the-client",
        AZURE_CLIENT_SECRET = secret,
      },
    }),
    assert(webpubsub.function_credential(function()
      return credentials.bearer
    end)),
  }
end

return credentials
