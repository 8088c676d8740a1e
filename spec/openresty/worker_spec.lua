-- What a call does to the worker that it runs in: nothing.

local core = require "webpubsub.core"
local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"
local resident = require "spec.support.resident"

local http = [[
  lua_shared_dict notes 1m;
  init_by_lua_block {
    probe = require "spec.openresty.probe"
    probe.make("STUB")
  }
]]

local server = [[
  location = /quick { return 204; }
  location = /start { content_by_lua_block { probe.send_many(50) } }
  location = /start_blocking {
    content_by_lua_block { probe.send_many(2, require("webpubsub.transport.blocking").new {}) }
  }
  location = /sends { content_by_lua_block { ngx.print(ngx.shared.notes:get "sends" or "") } }
]]

local burst = "location = /burst { content_by_lua_block { ngx.print(probe.burst()) } }"

local slow = "location / { content_by_lua_block { ngx.sleep(1) ngx.status = 202 ngx.print '' } }"

describe("a worker", function()
  local stub, host

  setup(function()
    stub = nginx.start { server = slow }
    host = nginx.start { http = http:gsub("STUB", stub.endpoint), server = server }
  end)

  teardown(function()
    host:stop()
    stub:stop()
  end)

  --- Asks the quick location again and again until the sends are done: sorted latencies in ms, the note of the sends.
  local function latencies_during(start)
    host:body(start)
    local list, note = {}, ""
    nginx.wait_for(20, "the sends did not end\n" .. host:log(), function()
      local began = core.monotonic()
      assert(host:get("/quick", 10))
      list[#list + 1] = (core.monotonic() - began) * 1000
      note = #list % 50 == 0 and host:body "/sends" or note
      return note ~= ""
    end)
    table.sort(list)
    return list, assert(json.decode(note))
  end

  local function percentile(list, share)
    return list[math.max(1, math.ceil(#list * share))]
  end

  it("answers others within 10 ms while 50 sends wait a second for the service", function()
    local list, note = latencies_during "/start"
    local line = "50 sends in flight: another location, %d requests, 99%% within %.2f ms, longest %.2f ms"
    print("\n" .. line:format(#list, percentile(list, 0.99), list[#list]))
    assert.equal(50, note.sent)
    assert.is_true(note.seconds < 3)
    assert.is_true(#list >= 50)
    assert.is_true(percentile(list, 0.99) < 10)
  end)

  it("has one libcrypto and one libssl, nginx's own, and no libcurl", function()
    latencies_during "/start"
    local pid = host:body "/pid"
    local file = assert(io.open("/proc/" .. pid .. "/maps"))
    local found = {}
    for line in file:lines() do
      local path = line:match "%s(/%S+)$"
      local library = path and path:match "/lib(%a+)[%w.-]*%.so[%d.]*$"
      if library == "crypto" or library == "ssl" or library == "curl" then
        found[library] = found[library] or {}
        found[library][path] = true
      end
      assert.is_nil(path and path:match "webpubsub/openssl%.so$" or path and path:match "webpubsub/curl%.so$")
    end
    file:close()
    local function count(library)
      local n = 0
      for _ in pairs(found[library] or {}) do
        n = n + 1
      end
      return n
    end
    assert.same({ 1, 1, 0 }, { count "crypto", count "ssl", count "curl" })
  end)

  it("would be blocked by the blocking transport, for contrast", function()
    local list, note = latencies_during "/start_blocking"
    print(("\n2 blocking sends: an unrelated location, longest %.2f ms"):format(list[#list]))
    assert.equal(2, note.sent)
    assert.is_true(list[#list] > 500)
  end)
end)

describe("a worker after 200,000 sends", function()
  local stub, host

  setup(function()
    stub = nginx.start { http = "keepalive_requests 1000000;", server = "location / { return 202; }" }
    host = nginx.start { http = http:gsub("STUB", stub.endpoint), server = burst }
  end)

  teardown(function()
    host:stop()
    stub:stop()
  end)

  local function send_until(count, sent)
    while sent < count do
      sent = sent + tonumber(host:body("/burst", 30))
    end
    return sent
  end

  it("has the memory that it had after 20,000", function()
    local sent = send_until(20000, 0)
    local early, began = resident(host:body "/pid"), core.monotonic()
    local more = send_until(200000, sent) - sent
    local late, seconds = resident(host:body "/pid"), core.monotonic() - began
    print(("\nresident memory: %d KB, then %d KB; %d sends a second"):format(early, late, more / seconds))
    assert.is_true(late < early * 1.05)
  end)
end)
