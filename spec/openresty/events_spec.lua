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
  location = /access {
    access_by_lua_block { require("webpubsub.events.openresty").serve(handler) return ngx.exit(ngx.HTTP_OK) }
    content_by_lua_block { error "the request has ended before" }
  }
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

  it("answers in the access phase, where the request then ends", function()
    for _, row in ipairs { { "connect", 200 }, { "connected", 204 }, { "refuse", 400 } } do
      local request = support.request(row[1], "{}")
      local lines = { "POST /access HTTP/1.0", "Content-Length: 2" }
      for name, value in pairs(request.headers) do
        lines[#lines + 1] = name .. ": " .. value
      end
      local answer = adapter.raw(host, table.concat(lines, "\r\n") .. "\r\n\r\n{}")
      assert.match("^HTTP/1.1 " .. row[2] .. " ", answer)
      assert.equal(1, select(2, answer:gsub("HTTP/1%.1", "")))
    end
    assert.is_nil(host:log():find("ended before", 1, true))
  end)

  it("answers 431 to more header lines than it reads", function()
    local lines = ("X-Line: 1\r\n"):rep(120)
    assert.match("^HTTP/1.1 431 ", adapter.raw(host, "POST /eventhandler HTTP/1.0\r\n" .. lines .. "\r\n"))
  end)
end)
