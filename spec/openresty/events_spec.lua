-- The adapter for nginx, in a real one.

local adapter = require "spec.events.adapter"
local driven = require "spec.events.driven"
local nginx = require "spec.openresty.nginx"
local support = require "spec.events.support"

local http = ([[
  init_by_lua_block {
    local site = require "spec.events.site"
    notes = site.notes
    handler = site.make { access_keys = { "%s", "%s" } }
  }
]]):format(support.keys[1], support.keys[2])

local server = [[
  lingering_timeout 100ms;
  client_max_body_size 4m;
  client_body_buffer_size 16k;
  location = /eventhandler { content_by_lua_block { require("webpubsub.events.openresty").serve(handler) } }
  location = /notes { content_by_lua_block { ngx.print(notes()) } }
]]

local host

setup(function()
  host = nginx.start { http = http, server = server }
  host.notes = function()
    return host:body "/notes"
  end
end)

teardown(function()
  host:stop()
end)

adapter.describe("nginx", function()
  return host
end, { describe = describe, it = it })

driven("nginx", function()
  return host
end, { describe = describe, it = it, setup = setup, teardown = teardown })

describe("an event handler in nginx, besides,", function()
  it("writes to nginx's own log, without a stack trace", function()
    adapter.raw(host, "POST /eventhandler HTTP/1.0\r\nContent-Length: 2\r\nWebHook-Request-Origin: x\r\n\r\n{}")
    nginx.wait_for(10, "no line in the log", function()
      return host:log():find "%[warn%].-webpubsub: webhook answered 401"
    end)
    assert.is_nil(host:log():find "stack traceback")
  end)

  it("answers 431 to more header lines than it reads", function()
    local lines = ("X-Line: 1\r\n"):rep(120)
    assert.match("^HTTP/1.1 431 ", adapter.raw(host, "POST /eventhandler HTTP/1.0\r\n" .. lines .. "\r\n"))
  end)
end)
