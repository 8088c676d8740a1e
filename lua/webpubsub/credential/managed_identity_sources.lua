--- Where a managed identity's token comes from, and what is asked there: pure (contract: managed identity).
-- A source is { name, method, url, headers, query or form, policy }.

local common = require "webpubsub.credential.common"
local http = require "webpubsub.credential.http"

local sources = {}

local imds_host = "http://169.254.169.254"
local token_path = "/metadata/identity/oauth2/token"
sources.arc_agent = "/opt/azcmagent/bin/himds"

--- The query of a user-assigned identity, by the names of one source; at most one is given.
local function with_identity(query, identity, names)
  for option, wire in pairs(names) do
    if identity[option] then
      query[wire] = identity[option]
    end
  end
  return query
end

local function app_service(env, identity, resource)
  return {
    name = "App Service",
    method = "GET",
    url = env.IDENTITY_ENDPOINT,
    headers = { "X-IDENTITY-HEADER", env.IDENTITY_HEADER },
    secrets = { env.IDENTITY_HEADER },
    query = with_identity(
      { ["api-version"] = "2019-08-01", resource = resource },
      identity,
      { client_id = "client_id", object_id = "object_id", resource_id = "mi_res_id" }
    ),
    policy = http.policies.local_agent,
  }
end

local function azure_ml(env, identity, resource)
  if identity.object_id or identity.resource_id then
    return nil, "Azure ML selects an identity by client_id alone"
  end
  return {
    name = "Azure ML",
    method = "GET",
    url = env.MSI_ENDPOINT,
    headers = { "Metadata", "true", "secret", env.MSI_SECRET },
    secrets = { env.MSI_SECRET },
    query = {
      ["api-version"] = "2017-09-01",
      resource = resource,
      clientid = identity.client_id or env.DEFAULT_IDENTITY_CLIENT_ID,
    },
    policy = http.policies.local_agent,
  }
end

local function cloud_shell(env, identity, resource)
  if next(identity) then
    return nil, "Cloud Shell has no user-assigned identities"
  end
  return {
    name = "Cloud Shell",
    method = "POST",
    url = env.MSI_ENDPOINT,
    headers = { "Metadata", "true", "Content-Type", "application/x-www-form-urlencoded" },
    form = { resource = resource },
    policy = http.policies.local_agent,
  }
end

local function arc(env, identity, resource)
  -- Contract: Arc's answer would have to name the identity that was asked for, or be refused.
  if next(identity) then
    return nil, "on Azure Arc the machine's own identity alone is used; leave out client_id, object_id and resource_id"
  end
  local endpoint = env.IDENTITY_ENDPOINT or ("http://127.0.0.1:40342" .. token_path)
  return {
    name = "Azure Arc",
    method = "GET",
    url = (endpoint:gsub("localhost", "127.0.0.1")),
    headers = { "Metadata", "true" },
    query = { ["api-version"] = "2020-06-01", resource = resource },
    policy = http.policies.local_agent,
    challenge = true,
  }
end

local function imds(env, identity, resource)
  local host = env.AZURE_POD_IDENTITY_AUTHORITY_HOST
  return {
    name = "IMDS",
    method = "GET",
    url = (host or imds_host):gsub("/+$", "") .. token_path,
    headers = { "Metadata", "true" },
    query = with_identity(
      { ["api-version"] = "2018-02-01", resource = resource },
      identity,
      { client_id = "client_id", object_id = "object_id", resource_id = "msi_res_id" }
    ),
    policy = http.policies.imds,
    probe = host == nil,
  }
end

local variables = {
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "IDENTITY_SERVER_THUMBPRINT",
  "IMDS_ENDPOINT",
  "MSI_ENDPOINT",
  "MSI_SECRET",
  "DEFAULT_IDENTITY_CLIENT_ID",
  "AZURE_POD_IDENTITY_AUTHORITY_HOST",
}

local function environment(getenv)
  local env = {}
  for _, name in ipairs(variables) do
    env[name] = common.variable(getenv, name)
  end
  return env
end

--- choose(getenv, has_arc_agent(), identity, resource) → source | nil, sentence.
function sources.choose(getenv, has_arc_agent, identity, resource)
  local env = environment(getenv)
  if env.IDENTITY_ENDPOINT and env.IDENTITY_HEADER then
    if env.IDENTITY_SERVER_THUMBPRINT then
      return nil, "on Service Fabric a server's certificate is pinned by its thumbprint, which no transport here can do"
    end
    return app_service(env, identity, resource)
  elseif env.MSI_ENDPOINT then
    return (env.MSI_SECRET and azure_ml or cloud_shell)(env, identity, resource)
  elseif (env.IDENTITY_ENDPOINT and env.IMDS_ENDPOINT) or has_arc_agent() then
    return arc(env, identity, resource)
  end
  return imds(env, identity, resource)
end

return sources
