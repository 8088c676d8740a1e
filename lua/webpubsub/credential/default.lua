--- The credential that fits where the program runs: production first, then the developer's tools.

local answer = require "webpubsub.credential.answer"
local chain = require "webpubsub.credential.chain"
local command = require "webpubsub.credential.command"
local common = require "webpubsub.credential.common"
local entra = require "webpubsub.credential.entra"
local managed_identity = require "webpubsub.credential.managed_identity"
local token = require "webpubsub.credential.token"

local default = {}

local name = "default_credential"

default.schema = common.schema {
  authority = { type = "string" },
  allow_insecure_connection = { type = "boolean", default = false },
  read_file = { type = "function", default = common.read_file },
}

--- A member that is always unavailable, with its reason.
local function absent(member, sentence)
  return token.new {
    name = member,
    source = function()
      return answer.unavailable(member, sentence)
    end,
  }
end

--- A member that is meant to be used and cannot be: it stops the chain, since another identity must not hide it.
local function broken(member, sentence)
  return token.new {
    name = member,
    source = function()
      return answer.failed(member, sentence)
    end,
  }
end

local function entra_options(read, more)
  more.authority, more.scope, more.getenv = read.authority, read.scope, read.getenv
  more.allow_insecure_connection, more.timeout = read.allow_insecure_connection, read.timeout
  return more
end

local makers = {}

--- Contract: 1 or true.
local function is_on(value)
  value = value and value:lower()
  return value == "1" or value == "true"
end

local function environment_certificate(read, options, path)
  options.certificate_path = path
  options.password = common.variable(read.getenv, "AZURE_CLIENT_CERTIFICATE_PASSWORD")
  options.send_certificate_chain = is_on(common.variable(read.getenv, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"))
  return entra.certificate(options)
end

function makers.EnvironmentCredential(read)
  local tenant = common.variable(read.getenv, "AZURE_TENANT_ID")
  local client = common.variable(read.getenv, "AZURE_CLIENT_ID")
  local secret = common.variable(read.getenv, "AZURE_CLIENT_SECRET")
  local path = common.variable(read.getenv, "AZURE_CLIENT_CERTIFICATE_PATH")
  if not (tenant and client and (secret or path)) then
    local sentence =
      "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH are not set"
    return absent("environment_credential", sentence)
  end
  local options = entra_options(read, { tenant_id = tenant, client_id = client, client_secret = secret })
  local made, err
  if secret then
    made, err = entra.client_secret(options)
  else
    made, err = environment_certificate(read, options, path)
  end
  return made or broken("environment_credential", err.message)
end

function makers.WorkloadIdentityCredential(read)
  for _, variable in ipairs { "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE" } do
    if not common.variable(read.getenv, variable) then
      return absent("workload_identity_credential", variable .. " is not set")
    end
  end
  return entra.workload_identity(entra_options(read, {}))
end

function makers.ManagedIdentityCredential(read, only)
  return managed_identity.new({
    client_id = common.variable(read.getenv, "AZURE_CLIENT_ID"),
    scope = read.scope,
    timeout = read.timeout,
    getenv = read.getenv,
    read_file = read.read_file,
  }, not only)
end

function makers.VisualStudioCodeCredential()
  return absent("visual_studio_code_credential", "it needs a broker, which does not exist for Lua")
end

function makers.AzureCliCredential(read)
  return command.azure_cli { scope = read.scope, timeout = read.timeout }
end

function makers.AzurePowerShellCredential()
  return absent("azure_powershell_credential", "it is not supported; use az login")
end

function makers.AzureDeveloperCliCredential(read)
  return command.azure_developer_cli { scope = read.scope, timeout = read.timeout }
end

--- Contract: the order, and what AZURE_TOKEN_CREDENTIALS keeps of it.
local production = { "EnvironmentCredential", "WorkloadIdentityCredential", "ManagedIdentityCredential" }
local development =
  { "VisualStudioCodeCredential", "AzureCliCredential", "AzurePowerShellCredential", "AzureDeveloperCliCredential" }

--- select(value of AZURE_TOKEN_CREDENTIALS or nil) → names of the members in order | nil, sentence.
function default.select(value)
  local all = {}
  for _, list in ipairs { production, development } do
    for _, member in ipairs(list) do
      all[#all + 1] = member
    end
  end
  local wanted = value and value:lower():match "^%s*(.-)%s*$"
  if not wanted or wanted == "" then
    return all
  elseif wanted == "prod" then
    return production
  elseif wanted == "dev" then
    return development
  end
  for _, member in ipairs(all) do
    if member:lower() == wanted then
      return { member }
    end
  end
  return nil, "AZURE_TOKEN_CREDENTIALS must be prod, dev or the name of one credential"
end

--- new { scope, authority, … } → credential | nil, err. The environment is read now. What cannot be made, such as
-- Service Fabric's identity, is a member that says so.
function default.new(given)
  local read, err = common.read(default.schema, given, name)
  if not read then
    return nil, err
  end
  local members, sentence = default.select(read.getenv "AZURE_TOKEN_CREDENTIALS")
  if not members then
    return common.refuse(name, sentence)
  end
  local list = {}
  for i, member in ipairs(members) do
    list[i], err = makers[member](read, #members == 1)
    list[i] = list[i] or absent(member, err.message)
  end
  return token.new {
    name = name,
    source = select(2, token.parts_of(chain.new(list))),
    timeout = read.timeout,
    shared_dict = read.shared_dict,
    shared_key = "webpubsub default " .. read.scope,
  }
end

return default
