-- Every credential against a server on loopback that records the bytes: what is asked, and what becomes of each answer.

local certificates = require "spec.support.certificates"
local core = require "webpubsub.core"
local files = require "spec.support.files"
local recorder = require "spec.support.recorder"
local run = require "spec.support.run"
local webpubsub = require "webpubsub"

local blocking = require("webpubsub.transport.blocking").new { proxy = false }

local now = 1800000000
local canary = "canary-secret-4711"

--- A transport that notes its sleeps instead of taking them.
local function hasty(slept)
  return {
    send = function(_, request, deadline)
      return blocking:send(request, deadline)
    end,
    sleep = function(_, seconds)
      slept[#slept + 1] = seconds
    end,
    now = function()
      return blocking:now()
    end,
  }
end

local function context(seconds, slept, lines)
  return {
    transport = hasty(slept or {}),
    deadline = blocking:now() + (seconds or 60),
    now = now,
    log = function(level, line)
      if lines then
        lines[#lines + 1] = level .. line
      end
    end,
  }
end

local function environment(values)
  return function(name)
    return values[name]
  end
end

local function form_of(text)
  local fields = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do
    fields[core.percent_decode(name)] = core.percent_decode(value)
  end
  return fields
end

local function json_answer(status, body, headers)
  return recorder.response(status, headers or "Content-Type: application/json\r\n", body)
end

local entra_ok = json_answer(200, '{"token_type":"Bearer","expires_in":3599,"access_token":"the.bearer.token"}')
local managed_ok =
  json_answer(200, '{"access_token":"the.bearer.token","expires_on":"1800003600","token_type":"Bearer"}')

local token_file = os.tmpname()

local function write_file(text)
  local file = assert(io.open(token_file, "wb"))
  file:write(text)
  file:close()
end

local function make_secret(stub)
  return webpubsub.client_secret_credential {
    tenant_id = "contoso.example",
    client_id = "the-client",
    client_secret = canary,
    authority = stub.endpoint,
    allow_insecure_connection = true,
  }
end

local made_in, pfx

setup(function()
  made_in = os.tmpname()
  os.remove(made_in)
  assert(run { "mkdir", made_in } == 0)
  local base = certificates.self_signed(made_in, "own")
  pfx = made_in .. "/own.pfx"
  local pair = { "-in", base .. ".crt", "-inkey", base .. ".key", "-passout", "pass:" .. canary, "-out", pfx }
  certificates.openssl("pkcs12", "-export", (table.unpack or unpack)(pair))
end)

teardown(function()
  run { "rm", "-r", made_in }
end)

local function make_certificate(stub)
  return webpubsub.certificate_credential {
    tenant_id = "contoso.example",
    client_id = "the-client",
    certificate_data = files.read(pfx),
    password = canary,
    authority = stub.endpoint,
    allow_insecure_connection = true,
  }
end

local function make_workload(stub)
  write_file("  " .. canary .. "\n")
  return webpubsub.workload_identity_credential {
    authority = stub.endpoint,
    allow_insecure_connection = true,
    getenv = environment {
      AZURE_TENANT_ID = "contoso.example",
      AZURE_CLIENT_ID = "the-client",
      AZURE_FEDERATED_TOKEN_FILE = token_file,
    },
  }
end

local function make_managed(variables, identity)
  return function(stub)
    local values = {}
    for name, value in pairs(variables) do
      values[name] = value:gsub("STUB", stub.endpoint)
    end
    local options = { getenv = environment(values), read_file = function() end }
    for name, value in pairs(identity or {}) do
      options[name] = value
    end
    return webpubsub.managed_identity_credential(options)
  end
end

local resource = "https://webpubsub.azure.com"

-- Expected values from the contract: Entra token endpoint, managed identity sources.
local sources = {
  {
    name = "client secret",
    make = make_secret,
    ok = entra_ok,
    method = "POST",
    path = "/contoso.example/oauth2/v2.0/token",
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    body = {
      grant_type = "client_credentials",
      client_id = "the-client",
      client_secret = canary,
      scope = resource .. "/.default",
    },
    retried = { 429, 500, 503 },
    not_retried = { 404, 410 },
  },
  {
    name = "client certificate",
    make = make_certificate,
    ok = entra_ok,
    method = "POST",
    path = "/contoso.example/oauth2/v2.0/token",
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    body = {
      grant_type = "client_credentials",
      client_id = "the-client",
      client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion = "a JWT", -- spec/credential_certificate_spec.lua reads it
      scope = resource .. "/.default",
    },
    echo = "the-client", -- the password never leaves, so no server can repeat it
    retried = { 429, 500, 503 },
    not_retried = { 404, 410 },
  },
  {
    name = "workload identity",
    make = make_workload,
    ok = entra_ok,
    method = "POST",
    path = "/contoso.example/oauth2/v2.0/token",
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
    body = {
      grant_type = "client_credentials",
      client_id = "the-client",
      client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion = canary,
      scope = resource .. "/.default",
    },
    retried = { 429, 500, 503 },
    not_retried = { 404, 410 },
  },
  {
    name = "App Service",
    make = make_managed({ IDENTITY_ENDPOINT = "STUB/msi/token", IDENTITY_HEADER = canary }, { resource_id = "/sub/x" }),
    ok = managed_ok,
    method = "GET",
    path = "/msi/token",
    headers = { ["x-identity-header"] = canary },
    query = { ["api-version"] = "2019-08-01", resource = resource, mi_res_id = "/sub/x" },
    retried = { 404, 408, 429, 500, 503, 504 },
    not_retried = { 410, 502 },
    managed = true,
  },
  {
    name = "Azure ML",
    make = make_managed { MSI_ENDPOINT = "STUB/ml", MSI_SECRET = canary, DEFAULT_IDENTITY_CLIENT_ID = "the-default" },
    ok = managed_ok,
    method = "GET",
    path = "/ml",
    headers = { metadata = "true", secret = canary },
    query = { ["api-version"] = "2017-09-01", resource = resource, clientid = "the-default" },
    retried = { 404, 429, 500 },
    not_retried = { 410 },
    managed = true,
  },
  {
    name = "Cloud Shell",
    make = make_managed { MSI_ENDPOINT = "STUB/shell" },
    ok = managed_ok,
    method = "POST",
    path = "/shell",
    headers = { metadata = "true", ["content-type"] = "application/x-www-form-urlencoded" },
    body = { resource = resource },
    retried = { 404, 429, 500 },
    not_retried = { 410 },
    managed = true,
  },
  {
    name = "IMDS",
    make = make_managed({ AZURE_POD_IDENTITY_AUTHORITY_HOST = "STUB/" }, { client_id = "the-client" }),
    ok = managed_ok,
    method = "GET",
    path = "/metadata/identity/oauth2/token",
    headers = { metadata = "true" },
    query = { ["api-version"] = "2018-02-01", resource = resource, client_id = "the-client" },
    retried = { 404, 408, 429, 500, 502 },
    not_retried = { 403 },
    managed = true,
  },
}

for _, source in ipairs(sources) do
  describe("the credential of " .. source.name, function()
    --- What one get_token made of these answers: entry, err, sleeps, log lines, credential, stub.
    local function ask(answers, seconds)
      local stub = recorder.start(answers)
      finally(function()
        stub:stop()
      end)
      local slept, lines = {}, {}
      local credential = assert(source.make(stub))
      local entry, err = credential:get_token(context(seconds, slept, lines))
      local said = tostring(credential) .. tostring(err) .. table.concat(lines, "\n")
      assert.is_nil(said:find(canary, 1, true))
      assert.is_nil(said:find("the.bearer.token", 1, true))
      return entry, err, slept, stub
    end

    it("asks to the letter of the contract", function()
      local entry, err, _, stub = ask { source.ok }
      assert(entry, err)
      assert.equal("the.bearer.token", entry.token)
      assert.is_true(entry.expires_on == now + 3599 or entry.expires_on == now + 3600)
      local request = stub:request()
      local path, query = request.target:match "^([^?]*)%??(.*)$"
      assert.same({ source.method, source.path }, { request.method, path })
      assert.same(source.query or {}, form_of(query))
      local body = form_of(request.body)
      body.client_assertion = body.client_assertion
        and body.client_assertion:gsub("^[%w_-]+%.[%w_-]+%.[%w_-]+$", "a JWT")
      assert.same(source.body or {}, body)
      for name, value in pairs(source.headers) do
        assert.equal(value, request.headers[name])
      end
      assert.equal(source.headers.metadata, request.headers.metadata)
    end)

    it("reports a 400 in the server's words, without the secret in them", function()
      local body = '{"error":"invalid_client","error_description":"AADSTS7000215: wrong '
        .. (source.echo or canary)
        .. '\\r\\nTrace"}'
      local entry, err = ask { json_answer(400, body) }
      assert.is_nil(entry)
      assert.equal(source.managed and "credential_unavailable" or "authentication_failed", err.code)
      assert.equal("not_sent", err.outcome)
      assert(source.managed or err.message:find("AADSTS7000215", 1, true), err.message)
    end)

    for _, status in ipairs(source.retried) do
      it("asks again after " .. status, function()
        local entry, err, slept = ask { json_answer(status, "", "Retry-After: 3\r\n"), source.ok }
        assert(entry, err)
        assert.same({ 3 }, slept)
        entry, err, slept = ask { json_answer(status, "") }
        assert.is_nil(entry)
        assert.same({ status, 3 }, { err.status, #slept })
      end)
    end

    for _, status in ipairs(source.not_retried) do
      it("does not ask again after " .. status, function()
        local entry, err, slept = ask { json_answer(status, ""), source.ok }
        assert.is_nil(entry)
        assert.same({ "authentication_failed", status, 0 }, { err.code, err.status, #slept })
      end)
    end

    it("refuses what is no token", function()
      for _, body in ipairs {
        "garbage",
        "[]",
        "{}",
        '{"access_token":"a b","expires_in":60}',
        '{"access_token":"abc"}',
        '{"access_token":"abc","expires_in":-1}',
        '{"access_token":7,"expires_in":60}',
        '{"access_token":"abc","expires_on":"1"}',
      } do
        local entry, err = ask { json_answer(200, body) }
        assert.is_nil(entry, body)
        assert.equal("authentication_failed", err.code)
      end
    end)

    it("is not held longer than the deadline by a server that is silent", function()
      local entry, err = ask({ "hang" }, 0.2)
      assert.is_nil(entry)
      assert.equal(source.managed and "credential_unavailable" or "timeout", err.code)
      assert.equal("not_sent", err.outcome)
    end)
  end)
end

describe("IMDS that is being updated", function()
  it("is asked seven more times, ten seconds apart", function()
    local stub = recorder.start { json_answer(410, "") }
    finally(function()
      stub:stop()
    end)
    local slept = {}
    local credential = make_managed { AZURE_POD_IDENTITY_AUTHORITY_HOST = "STUB" }(stub)
    local source = select(2, require("webpubsub.credential.token").parts_of(credential))
    assert.is_nil((source(context(100, slept))))
    assert.same({ 10, 10, 10, 10, 10, 10, 10 }, slept)
  end)
end)

describe("workload identity", function()
  it("reads its file anew for each request, and refuses an empty one", function()
    local stub = recorder.start { json_answer(200, '{"access_token":"abc","expires_in":1}') }
    finally(function()
      stub:stop()
    end)
    local credential = assert(make_workload(stub))
    credential:get_token(context())
    assert.equal(canary, form_of(stub:request().body).client_assertion)
    write_file "second"
    credential:get_token(context())
    assert.equal("second", form_of(stub:request().body).client_assertion)
    write_file " \n"
    local _, err = credential:get_token(context())
    assert.equal("authentication_failed", err.code)
    assert.is_true(stub:is_quiet(0.05))
  end)
end)

describe("Azure Arc", function()
  local folder = "/var/opt/azcmagent/tokens/"

  local function ask(realm, content, second)
    local challenge = "WWW-Authenticate: Basic realm=" .. realm .. "\r\n"
    local stub = recorder.start { recorder.response(401, challenge, ""), second or managed_ok }
    finally(function()
      stub:stop()
    end)
    local read = {}
    local credential = assert(webpubsub.managed_identity_credential {
      getenv = environment {
        IDENTITY_ENDPOINT = stub.endpoint:gsub("127.0.0.1", "localhost") .. "/arc",
        IMDS_ENDPOINT = "http://localhost",
      },
      read_file = function(path)
        read[#read + 1] = path
        return content
      end,
    })
    local entry, err = credential:get_token(context())
    return entry, err, stub, read
  end

  it("sends the key that the challenge names", function()
    local entry, err, stub, read = ask(folder .. "one.key", canary)
    assert(entry, err)
    local first, second = stub:request(), stub:request()
    assert.same({ "true", nil }, { first.headers.metadata, first.headers.authorization })
    assert.equal("Basic " .. canary, second.headers.authorization)
    assert.equal(first.target, second.target)
    assert.same({ ["api-version"] = "2020-06-01", resource = resource }, form_of(first.target:match "%?(.*)$"))
    assert.same({ folder .. "one.key" }, read)
  end)

  for _, realm in ipairs {
    "/etc/passwd",
    "/etc/one.key",
    folder .. "one.txt",
    folder .. "../one.key",
    folder .. "deeper/one.key",
    folder .. ".key",
    "/var/opt/azcmagent/tokens2/one.key",
  } do
    it("reads no other file: " .. realm, function()
      local entry, err, stub, read = ask(realm, canary)
      assert.is_nil(entry)
      assert.equal("authentication_failed", err.code)
      assert.same({}, read)
      stub:request()
      assert.is_true(stub:is_quiet(0.05))
    end)
  end

  it("refuses a key file that is too long, and repeats no key", function()
    local entry, err = ask(folder .. "one.key", ("x"):rep(4097))
    assert.is_nil(entry)
    assert.equal("authentication_failed", err.code)
    entry, err =
      ask(folder .. "one.key", canary, json_answer(403, '{"error":{"code":"c","message":"' .. canary .. '"}}'))
    assert.is_nil(entry)
    assert.is_nil(tostring(err):find(canary, 1, true))
  end)
end)

describe("a place without the means", function()
  it("says on Azure Arc, and of Cloud Shell, that no identity can be chosen", function()
    for name, values in pairs {
      ["Azure Arc"] = { IDENTITY_ENDPOINT = "http://127.0.0.1:1", IMDS_ENDPOINT = "http://127.0.0.1:1" },
      ["Cloud Shell"] = { MSI_ENDPOINT = "http://127.0.0.1:1" },
    } do
      for _, option in ipairs { "client_id", "object_id", "resource_id" } do
        local made, err = webpubsub.managed_identity_credential { getenv = environment(values), [option] = "x" }
        assert.is_nil(made)
        assert.equal("invalid_argument", err.code)
        assert(err.message:find(name, 1, true), err.message)
      end
    end
  end)

  it("says why on Service Fabric", function()
    local made, err = webpubsub.managed_identity_credential {
      getenv = environment {
        IDENTITY_ENDPOINT = "x",
        IDENTITY_HEADER = "y",
        IDENTITY_SERVER_THUMBPRINT = "z",
      },
    }
    assert.is_nil(made)
    assert(err.message:find("Service Fabric", 1, true))
  end)

  it("takes no authority over plain http, but a loopback one with the option", function()
    for authority, allowed in pairs {
      ["login.microsoftonline.us"] = true,
      ["https://login.chinacloudapi.cn/"] = true,
      ["http://127.0.0.1:1"] = false,
      ["http://login.microsoftonline.com"] = false,
      ["https://user@host"] = false,
      ["https://host/path"] = false,
    } do
      local made = webpubsub.client_secret_credential {
        tenant_id = "t",
        client_id = "c",
        client_secret = "s",
        authority = authority,
      }
      assert.equal(allowed, made ~= nil, authority)
    end
    -- User information in front of a host that is not ours.
    for authority, allowed in pairs { ["http://127.0.0.1:1"] = true, ["http://127.0.0.1:1@host"] = false } do
      local made = webpubsub.client_secret_credential {
        tenant_id = "t",
        client_id = "c",
        client_secret = "s",
        authority = authority,
        allow_insecure_connection = true,
      }
      assert.equal(allowed, made ~= nil, authority)
    end
  end)
end)
