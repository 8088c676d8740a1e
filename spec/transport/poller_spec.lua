-- What the poller does beyond the contract of all transports.

local errors = require "webpubsub.error"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local puc_51 = _VERSION == "Lua 5.1" and not jit
local patience = 10

describe("the poller", function()
  local server, poller, hub, failures

  local function open(answers, options)
    server = recorder.start(answers)
    options = options or {}
    options.on_error = options.on_error
      or function(err, traceback)
        failures[#failures + 1] = { err = err, traceback = traceback }
      end
    poller = assert(webpubsub.poller(options))
    hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = "k", transport = poller })
  end

  before_each(function()
    failures = {}
  end)

  after_each(function()
    poller:close()
    if server then
      server:stop()
      server = nil
    end
  end)

  --- Polls in frames until the condition holds.
  local function poll_until(holds)
    local deadline = poller:now() + patience
    while not holds() do
      assert(poller:now() < deadline, "the condition did not come true")
      poller:poll(0.01)
    end
  end

  local function bodies(count)
    local list = {}
    for i = 1, count do
      list[i] = server:request().body
    end
    return list
  end

  describe("spawning", function()
    it("runs the function until it first waits, and gives its arguments", function()
      open()
      local seen = {}
      poller:spawn(function(a, b)
        seen[#seen + 1] = a .. b
        seen[#seen + 1] = hub:send_to_all "hi"
      end, "x", "y")
      assert.same({ "xy" }, seen)
      poller:run()
      assert.same({ "xy", true }, seen)
    end)

    it("lets calls of many tasks overlap", function()
      open({ "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n" }, { max_connections = 8 })
      local order = {}
      for i = 1, 8 do
        poller:spawn(function()
          order[#order + 1] = "begin"
          assert(hub:send_to_all(i))
          order[#order + 1] = "end"
        end)
      end
      poller:run()
      assert.equal(("begin "):rep(8) .. ("end "):rep(8), table.concat(order, " ") .. " ")
    end)

    it("sends in the order of the calls when there is one connection", function()
      open(nil, { max_connections = 1 })
      for i = 1, 20 do
        poller:spawn(hub.send_to_all, hub, i)
      end
      poller:run()
      for i, body in ipairs(bodies(20)) do
        assert.equal(tostring(i), body)
      end
    end)

    it("gives every task its turn when all of them send without end over one connection", function()
      open(nil, { max_connections = 1 })
      local counts = { 0, 0, 0, 0 }
      for i = 1, 4 do
        poller:spawn(function()
          while true do
            assert(hub:send_to_all(i))
            counts[i] = counts[i] + 1
          end
        end)
      end
      poll_until(function()
        return math.max(counts[1], counts[2], counts[3], counts[4]) >= 20
      end)
      assert.is_true(math.min(counts[1], counts[2], counts[3], counts[4]) >= 19)
    end)

    it("lets a task that yields by itself go on at the next poll", function()
      open()
      local frames = 0
      poller:spawn(function()
        for _ = 1, 3 do
          coroutine.yield()
          frames = frames + 1
        end
      end)
      assert.equal(1, poller:poll(0))
      assert.equal(1, frames)
      assert.equal(0, poller:timeout())
      poller:poll(0)
      assert.equal(0, poller:poll(0))
      assert.equal(3, frames)
    end)

    it("wakes sleeping tasks in the order of their moments, without a socket", function()
      open()
      local order = {}
      for _, seconds in ipairs { 0.06, 0.02, 0.04, 0 } do
        poller:spawn(function()
          poller:sleep(seconds)
          order[#order + 1] = seconds
        end)
      end
      poller:run()
      assert.same({ 0, 0.02, 0.04, 0.06 }, order)
    end)
  end)

  describe("an error in a task", function()
    it("goes to on_error with a traceback, never into the frame", function()
      open()
      poller:spawn(function()
        assert(hub:send_to_all "x")
        error "boom"
      end)
      poller:run()
      assert.equal(1, #failures)
      assert.matches("boom", failures[1].err)
      assert.matches("poller_spec", failures[1].traceback)
      assert.equal(0, poller:counts().tasks)
    end)

    it("may be a table, and comes before the first wait too", function()
      open()
      local value = {}
      local task = poller:spawn(function()
        error(value)
      end)
      assert.equal(value, failures[1].err)
      assert.equal("failed", task:status())
    end)

    it("leaves other tasks alone", function()
      open()
      local ok
      poller:spawn(function()
        assert(hub:send_to_all(1))
        error "boom"
      end)
      poller:spawn(function()
        ok = hub:send_to_all(2)
      end)
      poller:run()
      assert.is_true(ok)
    end)

    it("does not raise even when on_error does", function()
      local stderr = io.stderr
      local printed = {}
      open(nil, {
        on_error = function()
          error "again"
        end,
      })
      io.stderr = { -- luacheck: ignore 122
        write = function(_, ...)
          printed[#printed + 1] = table.concat { ... }
        end,
      }
      poller:spawn(error, "boom")
      io.stderr = stderr -- luacheck: ignore 122
      assert.matches("again", printed[1])
    end)
  end)

  describe("cancelling", function()
    it("ends a task whose request is under way, and says maybe_sent", function()
      open { "hang" }
      local went_on = false
      local task = poller:spawn(function()
        hub:send_to_all "x"
        went_on = true
      end)
      local arrived = false
      poll_until(function()
        arrived = arrived or #server.child:lines_within(0) > 0
        return arrived
      end)
      assert.equal("maybe_sent", task:cancel())
      assert.equal("cancelled", task:status())
      assert.is_nil(task:cancel())
      poller:run()
      assert.is_false(went_on)
      assert.equal(0, poller:counts().in_flight)
    end)

    it("takes a waiting request out of the queue unsent", function()
      open({ recorder.accepted }, { max_connections = 1 })
      poller:spawn(hub.send_to_all, hub, 1)
      local second = poller:spawn(hub.send_to_all, hub, 2)
      poller:spawn(hub.send_to_all, hub, 3)
      assert.equal("not_sent", second:cancel())
      poller:run()
      assert.same({ "1", "3" }, bodies(2))
      assert.is_true(server:is_quiet(0.1))
    end)

    it("ends a sleeping task", function()
      open()
      local task = poller:spawn(poller.sleep, poller, 60)
      assert.equal("not_sent", task:cancel())
      local began = poller:now()
      poller:run()
      assert.is_true(poller:now() - began < 5)
    end)

    it("ends a task that cancels itself at its next wait", function()
      open()
      local reached, task = false, nil
      task = poller:spawn(function()
        coroutine.yield()
        task:cancel()
        hub:send_to_all "x"
        reached = true
      end)
      poller:run()
      poller:poll(0)
      assert.is_false(reached)
      assert.is_true(server:is_quiet(0.1))
    end)
  end)

  describe("the queue", function()
    it("counts a deadline while the request waits", function()
      open({ "hang" }, { max_connections = 1 })
      local _, err
      poller:spawn(hub.send_to_all, hub, 1, { timeout = 5 })
      local first = poller:spawn(function()
        _, err = hub:send_to_all(2, { timeout = 0.05 })
      end)
      poll_until(function()
        return first:status() == "done"
      end)
      assert.equal("timeout", err.code)
      assert.equal("not_sent", err.outcome)
    end)

    it("says how many wait and how many are under way", function()
      open({ "hang" }, { max_connections = 2 })
      for i = 1, 5 do
        poller:spawn(hub.send_to_all, hub, i)
      end
      assert.same({ waiting = 5, in_flight = 0, tasks = 5 }, poller:counts())
      assert.equal(0, poller:timeout())
      poll_until(function()
        return poller:counts().in_flight == 2
      end)
      assert.same({ waiting = 3, in_flight = 2, tasks = 5 }, poller:counts())
      assert.is_number(poller:fd())
    end)
  end)

  describe("mapping", function()
    it("keeps the order of the list and at most so many at a time", function()
      open()
      local active, most = 0, 0
      local results = poller:map({ "a", "b", "c", "d", "e" }, 2, function(item, i)
        active = active + 1
        most = math.max(most, active)
        poller:sleep(0.01)
        active = active - 1
        return item .. i, "second"
      end)
      assert.equal(2, most)
      assert.same({ "c3", "second" }, results[3])
      assert.equal(5, #results)
      assert.equal(0, results.failed)
    end)

    it("collects failures, returned or raised, instead of passing them on", function()
      open()
      local results = poller:map({ 1, 2, 3 }, 3, function(item)
        if item == 1 then
          return nil, "returned"
        elseif item == 2 then
          error("raised", 0)
        end
        return item
      end)
      assert.equal(2, results.failed)
      assert.same({ nil, "returned" }, results[1])
      assert.same({ nil, "raised" }, results[2])
      assert.same({ 3 }, results[3])
      assert.same({}, failures)
    end)

    it("works inside a task, on an empty list, and on a long one that never waits", function()
      open()
      local inside
      poller:spawn(function()
        inside = poller:map({ 1, 2 }, 1, function()
          return (hub:send_to_all "x")
        end)
      end)
      poller:run()
      assert.equal(0, inside.failed)
      assert.same({ failed = 0 }, poller:map({}, 1, error))
      local long = {}
      for i = 1, 50000 do
        long[i] = i
      end
      assert.same({ 50000 }, poller:map(long, 3, math.abs)[50000])
    end)

    it("stops with the task that waits for it", function()
      open { "hang" }
      local started = 0
      local task = poller:spawn(function()
        poller:map({ 1, 2, 3, 4 }, 2, function(item)
          started = started + 1
          hub:send_to_all(item)
        end)
      end)
      task:cancel()
      assert.equal(2, started)
      assert.same({ waiting = 0, in_flight = 0, tasks = 0 }, poller:counts())
    end)
  end)

  describe("in a coroutine of the host", function()
    local function host_loop(...)
      local coroutines = {}
      for i, f in ipairs { ... } do
        coroutines[i] = coroutine.create(f)
      end
      local deadline = poller:now() + patience
      repeat
        local alive = false
        for _, each in ipairs(coroutines) do
          if coroutine.status(each) ~= "dead" then
            alive = true
            assert(coroutine.resume(each))
          end
        end
        assert(poller:now() < deadline)
      until not alive
    end

    it("refuses a call in one sentence when there is no way to wait", function()
      open()
      local ok, sentence = coroutine.resume(coroutine.create(function()
        hub:send_to_all "x"
      end))
      assert.is_false(ok)
      assert.matches("needs its option wait", sentence)
      assert.matches("poller_spec", sentence)
      assert.is_true(server:is_quiet(0.1))
    end)

    it("waits by the option wait, several at once", function()
      local waited = 0
      open(nil, {
        wait = function(fd, seconds)
          assert(fd >= 0 and seconds >= 0)
          waited = waited + 1
          coroutine.yield()
        end,
      })
      local answers = {}
      local function call()
        local ok = hub:send_to_all "x"
        answers[#answers + 1] = ok
        poller:sleep(0.01)
      end
      host_loop(call, call, call)
      assert.same({ true, true, true }, answers)
      assert.is_true(waited >= 3)
    end)

    it("goes on after a caller was abandoned", function()
      open(nil, { wait = coroutine.yield })
      assert(coroutine.resume(coroutine.create(function()
        hub:send_to_all "x"
      end)))
      collectgarbage()
      collectgarbage()
      assert.is_true(hub:send_to_all "y")
    end)
  end)

  describe("a mistake", function()
    it("is polling from inside a task", function()
      open()
      poller:spawn(function()
        poller:poll(0)
      end)
      poller:spawn(function()
        coroutine.yield()
        poller:run()
      end)
      poller:run()
      assert.equal(2, #failures)
      assert.matches("cannot poll", failures[1].err)
      assert.matches("cannot poll", failures[2].err)
    end)

    it("is an option that does not exist, or a value out of range", function()
      open()
      assert.has_error(function()
        webpubsub.poller { max_connection = 1 }
      end)
      local _, err = webpubsub.poller { max_connections = 0 }
      assert.equal("invalid_argument", err.code)
    end)

    it("is something else than a function to spawn", function()
      open()
      assert.has_error(function()
        poller:spawn "f"
      end)
      assert.has_error(function()
        poller:map({}, 0, print)
      end)
    end)
  end)

  describe("closing", function()
    it("ends all tasks and refuses what comes after, in a sentence", function()
      open { "hang" }
      local task = poller:spawn(hub.send_to_all, hub, "x")
      poller:poll(0)
      poller:close()
      poller:close()
      assert.equal("cancelled", task:status())
      assert.equal(0, poller:poll(0))
      poller:run()
      assert.is_nil(poller:fd())
      assert.is_nil(poller:timeout())
      assert.same({ waiting = 0, in_flight = 0, tasks = 0 }, poller:counts())
      assert.error_matches(function()
        hub:send_to_all "x"
      end, "the poller is closed")
      assert.error_matches(function()
        poller:spawn(print)
      end, "the poller is closed")
    end)

    it("answers a caller that polls for itself", function()
      local _, err
      open({ "hang" }, { wait = coroutine.yield })
      local caller = coroutine.create(function()
        _, err = hub:send_to_all "x"
      end)
      assert(coroutine.resume(caller))
      poller:close()
      assert(coroutine.resume(caller))
      assert.equal("dead", coroutine.status(caller))
      assert.is_true(errors.is(err))
      assert.equal("cancelled", err.code)
    end)

    it("may happen inside a task", function()
      open()
      local seen = {}
      poller:spawn(function()
        hub:send_to_all(1)
        poller:close()
        seen[1] = true
        hub:send_to_all(2)
        seen[2] = true
      end)
      poller:run()
      assert.same({ true }, seen)
      assert.same({}, failures)
    end)

    it("leaves a client's close to its owner", function()
      open()
      local other =
        assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = "k", transport = poller })
      hub:close()
      assert.is_true(other:send_to_all "x")
    end)
  end)

  it("is collected with requests in flight", function()
    open { "hang" }
    local weak = setmetatable({}, { __mode = "v" })
    do
      local other = assert(webpubsub.poller())
      local client =
        assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = "k", transport = other })
      for i = 1, 10 do
        other:spawn(client.send_to_all, client, i)
      end
      other:poll(0.05)
      weak[1] = other
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak[1])
  end)

  it("sends a POST once when a reused connection ends before the answer, in many tasks", function()
    open({ recorder.accepted, "close", recorder.accepted }, { max_connections = 1 })
    local outcomes = {}
    for i = 1, 3 do
      poller:spawn(function()
        local ok, err = hub:send_to_all(i)
        outcomes[i] = ok and "sent" or err.outcome
      end)
    end
    poller:run()
    assert.same({ "sent", "maybe_sent", "sent" }, outcomes)
    assert.same({ "1", "2", "3" }, bodies(3))
    assert.is_true(server:is_quiet(0.2))
  end)

  describe("where Lua yields everywhere", function()
    it("waits inside pcall and in a for loop; on Lua 5.1 it says so before anything is sent", function()
      open()
      local _, ok, sentence, page_sentence
      poller:spawn(function()
        ok, sentence = pcall(hub.send_to_all, hub, "x")
      end)
      poller:run()
      ok = ok and sentence
      _, page_sentence = pcall(hub.each_connection, hub, "g")
      if puc_51 then
        assert.is_false(ok)
        assert.matches("without pcall", sentence)
        assert.matches("list_connections", page_sentence)
        assert.is_true(server:is_quiet(0.1))
      else
        assert.is_true(ok)
        assert.is_function(page_sentence)
      end
    end)
  end)
end)
