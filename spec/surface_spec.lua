-- What users can call, compared with the stubs and the README.

local client_options = require "webpubsub.client_options"
local operations = require "webpubsub.operations"
local webpubsub = require "webpubsub"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local stubs = read "lua/types/webpubsub.lua"
for _, part in ipairs { "credential", "events", "poller" } do
  stubs = stubs .. read("lua/types/webpubsub/" .. part .. ".lua")
end
local readme = read "README.md"
local reference = read "docs/reference.md"

local hub = assert(webpubsub.client { endpoint = "http://h", hub = "chat", credential = "k" })

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

local function methods_of(object)
  return sorted(getmetatable(object).__index)
end

--- Methods that stand in the metatable itself, but for those of the inside.
local function public_of(object, internal)
  local set = {}
  for name, value in pairs(getmetatable(object)) do
    if type(value) == "function" and not internal[name] and not name:find "^__" then
      set[name] = true
    end
  end
  return sorted(set)
end

local function stubbed(class)
  local set = {}
  for name in stubs:gmatch("function " .. class .. "[:.]([%w_]+)") do
    set[name] = true
  end
  return sorted(set)
end

--- The @field names of a class, its parents' included. `text`: the stubs that have it, unless they are the library's.
local function fields_of(class, set, text)
  set = set or {}
  local parent, body = (text or stubs):match("%-%-%-@class webpubsub%." .. class .. "(:?[^\n]*)\n(.-)\n\n")
  for name in body:gmatch "@field ([%w_]+)" do
    set[name] = true
  end
  local above = parent:match "webpubsub%.(%w+)"
  return above and fields_of(above, set, text) or sorted(set)
end

describe("the surface", function()
  it("has a stub for every method, and no other", function()
    assert.same(methods_of(hub), stubbed "Client")
    assert.same(methods_of(hub:group "g"), stubbed "Group")
    local public = {}
    for name, value in pairs(webpubsub) do
      public[name] = type(value) == "function" or nil
    end
    assert.same(sorted(public), stubbed "webpubsub")
  end)

  it("has a stub for every method and option of a poller, all of them in the reference", function()
    local poller = assert(webpubsub.poller())
    local internal = { drop = true, go_on_later = true, announce = true, new = true }
    assert.same(public_of(poller, internal), stubbed "Poller")
    assert.same(public_of(poller:spawn(tostring, 1), internal), stubbed "Task")
    for _, name in ipairs(public_of(poller, internal)) do
      assert(reference:find("`[^`]*%f[%w_]" .. name .. "%f[^%w_]"), name .. " is not in the reference")
    end
    assert.same(sorted(poller.schema), fields_of "PollerOptions")
    for name in pairs(poller.schema) do
      assert(reference:find("`" .. name .. "`", 1, true), name)
    end
    poller:close()
  end)

  it("has a stub for every method and option of an event handler, all of them in its page", function()
    local page = read "docs/webhooks.md"
    local handler = assert(webpubsub.event_handler { hub = "chat", access_keys = { "k" } })
    assert.same(public_of(handler, {}), stubbed "EventHandler")
    local response = require("webpubsub.events.answers").new { kind = "connect" }
    assert.same(public_of(response, {}), stubbed "EventResponse")
    for _, name in ipairs(public_of(response, {})) do
      assert(page:find("response:" .. name, 1, true), name .. " is not in docs/webhooks.md")
    end
    local schema = require("webpubsub.events.settings").schema
    assert.same(sorted(schema), fields_of "EventHandlerOptions")
    for name in pairs(schema) do
      assert(page:find("`" .. name .. "`", 1, true), name .. " is not in docs/webhooks.md")
    end
  end)

  it("has every method in the README", function()
    for _, object in ipairs { hub, hub:group "g" } do
      for _, name in ipairs(methods_of(object)) do
        assert(name == "close" or readme:find("`[^`]*%f[%w_]" .. name .. "%f[^%w_]"), name .. " is not in the README")
      end
    end
  end)

  it("has every option of a client in the stubs and the reference", function()
    assert.same(sorted(client_options.schema), fields_of "ClientOptions")
    for name in pairs(client_options.schema) do
      assert(
        reference:find("`" .. name .. "`", 1, true) or (name:find "^retry_" and reference:find(name, 1, true)),
        name
      )
    end
  end)

  it("has every option of a credential in its stub and in docs/credentials.md", function()
    local page = read "docs/credentials.md"
    local entra, command = require "webpubsub.credential.entra", require "webpubsub.credential.command"
    for class, schema in pairs {
      ClientSecretOptions = entra.schemas.client_secret,
      CertificateOptions = entra.schemas.certificate,
      WorkloadIdentityOptions = entra.schemas.workload_identity,
      ManagedIdentityOptions = require("webpubsub.credential.managed_identity").schema,
      AzureCliOptions = command.schemas.azure_cli,
      AzureDeveloperCliOptions = command.schemas.azure_developer_cli,
      DefaultCredentialOptions = require("webpubsub.credential.default").schema,
    } do
      assert.same(sorted(schema), fields_of(class), class)
      for name in pairs(schema) do
        assert(page:find("`[^`\n]*%f[%w_]" .. name .. "%f[^%w_][^`\n]*`"), name .. " is not in docs/credentials.md")
      end
    end
  end)

  it("has every option of a call in its stub", function()
    local classes = {
      send_to_all = "MessageOptions",
      send_to_group = "MessageOptions",
      send_to_user = "UserMessageOptions",
      send_to_connection = "ConnectionMessageOptions",
      close_connection = "ReasonOptions",
      close_all_connections = "CloseOptions",
      grant_permission = "TargetOptions",
      add_connections_to_groups = "GroupsOptions",
      list_connections = "ListOptions",
      user_exists = "CallOptions",
    }
    for _, row in ipairs(operations.list) do
      if classes[row.name] then
        assert.same(sorted(client_options.of_operation(row)), fields_of(classes[row.name]), row.name)
      end
    end
    local schemas = require("webpubsub.fan_out").schemas
    assert.same(sorted(schemas.send_to_users), fields_of "UsersMessageOptions")
    assert.same(sorted(schemas.send_to_groups), fields_of "GroupsMessageOptions")
    assert.same(sorted(client_options.access_token), fields_of "TokenOptions")
    assert.same(sorted(client_options.send_request), fields_of "RequestOptions")
  end)

  it("has a stub and a line in docs/testing.md for every method and filter of an emulator object", function()
    local observer = require "webpubsub.emulator.observer"
    local emulator_stubs, testing = read "lua/types/webpubsub/emulator.lua", read "docs/testing.md"
    local names = { "stop" }
    for name, value in pairs(observer) do
      names[#names + 1] = type(value) == "function" and name or nil
    end
    assert.is_true(#names >= 6)
    for _, name in ipairs(names) do
      assert(emulator_stubs:find("function Emulator:" .. name .. "(", 1, true), name .. " has no stub")
      assert(testing:find("service:" .. name .. "(", 1, true), name .. " is not in docs/testing.md")
    end
    for name in pairs(observer.message_filters) do
      assert(emulator_stubs:find("field " .. name .. "?", 1, true), name .. " has no stub")
      assert(testing:find("`" .. name .. "`", 1, true), name .. " is not in docs/testing.md")
    end
  end)

  it("has a stub and a line in docs/emulator.md for every option of the emulator", function()
    local page = read "docs/emulator.md"
    local names = require("webpubsub.emulator.options").names
    assert.same(sorted(names), fields_of("EmulatorOptions", nil, read "lua/types/webpubsub/emulator.lua"))
    for name in pairs(names) do
      local flag = "`--" .. name:gsub("_", "-")
      local is_there = page:find("`" .. name .. "`", 1, true)
        or page:find(flag, 1, true)
        or page:find(name .. " = {", 1, true)
      assert(is_there, name .. " is not in docs/emulator.md")
    end
  end)

  it("has every command and subcommand in docs/command-line.md", function()
    local page, runs = read "docs/command-line.md", {}
    for line in read("lua/webpubsub/command/calls.lua"):gmatch '{ "[%l-]+", "[%w_]+", "' do
      local name = line:match '"([%l-]+)"'
      assert(page:find("%f[%w]" .. name:gsub("%-", "%%-") .. "%f[^%w-]"), name .. " is not in docs/command-line.md")
      runs[#runs + 1] = name
    end
    assert.is_true(#runs >= 19)
    local commands = { "emulator", "send", "listen", "token", "group", "user", "connection", "permission", "health" }
    for _, name in ipairs(commands) do
      assert(page:find("`webpubsub " .. name, 1, true), name)
    end
  end)

  it("shows the page's screenshot in docs/emulator.md, and keeps it small", function()
    assert(read("docs/emulator.md"):find("](emulator-page.png)", 1, true))
    local picture = read "docs/emulator-page.png"
    assert.equal("\137PNG", picture:sub(1, 4))
    assert.is_true(#picture < 150000)
  end)

  it("has its first code in the README by line 16", function()
    local line = 0
    for text in (readme .. "\n"):gmatch "([^\n]*)\n" do
      line = line + 1
      if text:find "^```lua" then
        break
      end
    end
    assert.is_true(line <= 16, line)
  end)
end)
