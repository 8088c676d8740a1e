-- What is repeated and what is reported, on the transports of a plain Lua.

local core = require "webpubsub.core"
local cqueues = require "cqueues"
local errno = require "cqueues.errno"
local recorder = require "spec.support.recorder"
local socket = require "cqueues.socket"
local webpubsub = require "webpubsub"

local delivery = require "spec.support.delivery"

local map_on_poller = require "spec.support.map_on_poller"

local framework = { describe = describe, it = it, after_each = after_each }

delivery("blocking", function()
  return assert(require("webpubsub.transport.blocking").new { proxy = false })
end, framework)

delivery("poller", function()
  return assert(webpubsub.poller { proxy = false })
end, { describe = describe, it = it, after_each = after_each, map = map_on_poller })

describe("a reset by the recorder", function()
  --- What a plain socket that speaks first reads: so many bytes, then the number of the error.
  local function read_all(port, size)
    local bytes, number = "", nil
    local queue = cqueues.new():wrap(function()
      local connection = socket.connect("127.0.0.1", port)
      connection:onerror(function(_, _, code)
        return code
      end)
      connection:setmode("b", "bf")
      connection:settimeout(10)
      connection:write "GET / HTTP/1.1\r\n\r\n"
      connection:flush()
      bytes = size > 0 and connection:read(size) or bytes
      number = select(2, connection:read(1))
      connection:close()
    end)
    assert(queue:loop(20))
    return bytes, number
  end

  it("is one on the wire: before the request, after it, inside the answer", function()
    for answer, expected in pairs {
      unread = "",
      [recorder.reset ""] = "",
      [recorder.reset "HTTP/1.1 200"] = "HTTP/1.1 200",
    } do
      local server = recorder.start { answer }
      local bytes, number = read_all(server.port, #expected)
      server:stop()
      assert.same({ expected, errno.ECONNRESET }, { bytes, number }, answer)
    end
  end)

  it("differs from a cut", function()
    local server = recorder.start { "close" }
    local bytes, number = read_all(server.port, 0)
    server:stop()
    assert.same({ "" }, { bytes, number })
  end)
end)

describe("a retry's wait on the poller", function()
  local server, poller, hub

  before_each(function()
    server = recorder.start { recorder.response(429, "Retry-After: 20\r\n") }
    poller = assert(webpubsub.poller { proxy = false })
    hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = "k", transport = poller })
  end)

  after_each(function()
    poller:close()
    server:stop()
  end)

  --- Polls until the task sleeps before its second attempt.
  local function until_it_waits()
    local deadline = core.monotonic() + 10
    repeat
      poller:poll(0.01)
    until poller.sleepers.count > 0 or core.monotonic() > deadline
    assert.equal(1, poller.sleepers.count)
  end

  it("ends at once when its task is cancelled, with what the attempt before came to", function()
    local task = poller:spawn(hub.send_to_all, hub, "x")
    until_it_waits()
    assert.equal("rejected", task:cancel())
    assert.equal(0, poller:poll(0))
    assert.is_true(server:request().method == "POST")
  end)

  it("leaves the outcome of an earlier attempt in force while a repeated one is under way", function()
    server:stop()
    server =
      recorder.start { recorder.response(503, "Retry-After: 0\r\n"), recorder.response(429, "Retry-After: 20\r\n") }
    local settings = { endpoint = server.endpoint, hub = "chat", credential = "k", transport = poller }
    local client = assert(webpubsub.client(settings))
    local task = poller:spawn(client.add_user_to_group, client, "lobby", "ann")
    local deadline = core.monotonic() + 10
    repeat
      poller:poll(0.01)
    until (poller.sleepers.count > 0 and poller.sleepers:next() - core.monotonic() > 5) or core.monotonic() > deadline
    assert.equal("maybe_sent", task:cancel())
  end)

  it("ends at once for a caller that polls in a coroutine of its own, when the poller is closed", function()
    local waiting = assert(webpubsub.poller { proxy = false, wait = coroutine.yield })
    local own = { endpoint = server.endpoint, hub = "chat", credential = "k", transport = waiting }
    local client = assert(webpubsub.client(own))
    local ok, err
    local caller = coroutine.create(function()
      ok, err = client:send_to_all "x"
    end)
    local deadline = core.monotonic() + 10
    repeat
      assert(coroutine.resume(caller))
    until waiting.sleepers.count > 0 or core.monotonic() > deadline
    waiting:close()
    assert(coroutine.resume(caller))
    assert.is_nil(ok)
    assert.same({ "cancelled", "rejected", 1 }, { err.code, err.outcome, err.attempts })
  end)
end)
