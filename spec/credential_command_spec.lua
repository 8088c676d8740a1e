-- Programs named az and azd that note how they were called and print what they are told to.

local files = require "spec.support.files"
local run = require "spec.support.run"
local webpubsub = require "webpubsub"

local blocking = require("webpubsub.transport.blocking").new { proxy = false }
local now = 1800000000
local folder

--- A program in the folder whose shell script notes its folder and arguments, then does `body`.
local function install(name, body)
  local path = folder .. "/" .. name
  local file = assert(io.open(path, "wb"))
  local note = 'for word in "$PWD" "$@"; do echo "$word"; done > ' .. folder .. "/called"
  file:write("#!/bin/sh\n", note, "\n", body, "\n")
  file:close()
  assert(run { "chmod", "+x", path } == 0)
end

local tools = {
  {
    program = "az",
    make = webpubsub.azure_cli_credential,
    options = { tenant_id = "contoso.example", subscription = "My sub (1)" },
    called = "account get-access-token --output json --resource https://webpubsub.azure.com --tenant contoso.example "
      .. "--subscription My sub (1)",
    printed = '{"accessToken":"abc","expiresOn":"2027-01-15 09:00:00.000000","expires_on":1800003600}',
    logged_out = "ERROR: Please run az login to setup account.",
  },
  {
    program = "azd",
    make = webpubsub.azure_developer_cli_credential,
    options = { tenant_id = "contoso.example" },
    called = "auth token --output json --no-prompt --scope https://webpubsub.azure.com/.default "
      .. "--tenant-id contoso.example",
    printed = '{"token":"abc","expiresOn":"2027-01-15T09:00:00Z"}', -- date -u -d @1800003600
    logged_out = "ERROR: not logged in, run `azd auth login` to login",
  },
}

for _, tool in ipairs(tools) do
  describe("the credential of " .. tool.program, function()
    setup(function()
      folder = os.tmpname()
      os.remove(folder)
      assert(run { "mkdir", folder } == 0)
    end)

    teardown(function()
      run { "rm", "-r", folder }
    end)

    local function make(path)
      local options = { environment = { "PATH=" .. (path or (folder .. ":/usr/bin:/bin")) } }
      for name, value in pairs(tool.options) do
        options[name] = value
      end
      return assert(tool.make(options))
    end

    local function ask(credential, seconds, transport)
      transport = transport or blocking
      return credential:get_token { transport = transport, now = now, deadline = transport:now() + (seconds or 10) }
    end

    it("calls it to the letter, without a shell, and reads its JSON between warnings", function()
      install(tool.program, "echo WARNING: old >&2; echo '" .. tool.printed .. "'")
      local entry, err = ask(make())
      assert(entry, err)
      assert.same({ "abc", now + 3600 }, { entry.token, entry.expires_on })
      local called = files.read(folder .. "/called")
      assert.equal("/bin " .. tool.called, (called:gsub("\n$", ""):gsub("\n", " "):gsub("^/usr/bin ", "/bin ")))
    end)

    it("is unavailable when it is not installed or not logged in", function()
      local entry, err = ask(make "/usr/bin:/bin")
      assert.is_nil(entry)
      assert.equal("credential_unavailable", err.code)
      install(tool.program, 'echo "' .. tool.logged_out:gsub("`", "") .. '" >&2; exit 1')
      entry, err = ask(make())
      assert.is_nil(entry)
      assert.equal("credential_unavailable", err.code)
    end)

    it("fails for every other reason, and repeats nothing of what was printed", function()
      for _, body in ipairs { "echo canary; exit 1", "echo canary", "echo '{\"canary\":1}'", "kill -9 $$" } do
        install(tool.program, body)
        local entry, err = ask(make())
        assert.is_nil(entry)
        assert.equal("authentication_failed", err.code)
        assert.is_nil(tostring(err):find "canary")
      end
    end)

    it("is ended when it does not answer in time or writes without end", function()
      install(tool.program, "exec sleep 60")
      local entry, err = ask(make(), 0.1)
      assert.is_nil(entry)
      assert(err.message:find "in time")
      install(tool.program, "exec yes")
      entry, err = ask(make())
      assert.is_nil(entry)
      assert(err.message:find "too much")
    end)

    it("lets the poller's other tasks go on", function()
      install(tool.program, "while [ ! -e " .. folder .. "/go ]; do sleep 0.01; done; echo '" .. tool.printed .. "'")
      local poller = assert(webpubsub.poller { proxy = false })
      local credential, entry = make(), nil
      poller:spawn(function()
        entry = ask(credential, 10, poller)
      end)
      -- The program ends only once this task has run beside it.
      poller:spawn(function()
        poller:sleep(0.02)
        assert(io.open(folder .. "/go", "wb")):close()
      end)
      poller:run()
      poller:close()
      os.remove(folder .. "/go")
      assert.equal("abc", entry and entry.token)
    end)

    it("takes no argument that could be an option or another word", function()
      for _, bad in ipairs { "-x", "a b", "$(id)", "" } do
        local made, err = tool.make { tenant_id = bad }
        assert.is_nil(made)
        assert.equal("invalid_argument", err.code)
      end
      assert.is_nil((tool.make { scope = "https://a b" }))
    end)
  end)
end
