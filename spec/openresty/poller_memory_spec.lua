-- Ten minutes' worth of work through one poller, on the Luas that most people run; nginx is the sink.

local nginx = require "spec.openresty.nginx"
local run = require "spec.support.run"

local sink = "keepalive_requests 1000000; location / { return 202; }"

describe("a poller after 200,000 sends", function()
  for _, lua in ipairs { "lua5.4", "luajit" } do
    it("has the memory that it had after 20,000, on " .. lua, function()
      local host = nginx.start { server = sink }
      local command = { "script/lua", "spec/support/many_sends_main.lua", host.endpoint }
      local code, text = run(command, { environment = { "LUA=" .. lua } })
      host:stop()
      assert.equal(0, code, text)
      local early, late = text:match "^(%d+)%s+(%d+)"
      print(("\n%s: resident memory %d KB, then %d KB"):format(lua, early, late))
      assert.is_true(tonumber(late) <= tonumber(early) * 1.05, text)
    end)
  end
end)
