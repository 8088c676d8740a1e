-- One message to many users or groups.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local webpubsub = require "webpubsub"

--- A transport that records requests and answers by a function of the request's number.
local function recording(answer)
  local transport = { requests = {} }
  function transport:send(request)
    self.requests[#self.requests + 1] = request
    return answer(#self.requests, request)
  end
  function transport.sleep() end
  function transport.now()
    return core.monotonic()
  end
  function transport.close() end
  return transport
end

local function accepted()
  return { status = 202, body = "", headers = {} }
end

local function client_of(transport)
  return assert(webpubsub.client { endpoint = "http://h", hub = "chat", credential = "k", transport = transport })
end

local function query_of(request, name)
  local value = request.url:match("[?&]" .. name .. "=([^&]*)")
  return value
    and value:gsub("+", " "):gsub("%%(%x%x)", function(digits)
      return string.char(tonumber(digits, 16))
    end)
end

describe("sending to many", function()
  it("makes one call for each user, in order, with the options of one call", function()
    local transport = recording(accepted)
    local results = assert(client_of(transport):send_to_users({ "ann", "bob" }, "hi", { message_ttl_seconds = 7 }))
    assert.same({ { target = "ann", ok = true }, { target = "bob", ok = true }, failed = 0 }, results)
    assert.equal(2, #transport.requests)
    assert.matches("/users/ann/:send%?", transport.requests[1].url)
    assert.matches("/users/bob/:send%?", transport.requests[2].url)
    assert.equal("7", query_of(transport.requests[2], "messageTtlSeconds"))
    assert.equal('"hi"', transport.requests[1].body)
  end)

  it("makes one call for each group", function()
    local transport = recording(accepted)
    local results = assert(client_of(transport):send_to_groups({ "a", "b", "c" }, { x = 1 }, { excluded = { "id" } }))
    assert.equal(0, results.failed)
    assert.matches("/groups/c/:send%?", transport.requests[3].url)
    assert.equal("id", query_of(transport.requests[3], "excluded"))
  end)

  it("says for each target what became of it", function()
    local transport = recording(function(number)
      if number == 2 then
        return { status = 404, body = "", headers = {} }
      end
      return accepted()
    end)
    local results = assert(client_of(transport):send_to_users({ "ann", "bob", "a/b", "cid" }, "hi"))
    assert.equal(2, results.failed)
    assert.is_true(results[1].ok)
    assert.equal("not_found", results[2].error.code)
    assert.equal("invalid_argument", results[3].error.code)
    assert.equal("a/b", results[3].target)
    assert.is_true(results[4].ok)
  end)

  describe("collapsed", function()
    it("puts users into filters of a size, quoted", function()
      local transport = recording(accepted)
      local users = { "ann", "o'neil", "cid", "dee", "e/e" }
      local results = assert(client_of(transport):send_to_users(users, "hi", { collapse = true, collapse_size = 2 }))
      assert.equal(0, results.failed)
      assert.equal(3, #transport.requests)
      assert.matches("/hubs/chat/:send%?", transport.requests[1].url)
      assert.equal("userId in ('ann','o''neil')", query_of(transport.requests[1], "filter"))
      assert.equal("userId in ('e/e')", query_of(transport.requests[3], "filter"))
      assert.equal("e/e", results[5].target)
    end)

    it("takes fifty users into one filter unless told otherwise", function()
      local transport, users = recording(accepted), {}
      for i = 1, 101 do
        users[i] = "user" .. i
      end
      assert(client_of(transport):send_to_users(users, "hi", { collapse = true }))
      assert.equal(3, #transport.requests)
    end)

    it("keeps a filter of the caller's", function()
      local transport = recording(accepted)
      assert(
        client_of(transport):send_to_users(
          { "ann" },
          "hi",
          { collapse = true, filter = "'a' in groups or 'b' in groups" }
        )
      )
      assert.equal("('a' in groups or 'b' in groups) and userId in ('ann')", query_of(transport.requests[1], "filter"))
    end)

    it("gives the users of a failed call its error, and an impossible user its own", function()
      local transport = recording(function(number)
        if number == 1 then
          return nil, errors.new { code = "timeout", message = "late", outcome = "maybe_sent" }
        end
        return accepted()
      end)
      local users = { "ann", "\255", "bob", "cid" }
      local results = assert(client_of(transport):send_to_users(users, "hi", { collapse = true, collapse_size = 2 }))
      assert.equal(3, results.failed)
      assert.equal("timeout", results[1].error.code)
      assert.equal("invalid_argument", results[2].error.code)
      assert.equal("maybe_sent", results[3].error.outcome)
      assert.is_true(results[4].ok)
    end)
  end)

  it("refuses a message or an option as a whole, before anything is sent", function()
    local transport = recording(accepted)
    local hub = client_of(transport)
    local results, err = hub:send_to_users({ "ann" }, 0 / 0)
    assert.is_nil(results)
    assert.equal("invalid_argument", err.code)
    assert.matches("^send_to_users: ", err.message)
    results, err = hub:send_to_groups({ "a" }, "hi", { concurrency = 0 })
    assert.is_nil(results)
    assert.equal("invalid_argument", err.code)
    for _, call in ipairs {
      { "ann", "hi" },
      { { 1 }, "hi" },
      { { "ann" }, "hi", { collapsed = true } },
    } do
      assert.error_matches(function()
        hub:send_to_users(call[1], call[2], call[3])
      end, "^send_to_users: ")
    end
    assert.error_matches(function()
      hub:send_to_groups({ "a" }, "hi", { collapse = true })
    end, "collapse")
    assert.equal(0, #transport.requests)
  end)

  it("runs as many at a time as it is told, with a poller", function()
    local recorder = require "spec.support.recorder"
    local server = recorder.start()
    local poller = assert(webpubsub.poller())
    local hub =
      assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = "k", transport = poller })
    local users = {}
    for i = 1, 20 do
      users[i] = "user" .. i
    end
    local most, results = 0, nil
    poller:spawn(function()
      results = hub:send_to_users(users, "hi", { concurrency = 3 })
    end)
    while not results do
      most = math.max(most, poller:counts().tasks - 1)
      poller:poll(0.01)
    end
    assert.equal(3, most)
    assert.equal(0, results.failed)
    assert.equal("user20", results[20].target)
    poller:close()
    server:stop()
  end)
end)
