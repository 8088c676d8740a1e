-- The outbox in a real nginx: every phase, every counter, reload and quit in mid-flight.

local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"

local stub_http = "lua_shared_dict seen 64m;"

-- Answers after DELAY seconds, the first REFUSALS times with 429 and the wish to be left alone for WISH seconds; tells
-- in order what came for each group.
local stub_server = [[
  client_body_buffer_size 1m;
  location / {
    content_by_lua_block {
      ngx.req.read_body()
      local group = ngx.var.uri:match "/groups/([^/]+)/" or "all"
      ngx.shared.seen:rpush(group, ngx.req.get_body_data())
      ngx.sleep(DELAY)
      local refused = ngx.shared.seen:incr("count", 1, 0) <= REFUSALS
      ngx.header["Retry-After"] = refused and WISH or nil
      ngx.status = refused and 429 or 202
      ngx.print ""
    }
  }
  location = /seen {
    content_by_lua_block {
      local list = ngx.shared.seen
      for _ = 1, list:llen(ngx.var.arg_group) or 0 do
        ngx.say((list:lpop(ngx.var.arg_group)))
      end
    }
  }
]]

local http = [[
  lua_shared_dict outbox 1m;
  init_by_lua_block {
    cjson = require "cjson"
    local function note(_, line) ngx.log(ngx.NOTICE, line) end
    outbox = assert(require("webpubsub.outbox").new {
      client = { endpoint = "STUB", hub = "chat", credential = "key", CLIENT },
      dict = "outbox",
      SETTINGS
    })
    INIT
  }
  exit_worker_by_lua_block { ngx.log(ngx.NOTICE, "stats at the end of a worker: ", cjson.encode(outbox:stats())) }
]]

local server = [[
  location = /event {
    return 204;
    log_by_lua_block {
      local ok, err = outbox:send_to_group(ngx.var.arg_g, { w = ngx.worker.pid(), n = tonumber(ngx.var.arg_n) })
      last_error = err
    }
  }
  location = /stats { content_by_lua_block { ngx.print(cjson.encode(outbox:stats())) } }
  location = /error { content_by_lua_block { ngx.print(cjson.encode(last_error or {})) } }
  location = /timers { content_by_lua_block { ngx.print(ngx.timer.running_count() + ngx.timer.pending_count()) } }
  location = /set { set_by_lua_block $x { outbox:send_to_all "set" return "" } return 204; }
  location = /rewrite { rewrite_by_lua_block { outbox:send_to_all "rewrite" } content_by_lua_block { ngx.print "x" } }
  location = /content { content_by_lua_block { outbox:send_to_all "content" } }
  location = /header_filter { header_filter_by_lua_block { outbox:send_to_all "header_filter" } return 204; }
  location = /body_filter {
    body_filter_by_lua_block { if ngx.arg[2] then outbox:send_to_all "body_filter" end }
    content_by_lua_block { ngx.print "x" }
  }
  location = /log { log_by_lua_block { outbox:send_to_all "log" } return 204; }
  location = /timer { content_by_lua_block { ngx.timer.at(0, function() outbox:send_to_all "timer" end) } }
  location = /refused {
    content_by_lua_block {
      local ok, err = outbox:send_to_group("a/b", "x")
      ngx.print(cjson.encode { ok = ok or false, code = err.code, outcome = err.outcome })
    }
  }
]]

describe("the outbox", function()
  local stub, host

  local function start(delay, settings, more, init, refusing)
    local refusals, wish = (refusing or { 0, 0 })[1], (refusing or { 0, 0 })[2]
    local answers = stub_server:gsub("DELAY", delay):gsub("REFUSALS", refusals):gsub("WISH", wish)
    stub = nginx.start { http = stub_http, server = answers }
    local text = http:gsub("STUB", stub.endpoint):gsub("SETTINGS", settings or ""):gsub("INIT", init or "")
    text = text:gsub("CLIENT", refusing and "logging_enable = true, logger = note" or "")
    host = nginx.start { http = text .. (more or ""), server = server }
  end

  after_each(function()
    host:stop()
    stub:stop()
  end)

  local function stats()
    return assert(json.decode(host:body "/stats"))
  end

  local function assert_sum(found)
    assert.equal(found.enqueued, found.sent + found.failed + found.dropped + found.pending)
  end

  local function wait_until_idle(seconds)
    return nginx.wait_for(seconds, "the outbox does not come to rest\n" .. host:log(), function()
      local found = stats()
      assert_sum(found)
      return found.pending == 0 and found
    end)
  end

  --- What the stub got for a group, in order.
  local function seen(group)
    local list = {}
    for line in stub:body("/seen?group=" .. group, 30):gmatch "[^\n]+" do
      list[#list + 1] = json.decode(line)
    end
    return list
  end

  --- Numbered events from the log phase, spread over ten groups.
  local function raise(from, to)
    for n = from, to do
      assert(host:get(("/event?g=g%d&n=%d"):format(n % 10, n)))
    end
  end

  --- How many messages came; raises where two of one group and one worker changed places or one came twice.
  local function count_in_order()
    local count = 0
    for group = 0, 9 do
      local last = {}
      for _, event in ipairs(seen("g" .. group)) do
        assert.is_true(event.n > (last[event.w] or 0))
        last[event.w] = event.n
        count = count + 1
      end
    end
    return count
  end

  local function stub_requests()
    local count = 0
    for group = 0, 9 do
      count = count + #seen("g" .. group)
    end
    return count
  end

  --- The counters that each worker logged at its end, the last one last.
  local function final_stats()
    local found
    for text in host:log():gmatch "stats at the end of a worker: ({.-})" do
      found = json.decode(text)
    end
    return found
  end

  it("takes messages from every phase but init", function()
    start(0, "", 'init_worker_by_lua_block { outbox:send_to_all "init_worker" }')
    local phases = { "set", "rewrite", "content", "header_filter", "body_filter", "log", "timer" }
    for _, phase in ipairs(phases) do
      host:get("/" .. phase)
    end
    nginx.wait_for(5, "not all were sent\n" .. host:log(), function()
      return stats().sent == #phases + 1
    end)
    local came = seen "all"
    table.insert(phases, "init_worker")
    table.sort(phases)
    table.sort(came)
    assert.same(phases, came)
  end)

  it("says in init that there is no worker yet", function()
    start(0, "", "", 'last_error = select(2, outbox:send_to_all "x")')
    assert.equal("phase_not_allowed", assert(json.decode(host:body "/error")).code)
    assert.equal(0, stats().enqueued)
  end)

  it("refuses at once what could never be sent, and counts it nowhere", function()
    start(0)
    assert.same(
      { ok = false, code = "invalid_argument", outcome = "not_sent" },
      assert(json.decode(host:body "/refused"))
    )
    assert.equal(0, stats().enqueued)
  end)

  it("counts as failed what was tried in vain", function()
    start(0)
    stub:signal "quit"
    assert(stub:wait(10))
    raise(1, 20)
    local found = wait_until_idle(10)
    assert.same({ 20, 0, 20 }, { found.enqueued, found.sent, found.failed })
  end)

  it("drops the newest when it is full and says so", function()
    start(0.5, "max_count = 5, in_flight = 2,")
    raise(1, 20)
    assert.equal("outbox_full", assert(json.decode(host:body "/error")).code)
    local found = wait_until_idle(10)
    assert.same({ 20, 5, 0, 15 }, { found.enqueued, found.sent, found.failed, found.dropped })
    assert.equal(5, count_in_order())
  end)

  it("drops the oldest when told to", function()
    start(0.5, 'max_count = 5, in_flight = 2, on_full = "drop_oldest",')
    raise(1, 20)
    local found = wait_until_idle(10)
    assert.same({ 20, 5, 0, 15 }, { found.enqueued, found.sent, found.failed, found.dropped })
    assert.equal(20, seen("g0")[1].n)
  end)

  it("loses nothing of 20,000 events over a reload and a quit in mid-flight, and keeps their order", function()
    start(0.002, "max_count = 30000, in_flight = 16, flush_timeout = 60,")
    raise(1, 8000)
    local first_pid = host:body "/pid"
    assert.is_true(tonumber(host:body "/timers") <= 1)
    assert.is_true(stats().pending > 0)
    assert.equal(0, host:signal "reload")
    nginx.wait_for(10, "no new worker came", function()
      return host:body "/pid" ~= first_pid
    end)
    raise(8001, 20000)
    assert.is_true(tonumber(host:body "/timers") <= 1)
    local found = stats()
    assert_sum(found)
    assert.equal(20000, found.enqueued)
    assert.is_true(found.pending > 0)
    assert.equal(0, host:signal "quit")
    assert.equal(0, host:wait(60))
    local pending = found.pending
    found = final_stats()
    print(("\noutbox: %d pending at quit, %d sent at the end"):format(pending, found.sent))
    assert.same({ 20000, 20000, 0, 0, 0 }, { found.enqueued, found.sent, found.failed, found.dropped, found.pending })
    assert.equal(20000, count_in_order())
  end)

  it("counts as dropped or failed what a stop at once leaves behind", function()
    start(0.5, "in_flight = 4,")
    raise(1, 100)
    assert.equal(0, host:signal "stop")
    assert.equal(0, host:wait(5))
    local found = final_stats()
    assert_sum(found)
    assert.same({ 100, 0 }, { found.enqueued, found.pending })
    assert.equal(100, found.sent + found.failed + found.dropped)
    assert.is_true(found.failed <= 4 and found.dropped > 0)
  end)

  it("ends with its worker within flush_timeout: what is left counts as failed or dropped", function()
    start(0.5, "in_flight = 4, flush_timeout = 1,")
    raise(1, 200)
    assert.equal(0, host:signal "quit")
    assert.equal(0, host:wait(5))
    local found = final_stats()
    assert_sum(found)
    assert.same({ 200, 0 }, { found.enqueued, found.pending })
    assert.is_true(found.sent > 0 and found.dropped > 150)
    local came = count_in_order()
    assert.is_true(came >= found.sent and came <= found.sent + found.failed)
  end)

  --- Two messages under way, each told to come back after so many seconds, and eight behind them.
  local function quit_in_a_wait(seconds, refusals, flush_timeout)
    start(0, ("in_flight = 2, flush_timeout = %d,"):format(flush_timeout), "", "", { refusals, seconds })
    raise(1, 10)
    nginx.wait_for(10, "no message waits for its retry\n" .. host:log(), function()
      return select(2, host:log():gsub(("retry 1 in %d%%.000 s after throttled"):format(seconds), "")) == 2
    end)
    local found = stats()
    assert.same({ 10, 10 }, { found.enqueued, found.pending })
    assert.equal(0, host:signal "quit")
  end

  it("does not outlast its flush_timeout for the sake of a Retry-After when the worker ends", function()
    quit_in_a_wait(25, 100, 1)
    assert.equal(0, host:wait(8))
    local found = final_stats()
    assert.same({ 10, 0, 2, 8, 0 }, { found.enqueued, found.sent, found.failed, found.dropped, found.pending })
    assert.equal(2, stub_requests())
  end)

  it("waits for a Retry-After that ends before its flush_timeout, and sends the rest too", function()
    quit_in_a_wait(1, 2, 20)
    assert.equal(0, host:wait(10))
    local found = final_stats()
    assert.same({ 10, 10, 0, 0, 0 }, { found.enqueued, found.sent, found.failed, found.dropped, found.pending })
    assert.equal(12, stub_requests())
  end)
end)
