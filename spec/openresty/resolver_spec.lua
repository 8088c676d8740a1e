-- Names, looked up by nginx's resolver.

local child = require "spec.support.child"
local core = require "webpubsub.core"
local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"

local server = [[
  location = /get {
    content_by_lua_block {
      local arg = ngx.req.get_uri_args()
      ngx.print(require("spec.openresty.probe").get(arg.url, {}, tonumber(arg.seconds)))
    }
  }
  location = /requests { return 200 $connection_requests; }
]]

describe("a name inside nginx", function()
  local dns, host

  setup(function()
    dns = child.start "spec/openresty/dns.lua"
    local resolver = "resolver 127.0.0.1:%s ipv6=off; resolver_timeout 8s;"
    host = nginx.start { http = resolver:format(dns:line()), server = server }
  end)

  teardown(function()
    host:stop()
    dns:stop()
  end)

  local function get(name, seconds)
    local url = ("http://%s:%s/requests"):format(name, host.endpoint:match "%d+$")
    return assert(json.decode(host:body(("/get?url=%s&seconds=%s"):format(core.percent_encode(url), seconds or 5))))
  end

  it("is resolved, and its connection kept", function()
    assert.same({ status = 200, body = "1" }, get "service.test")
    assert.same({ status = 200, body = "2" }, get "service.test")
  end)

  it("that does not exist is not_sent", function()
    local answer = get "missing.test"
    assert.equal("resolve_failed", answer.code)
    assert.equal("not_sent", answer.outcome)
    assert.matches("missing.test", answer.message, 1, true)
  end)

  it("that nobody answers for delays no call past its deadline", function()
    local began = core.monotonic()
    local answer = get("silent.test", 0.3)
    assert.is_true(core.monotonic() - began < 3)
    assert.equal("timeout", answer.code)
    assert.equal("not_sent", answer.outcome)
  end)
end)
