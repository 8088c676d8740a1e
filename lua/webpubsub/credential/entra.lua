--- Credentials of Microsoft Entra ID's token endpoint: a client's secret, a certificate, a federated token from a file.

local answer = require "webpubsub.credential.answer"
local assertion = require "webpubsub.credential.assertion"
local certificates = require "webpubsub.certificate"
local common = require "webpubsub.credential.common"
local http = require "webpubsub.credential.http"
local loopback = require "webpubsub.loopback"
local token = require "webpubsub.credential.token"

local entra = {}

local function extend(own)
  own.tenant_id = { type = "string" }
  own.client_id = { type = "string" }
  own.authority = { type = "string" }
  own.allow_insecure_connection = { type = "boolean", default = false }
  return common.schema(own)
end

entra.schemas = {
  client_secret = extend { client_secret = { type = "string" } },
  certificate = extend {
    certificate_path = { type = "string" },
    certificate_data = { type = "string" },
    password = { type = "string" },
    send_certificate_chain = { type = "boolean", default = false },
    algorithm = { type = "string", values = { "PS256", "RS256" }, default = "PS256" },
  },
  workload_identity = extend { token_file_path = { type = "string" } },
}

local default_authority = "login.microsoftonline.com"

--- A host, or an https URL of one → URL without a slash at its end | nil, sentence.
local function authority_of(read)
  local text = read.authority or common.variable(read.getenv, "AZURE_AUTHORITY_HOST") or default_authority
  local url = text:find "^%a+://" and text or ("https://" .. text)
  url = url:gsub("/+$", "")
  if url:find "^https://[%w.-]+:?%d*$" then
    return url
  elseif read.allow_insecure_connection and loopback.is_url(url) and url:find "^http://[^/?#]+$" then
    return url
  end
  return nil, "authority must be a host name or an https URL without a path"
end

--- Contract: letters, digits, - and . in a tenant's id.
local function check_ids(read)
  if not read.tenant_id or not read.tenant_id:find "^[%w.-]+$" then
    return nil, "tenant_id must be given, of letters, digits and any of - ."
  elseif not read.client_id or read.client_id == "" or read.client_id:find "[%c%s]" then
    return nil, "client_id must be given, without white space"
  end
  return true
end

--- Where the token comes from | nil, sentence.
local function endpoint_of(read)
  local ok, sentence = check_ids(read)
  local authority
  if ok then
    authority, sentence = authority_of(read)
  end
  if not authority then
    return nil, sentence
  end
  return ("%s/%s/oauth2/v2.0/token"):format(authority, read.tenant_id)
end

local headers = { "Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json" }

--- A source that posts the fields which `proof` adds: proof() → { name = value }, secrets | nil, err.
local function source_of(name, url, read, proof)
  return function(context)
    local fields, secrets = proof(context)
    if not fields then
      return nil, secrets
    end
    fields.grant_type = "client_credentials"
    fields.client_id = read.client_id
    fields.scope = read.scope
    local request = { method = "POST", url = url, headers = headers, body = common.form(fields) }
    local raw, err = http.send(context, request, http.policies.entra)
    if not raw then
      return nil, err
    end
    return answer.read(name, raw, context.now, secrets)
  end
end

local function make(name, read, proof)
  local url, sentence = endpoint_of(read)
  if not url then
    return common.refuse(name, sentence)
  end
  return token.new {
    name = name,
    source = source_of(name, url, read, proof),
    timeout = read.timeout,
    shared_dict = read.shared_dict,
    shared_key = table.concat({ "webpubsub", name, url, read.client_id, read.scope }, " "),
  }
end

--- { tenant_id, client_id, client_secret, authority, … } → credential | nil, err.
function entra.client_secret(given)
  local name = "client_secret_credential"
  local read, err = common.read(entra.schemas.client_secret, given, name)
  if not read then
    return nil, err
  elseif not read.client_secret or read.client_secret == "" then
    return common.refuse(name, "client_secret must be given")
  end
  local secret = read.client_secret
  return make(name, read, function()
    return { client_secret = secret }, { secret }
  end)
end

local longest_certificate = 1048576

--- PEM text or a PFX file | nil, sentence.
local function certificate_data(read)
  if read.certificate_data and read.certificate_path then
    return nil, "only one of certificate_path and certificate_data can be given"
  elseif read.certificate_data then
    return read.certificate_data
  elseif not read.certificate_path then
    return nil, "certificate_path or certificate_data must be given"
  end
  local data, sentence = common.read_file(read.certificate_path, longest_certificate)
  return data, sentence and ("certificate_path cannot be read: " .. sentence)
end

--- What signs the assertions | nil, sentence.
local function read_certificate(read)
  local data, sentence = certificate_data(read)
  if not data then
    return nil, sentence
  end
  local certificate
  certificate, sentence = certificates.new(data, read.password)
  read.certificate_data, read.password = nil, nil -- what the credential keeps holds neither
  if not certificate then
    return nil, sentence
  end
  return assertion.signer(certificate, read)
end

--- { tenant_id, client_id, certificate_path or certificate_data (PEM or PFX), password, send_certificate_chain,
-- algorithm = "PS256", … } → credential | nil, err.
function entra.certificate(given)
  local name = "certificate_credential"
  local read, err = common.read(entra.schemas.certificate, given, name)
  if not read then
    return nil, err
  end
  local own, sentence = read_certificate(read)
  local url
  if own then
    url, sentence = endpoint_of(read)
  end
  if not url then
    return common.refuse(name, sentence)
  end
  return make(name, read, function(context)
    local text, why = assertion.make(own, url, read.client_id, context.now)
    if not text then
      return answer.failed(name, why)
    end
    return { client_assertion_type = assertion.type, client_assertion = text }, { text }
  end)
end

local longest_assertion = 65536

--- The file is read for every token request: its owner replaces it every hour. The packages keep it for five minutes
-- (contract), in which nobody asks twice: a token lives longer.
local function assertion_of(name, path)
  local text, sentence = common.read_file(path, longest_assertion)
  text = text and text:match "^%s*(.-)%s*$"
  if not text then
    return answer.failed(name, "the token file cannot be read: " .. sentence)
  elseif text == "" then
    return answer.failed(name, "the token file is empty")
  end
  return {
    client_assertion_type = assertion.type,
    client_assertion = text,
  }, { text }
end

--- { tenant_id, client_id, token_file_path } → credential | nil, err. Absent ones come from the environment.
function entra.workload_identity(given)
  local name = "workload_identity_credential"
  local read, err = common.read(entra.schemas.workload_identity, given, name)
  if not read then
    return nil, err
  end
  read.tenant_id = read.tenant_id or common.variable(read.getenv, "AZURE_TENANT_ID")
  read.client_id = read.client_id or common.variable(read.getenv, "AZURE_CLIENT_ID")
  local path = read.token_file_path or common.variable(read.getenv, "AZURE_FEDERATED_TOKEN_FILE")
  if not path then
    return common.refuse(name, "token_file_path must be given")
  end
  return make(name, read, function()
    return assertion_of(name, path)
  end)
end

return entra
