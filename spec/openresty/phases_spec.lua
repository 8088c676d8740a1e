-- In which phases of nginx a call can be made, and what it says in the others.

local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"
local recorder = require "spec.support.recorder"

local http = [[
  lua_shared_dict notes 1m;
  init_by_lua_block {
    probe = require "spec.openresty.probe"
    probe.make("http://127.0.0.1:STUB")
  }
  init_worker_by_lua_block { probe.note "init_worker" }
]]

local server = [[
  location = /note { content_by_lua_block { ngx.print(ngx.shared.notes:get(ngx.var.arg_name) or "") } }
  location = /rewrite { rewrite_by_lua_block { probe.note "rewrite" } content_by_lua_block { ngx.print "x" } }
  location = /access { access_by_lua_block { probe.note "access" } content_by_lua_block { ngx.print "x" } }
  location = /content { content_by_lua_block { probe.note "content" } }
  location = /timer { content_by_lua_block { ngx.timer.at(0, function() probe.note "timer" end) } }
  location = /set { set_by_lua_block $x { probe.note "set" return "x" } return 204; }
  location = /header_filter { header_filter_by_lua_block { probe.note "header_filter" } return 204; }
  location = /body_filter {
    body_filter_by_lua_block { probe.note "body_filter" }
    content_by_lua_block { ngx.print "x" }
  }
  location = /log { log_by_lua_block { probe.note "log" } return 204; }
]]

describe("a call inside nginx", function()
  local stub, host

  setup(function()
    stub = recorder.start()
    host = nginx.start { http = http:gsub("STUB", stub.port), server = server }
  end)

  teardown(function()
    host:stop()
    stub:stop()
  end)

  local function note_of(phase)
    host:get("/" .. phase)
    local text = nginx.wait_for(5, "nothing came of " .. phase .. "\n" .. host:log(), function()
      local found = host:body("/note?name=" .. phase)
      return found ~= "" and found
    end)
    return assert(json.decode(text))
  end

  for _, phase in ipairs { "rewrite", "access", "content", "timer" } do
    it("goes out from " .. phase, function()
      assert.is_true(note_of(phase).ok)
      assert.equal('"' .. phase .. '"', stub:request().body)
    end)
  end

  for _, phase in ipairs { "set", "header_filter", "body_filter", "log", "init_worker" } do
    it("says in " .. phase .. " that it cannot, and the way out", function()
      local note = note_of(phase)
      assert.is_false(note.ok)
      assert.equal("phase_not_allowed", note.code)
      assert.matches("phase " .. phase .. ";", note.message, 1, true)
      assert.matches("ngx.timer.at", note.message, 1, true)
      assert.matches("webpubsub.outbox", note.message, 1, true)
    end)
  end
end)
