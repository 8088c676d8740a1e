-- Which credential of a chain is asked, and when the chain stops.

local default = require "webpubsub.credential.default"
local errors = require "webpubsub.error"
local webpubsub = require "webpubsub"

local now = 1800000000

local function context()
  return {
    now = now,
    deadline = 60,
    transport = {
      now = function()
        return 0
      end,
      sleep = function() end,
      send = function()
        return nil, errors.new { code = "connect_failed", message = "no", outcome = "not_sent" }
      end,
    },
  }
end

--- A credential of this kind that notes in `asked` that it was asked.
local function member(kind, asked)
  local number = #asked.made + 1
  asked.made[number] = true
  return {
    get_token = function(_, given)
      asked[#asked + 1] = number
      if kind == "token" then
        return { token = "token-" .. number, expires_on = given.now + 60 }
      end
      return nil, errors.new { code = kind, message = "no " .. number, outcome = "not_sent" }
    end,
  }
end

local U, F, T = "credential_unavailable", "authentication_failed", "token"

-- Contract: "unavailable" moves on to the next credential; a real authentication failure stops the chain.
local rows = {
  { { T, T }, asked = { 1 }, token = "token-1" },
  { { U, T }, asked = { 1, 2 }, token = "token-2" },
  { { U, U, T, T }, asked = { 1, 2, 3 }, token = "token-3" },
  { { F, T }, asked = { 1 }, code = F },
  { { U, F, T }, asked = { 1, 2 }, code = F },
  { { U, "timeout", T }, asked = { 1, 2 }, code = "timeout" },
  { { U, U }, asked = { 1, 2 }, code = U },
}

describe("a chain", function()
  for _, row in ipairs(rows) do
    it("of " .. table.concat(row[1], ", "), function()
      local asked, list = { made = {} }, {}
      for i, kind in ipairs(row[1]) do
        list[i] = member(kind, asked)
      end
      local entry, err = webpubsub.chained_token_credential(list):get_token(context())
      asked.made = nil
      assert.same(row.asked, asked)
      assert.equal(row.token, entry and entry.token)
      assert.equal(row.code, err and err.code)
    end)
  end

  it("asks the one that worked first at its next refresh, and the others when it has gone", function()
    local asked, kinds = {}, { U, T }
    local list = {}
    for i = 1, 2 do
      list[i] = {
        get_token = function(_, given)
          asked[#asked + 1] = i
          if kinds[i] == T then
            return { token = "t", expires_on = given.now + 2 }
          end
          return nil, errors.new { code = U, message = "no", outcome = "not_sent" }
        end,
      }
    end
    local chain = webpubsub.chained_token_credential(list)
    local later = context()
    assert(chain:get_token(later))
    later.now = now + 10
    assert(chain:get_token(later))
    assert.same({ 1, 2, 2 }, asked)
    kinds = { T, U }
    later.now = now + 20
    assert(chain:get_token(later))
    assert.same({ 1, 2, 2, 2, 1 }, asked)
  end)
end)

describe("the default credential", function()
  local all = {
    "EnvironmentCredential",
    "WorkloadIdentityCredential",
    "ManagedIdentityCredential",
    "VisualStudioCodeCredential",
    "AzureCliCredential",
    "AzurePowerShellCredential",
    "AzureDeveloperCliCredential",
  }

  local function slice(first, last)
    local list = {}
    for i = first, last do
      list[#list + 1] = all[i]
    end
    return list
  end

  it("has the documented order, and keeps what AZURE_TOKEN_CREDENTIALS says", function()
    assert.same(all, default.select(nil))
    assert.same(all, default.select "")
    assert.same(slice(1, 3), default.select "prod")
    assert.same(slice(4, 7), default.select "DEV")
    for i, name in ipairs(all) do
      assert.same(slice(i, i), default.select(name:upper()))
    end
    local made, err = webpubsub.default_credential {
      getenv = function(name)
        return name == "AZURE_TOKEN_CREDENTIALS" and "production" or nil
      end,
    }
    assert.is_nil(made)
    assert.equal("invalid_argument", err.code)
  end)

  it("names every member that was not there", function()
    local credential = assert(webpubsub.default_credential {
      getenv = function(name)
        return name == "AZURE_TOKEN_CREDENTIALS" and "prod" or nil
      end,
      read_file = function() end,
    })
    local entry, err = credential:get_token(context())
    assert.is_nil(entry)
    assert.equal(U, err.code)
    for _, word in ipairs { "environment_credential", "workload_identity_credential", "managed_identity_credential" } do
      assert(err.message:find(word, 1, true), err.message)
    end
  end)

  it("does not hide a wrong secret behind a managed identity", function()
    local sent = {}
    local given = context()
    given.transport.send = function(_, request)
      sent[#sent + 1] = request.url
      return { status = 401, body = '{"error":"invalid_client","error_description":"AADSTS7000215"}', headers = {} }
    end
    local credential = assert(webpubsub.default_credential {
      getenv = function(name)
        return ({ AZURE_TENANT_ID = "t", AZURE_CLIENT_ID = "c", AZURE_CLIENT_SECRET = "s" })[name]
      end,
      read_file = function() end,
    })
    local entry, err = credential:get_token(given)
    assert.is_nil(entry)
    assert.same({ F, 401 }, { err.code, err.status })
    assert.same({ "https://login.microsoftonline.com/t/oauth2/v2.0/token" }, sent)
  end)

  it("asks without the Metadata header, for a second, whether IMDS is there", function()
    local sent, deadlines = {}, {}
    local given = context()
    given.transport.send = function(_, request, deadline)
      sent[#sent + 1] = request
      deadlines[#deadlines + 1] = deadline
      if #sent == 1 then
        return { status = 400, body = "", headers = {} }
      end
      return { status = 200, body = '{"access_token":"abc","expires_in":"3600"}', headers = {} }
    end
    local credential = assert(webpubsub.default_credential {
      getenv = function(name)
        return name == "AZURE_TOKEN_CREDENTIALS" and "prod" or nil
      end,
      read_file = function() end,
    })
    assert.equal("abc", assert(credential:get_token(given)).token)
    local probe, request = sent[1], sent[2]
    assert.equal(1, deadlines[1])
    assert.equal(probe.url, request.url)
    assert.equal(
      "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"
        .. "resource=https%3A%2F%2Fwebpubsub.azure.com",
      request.url
    )
    assert.is_nil(table.concat(probe.headers, " "):find "Metadata")
    assert(table.concat(request.headers, " "):find("Metadata true", 1, true))
  end)
end)
