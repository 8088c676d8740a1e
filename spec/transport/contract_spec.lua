-- The transports that run on a plain Lua, held to the contract.

local framework = { describe = describe, it = it, after_each = after_each }
local contract = require "spec.transport.contract"

contract("blocking", function(options)
  return assert(require("webpubsub.transport.blocking").new(options or {}))
end, framework)

contract("poller, called from the main chunk", function(options)
  return assert(require("webpubsub.transport.poller").new(options))
end, framework)

--- A transport whose calls run in a task each.
contract("poller, called in a spawned function", function(options)
  local poller = assert(require("webpubsub.transport.poller").new(options))
  local inside = {}
  for _, name in ipairs { "send", "sleep" } do
    inside[name] = function(_, a, b)
      local value, err
      poller:spawn(function()
        value, err = poller[name](poller, a, b)
      end)
      poller:run()
      return value, err
    end
  end
  return setmetatable(inside, {
    __index = function(_, name)
      return function()
        return poller[name](poller)
      end
    end,
  })
end, framework)

describe("TLS of the blocking transport", function()
  local child = require "spec.support.child"
  local process = require "webpubsub.process"
  local folder, server, port

  --- openssl's own server, which answers a GET with a page; its certificate is for localhost and signed by itself.
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(process.start({ "mkdir", folder }):wait(5) == 0)
    local made = process.start({
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
      "-keyout",
      folder .. "/key.pem",
      "-out",
      folder .. "/cert.pem",
    }, { capture_output = true, merge_error = true })
    assert(made:wait(30) == 0)
    server = setmetatable({ pending = "" }, { __index = child })
    server.handle = assert(process.start({
      "openssl",
      "s_server",
      "-accept",
      "127.0.0.1:0",
      "-www",
      "-cert",
      folder .. "/cert.pem",
      "-key",
      folder .. "/key.pem",
    }, { capture_output = true, merge_error = true }))
    repeat
      port = server:line():match "^ACCEPT [%d.]+:(%d+)"
    until port
  end)

  teardown(function()
    server:stop()
    process.start({ "rm", "-r", folder }):wait(5)
  end)

  local function get_page(options)
    local transport = assert(require("webpubsub.transport.blocking").new(options))
    local request = { method = "GET", url = "https://localhost:" .. port .. "/", headers = {}, idempotent = true }
    local response, err = transport:send(request, transport:now() + 10)
    transport:close()
    return response, err
  end

  it("refuses a certificate that nobody vouches for, before the request", function()
    local response, err = get_page {}
    assert.is_nil(response)
    assert.equal("tls_failed", err.code)
    assert.equal("not_sent", err.outcome)
  end)

  it("accepts one that ca_file vouches for", function()
    local response = assert(get_page { ca_file = folder .. "/cert.pem" })
    assert.equal(200, response.status)
  end)

  it("looks at none when verify is false", function()
    local response = assert(get_page { verify = false })
    assert.equal(200, response.status)
  end)
end)
