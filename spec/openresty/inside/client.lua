-- Runs inside nginx, see inside_spec.lua. What the other specs of the client do not say against the local service.

local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local webpubsub = require "webpubsub"
local websocket = require "spec.support.websocket"

local subprotocol = "json.webpubsub.azure.v1"

describe("a client inside nginx", function()
  local service, hub

  before_each(function()
    service = assert(emulator.start { port = 0 })
    hub = assert(webpubsub.from_connection_string(service.connection_string, "chat"))
  end)

  after_each(function()
    service:stop()
  end)

  local function connect(given)
    local client = websocket.connect(assert(hub:get_client_access_token(given)).url, subprotocol)
    local _, hello = client:receive()
    client.id = core.json_string(assert(core.json_members(hello)).connectionId)
    return client
  end

  local function assert_closed(client, reason)
    local _, last = client:receive()
    assert.matches('"event":"disconnected"', last)
    assert.matches(reason, last)
    client:close()
  end

  it("closes a user's, a group's and all connections", function()
    local user, member, other = connect { user_id = "ann" }, connect { groups = { "lobby" } }, connect {}
    assert(hub:close_user_connections("ann", { reason = "first" }))
    assert_closed(user, "first")
    assert(hub:group("lobby"):close_connections { reason = "second" })
    assert_closed(member, "second")
    assert(hub:close_all_connections { reason = "third" })
    assert_closed(other, "third")
  end)

  it("is refused a token by the service, since an access key makes its own (contract: generateToken)", function()
    local path = "/api/hubs/chat/:generateToken"
    local response = assert(hub:send_request { method = "POST", path = path, query = { userId = "ann" } })
    assert.equal(401, response.status)
  end)

  it("prepares a signed request that any other HTTP client can send", function()
    local client = connect { user_id = "ann" }
    local made = assert(hub:prepare("send_to_user", "ann", { n = 1 }))
    local transport = assert(require("webpubsub.transport.openresty").new {})
    assert.equal(202, assert(transport:send(made, transport:now() + 5)).status)
    local _, envelope = client:receive()
    assert.matches('"data":{"n":1}', envelope)
    client:close()
  end)

  it("refuses what nginx decides by directives, and names them", function()
    local function refusal(name, value)
      local options = { endpoint = "https://h", hub = "chat", credential = "k" }
      options[name] = value
      local made, err = webpubsub.client(options)
      assert.is_nil(made)
      assert.equal("invalid_argument", err.code)
      return err.message
    end
    assert.matches("lua_ssl_trusted_certificate", refusal("ca_file", "/etc/ca.pem"))
    assert.matches("HTTP/1.1", refusal("http_version", "2"))
    assert.matches("http://", refusal("proxy", "https://proxy:1"))
  end)

  it("shows the directive when there is no resolver", function()
    local far = assert(webpubsub.client { endpoint = "http://name.invalid", hub = "chat", credential = "k" })
    local ok, err = far:send_to_all "x"
    assert.is_nil(ok)
    assert.equal("resolve_failed", err.code)
    assert.equal("not_sent", err.outcome)
    assert.matches("`resolver [%d.]+;`", err.message)
  end)

  it("reaches localhost without a resolver", function()
    local near = assert(webpubsub.client {
      endpoint = "http://localhost:" .. service.port,
      hub = "chat",
      credential = service.connection_string:match "AccessKey=([^;]+)",
    })
    assert.is_true((near:send_to_all "x"))
  end)
end)
