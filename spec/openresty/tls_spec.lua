-- TLS of the cosocket transport: whom it trusts, what it keeps, and tunnels.

local child = require "spec.support.child"
local core = require "webpubsub.core"
local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"
local process = require "webpubsub.process"

local http = [[
  $trust
  server {
    listen 127.0.0.1:$tlsport ssl;
    ssl_certificate $certificates/cert.pem;
    ssl_certificate_key $certificates/key.pem;
    location / { return 200 "$ssl_server_name $connection_requests"; }
  }
]]

local server = [[
  location = /get {
    content_by_lua_block {
      local arg = ngx.req.get_uri_args()
      local verify
      if arg.verify == "false" then
        verify = false
      end
      ngx.print(require("spec.openresty.probe").get(arg.url, { verify = verify, proxy = arg.proxy }))
    }
  }
]]

local function make_certificate()
  local folder = os.tmpname()
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
  return folder
end

describe("TLS inside nginx", function()
  local folder, tls_port, host

  local function start(trust)
    tls_port = nginx.free_port()
    local text = http:gsub("%$trust", trust or ""):gsub("%$certificates", folder):gsub("%$tlsport", tls_port)
    host = nginx.start { http = text, server = server }
  end

  setup(function()
    folder = make_certificate()
  end)

  teardown(function()
    process.start({ "rm", "-r", folder }):wait(5)
  end)

  after_each(function()
    host:stop()
  end)

  local function trusted()
    start("lua_ssl_trusted_certificate " .. folder .. "/cert.pem;")
  end

  local function get(name, more)
    local url = ("https://%s:%d/"):format(name, tls_port)
    return assert(json.decode(host:body("/get?url=" .. core.percent_encode(url) .. (more or ""))))
  end

  it("refuses a certificate that nobody vouches for, before the request, and names the directive", function()
    start()
    local answer = get "localhost"
    assert.equal("tls_failed", answer.code)
    assert.equal("not_sent", answer.outcome)
    assert.matches("lua_ssl_trusted_certificate", answer.message)
  end)

  it("looks at none when verify is false", function()
    start()
    assert.equal(200, get("localhost", "&verify=false").status)
  end)

  it("accepts one that the directive vouches for, says the server's name and keeps the connection", function()
    trusted()
    assert.equal("localhost 1", get("localhost").body)
    assert.equal("localhost 2", get("localhost").body)
  end)

  it("refuses a certificate for another name", function()
    trusted()
    local answer = get "127.0.0.1"
    assert.equal("tls_failed", answer.code)
    assert.equal("not_sent", answer.outcome)
  end)

  it("lends no unverified connection to a client that verifies", function()
    start()
    assert.equal(200, get("localhost", "&verify=false").status)
    assert.equal("tls_failed", get("localhost").code)
  end)

  it("goes through a proxy's tunnel, once for a kept connection, and verifies at its end", function()
    trusted()
    local proxy = child.start "spec/openresty/tunnel.lua"
    local through = "&proxy=" .. core.percent_encode(("http://ann:secret@127.0.0.1:%s"):format(proxy:line()))
    assert.equal("localhost 1", get("localhost", through).body)
    assert.equal("localhost 2", get("localhost", through).body)
    assert.equal("localhost 1", get("localhost").body)
    -- RFC 7617: base64 of "ann:secret"
    assert.equal(("CONNECT localhost:%d HTTP/1.1 Basic YW5uOnNlY3JldA=="):format(tls_port), proxy:line())
    assert.same({}, proxy:lines_within(0.2))
    assert.equal("tls_failed", get("127.0.0.1", through).code)
    proxy:stop()
  end)
end)
