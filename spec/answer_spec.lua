-- What a method answers to what the service says. Bodies and codes are those of the contract's recorded traffic.

local errors = require "webpubsub.error"
local webpubsub = require "webpubsub"

local key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

--- A client whose transport answers the given responses in order, and the requests it saw.
local function hub_answering(...)
  local answers, seen = { ... }, {}
  local transport = {
    now = function()
      return 0
    end,
    sleep = function() end,
    close = function() end,
  }
  function transport.send(_, request)
    seen[#seen + 1] = request
    local answer = table.remove(answers, 1)
    if errors.is(answer) then
      return nil, answer
    end
    return { status = answer[1], body = answer[2] or "", headers = answer[3] or {} }
  end
  local hub = assert(webpubsub.client {
    endpoint = "https://name.webpubsub.azure.com",
    hub = "chat",
    credential = key,
    transport = transport,
    retry_total = 0, -- one answer is one attempt here
  })
  return hub, seen
end

describe("an answer", function()
  it("of 202 is true and the response", function()
    local ok, response = hub_answering({ 202, "", { date = "today" } }):send_to_all "x"
    assert.is_true(ok)
    assert.equal(202, response.status)
    assert.equal("today", response.headers.date)
    assert.is_string(response.request_id)
  end)

  it("to an existence question is true, false or an error", function()
    assert.is_true((hub_answering({ 200 }):user_exists "ann"))
    assert.is_false((hub_answering({ 404, "", { ["x-ms-error-code"] = "Warning.User.NotExisted" } }):user_exists "ann"))
    local answer, err = hub_answering({ 401 }):user_exists "ann"
    assert.is_nil(answer)
    assert.equal("unauthorized", err.code)
  end)

  it("with a status that is success elsewhere is an error here", function()
    local ok, err = hub_answering({ 200 }):send_to_all "x"
    assert.is_nil(ok)
    assert.equal("unexpected_status", err.code)
    assert.equal("maybe_sent", err.outcome)
  end)

  it("of 404 carries the service's code and sentence", function()
    local body = [[{"code":"Error.Connection.NotExisted","message":"The connection `c1` does not exist.",]]
      .. [["target":"Connection","details":null,"innererror":null}]]
    local ok, err =
      hub_answering({ 404, body, { ["x-ms-error-code"] = "Error.Connection.NotExisted" } }):add_connection_to_group(
        "g",
        "c1"
      )
    assert.is_nil(ok)
    assert.equal("not_found", err.code)
    assert.equal("Error.Connection.NotExisted", err.service_code)
    assert.equal("The connection `c1` does not exist.", err.message)
    assert.equal("Connection", err.target)
    assert.equal(404, err.status)
    assert.equal("rejected", err.outcome)
    assert.equal(1, err.attempts)
    assert.equal(
      "not_found: The connection `c1` does not exist. (HTTP 404, rejected, request " .. err.request_id .. ")",
      tostring(err)
    )
  end)

  it("may wrap its error, or say nothing readable", function()
    local _, wrapped = hub_answering({ 400, [[{"error":{"code":"X","message":"wrapped"}}]] }):send_to_all "x"
    assert.equal("wrapped", wrapped.message)
    for _, body in ipairs { "", "<html>proxy</html>", "[1,2", "17", "null", [[{"message":5}]] } do
      local _, err = hub_answering({ 403, body }):send_to_all "x"
      assert.equal("forbidden", err.code)
      assert.equal("the service answered with status 403", err.message)
    end
  end)

  it("says what is known about delivery, by status", function()
    local outcomes = {
      [400] = "rejected",
      [401] = "rejected",
      [403] = "rejected",
      [404] = "rejected",
      [408] = "maybe_sent",
      [409] = "rejected",
      [413] = "rejected",
      [415] = "rejected",
      [429] = "rejected",
      [500] = "maybe_sent",
      [503] = "maybe_sent",
      [301] = "maybe_sent",
      [204] = "maybe_sent",
    }
    for status, outcome in pairs(outcomes) do
      local _, err = hub_answering({ status }):send_to_all "x"
      assert.equal(outcome, err.outcome, status)
    end
  end)

  it("of 429 says when to come back", function()
    local _, seconds = hub_answering({ 429, "", { ["retry-after"] = "7" } }):send_to_all "x"
    assert.equal(7, seconds.retry_after)
    local _, milliseconds = hub_answering({ 429, "", { ["retry-after-ms"] = "250" } }):send_to_all "x"
    assert.equal(0.25, milliseconds.retry_after)
  end)

  it("cannot forge a second line", function()
    local body = [[{"message":"line one\nwebpubsub error: forged\u001b[31m"}]]
    local _, err = hub_answering({ 400, body, { ["x-ms-error-code"] = "a\tb" } }):send_to_all "x"
    assert.is_nil(tostring(err):find "%c")
    assert.equal("line one webpubsub error: forged [31m", err.message)
    assert.equal("a b", err.service_code)
  end)

  it("of a transport of the user's may fail the usual Lua way; its own error value stays as it was", function()
    local shared = { code = "closed", message = "the wire is cut", outcome = "not_sent" }
    for _, given in ipairs { "closed", false, shared } do
      local hub = assert(webpubsub.client {
        endpoint = "https://name.webpubsub.azure.com",
        hub = "chat",
        credential = key,
        transport = {
          now = function()
            return 0
          end,
          sleep = function() end,
          close = function() end,
          send = function()
            return nil, given or nil
          end,
        },
      })
      local ok, err = hub:send_to_all "x"
      assert.is_nil(ok)
      assert.is_true(errors.is(err))
      assert.equal(given == shared and "not_sent" or "maybe_sent", err.outcome)
      assert.is_string(err.request_id)
    end
    assert.same({ code = "closed", message = "the wire is cut", outcome = "not_sent" }, shared)
  end)

  it("of a transport's failure passes on with the request's id", function()
    local lost = errors.new { code = "connection_lost", message = "cut", outcome = "maybe_sent" }
    local ok, err = hub_answering(lost):send_to_all "x"
    assert.is_nil(ok)
    assert.equal("connection_lost", err.code)
    assert.equal("maybe_sent", err.outcome)
    assert.is_string(err.request_id)
    assert.equal(1, err.attempts)
  end)
end)

describe("a list", function()
  local first = [[{"value":[{"connectionId":"c1","userId":"u1"},{"connectionId":"c2","userId":null}],]]
    .. [["nextLink":"https://other.example/api/hubs/chat/groups/lobby/connections?top=1&maxpagesize=2]]
    .. [[&continuationToken=to%2Fken"}]]
  local second = [[{"value":[{"connectionId":"c3"}],"nextLink":null}]]

  it("comes as a page of connections with the token of the next", function()
    local page = assert(hub_answering({ 200, first }):list_connections "lobby")
    assert.same({ connection_id = "c1", user_id = "u1" }, page[1])
    assert.same({ connection_id = "c2" }, page[2])
    assert.equal(2, #page)
    assert.is_string(page.continuation_token)
  end)

  it("follows nextLink as it is, at our own endpoint, with api-version added", function()
    local hub, seen = hub_answering({ 200, first }, { 200, second })
    local page = assert(hub:list_connections("lobby", { top = 3, max_page_size = 2 }))
    local last = assert(hub:list_connections("lobby", { continuation_token = page.continuation_token }))
    assert.equal(
      "https://name.webpubsub.azure.com/api/hubs/chat/groups/lobby/connections?top=1&maxpagesize=2"
        .. "&continuationToken=to%2Fken&api-version=2024-12-01",
      seen[2].url
    )
    assert.equal(seen[2].url, seen[2].audience)
    assert.is_nil(last.continuation_token)
  end)

  it("is iterated page by page", function()
    local hub, seen = hub_answering({ 200, first }, { 200, second })
    local ids = {}
    for connection in hub:each_connection "lobby" do
      ids[#ids + 1] = connection.connection_id
    end
    assert.same({ "c1", "c2", "c3" }, ids)
    assert.equal(2, #seen)
  end)

  it("raises its error value when a page cannot be fetched, so that no loop looks complete", function()
    local group = hub_answering({ 200, first }, { 503 }):group "lobby"
    local seen = 0
    local ok, err = pcall(function()
      for _ in group:each_connection() do
        seen = seen + 1
      end
    end)
    assert.is_false(ok)
    assert.equal("service_error", err.code)
    assert.equal(2, seen)
  end)

  it("whose page names itself as the next ends in an error, and top is kept", function()
    local again = [[{"value":[{"connectionId":"c1"}],]]
      .. [["nextLink":"https://h/api/hubs/CHAT/groups/lobby/connections?continuationToken=t"}]]
    local hub = hub_answering({ 200, again }, { 200, again }, { 200, again })
    local seen = 0
    local ok, err = pcall(function()
      for _ in hub:each_connection "lobby" do
        seen = seen + 1
      end
    end)
    assert.is_false(ok)
    assert.equal("bad_response", err.code)
    assert.equal(2, seen)
    seen = 0
    for _ in hub_answering({ 200, again }):each_connection("lobby", { top = 1 }) do
      seen = seen + 1
    end
    assert.equal(1, seen)
  end)

  it("of something else is a bad response", function()
    for _, body in ipairs { "", "[]x", "{}", [[{"value":5}]], [[{"value":[{"userId":"u"}]}]] } do
      local page, err = hub_answering({ 200, body }):list_connections "lobby"
      assert.is_nil(page)
      assert.equal("bad_response", err.code)
    end
  end)
end)

describe("a group object", function()
  it("calls the client's methods with its name first", function()
    local hub, seen = hub_answering(
      { 200 },
      { 204 },
      { 200 },
      { 204 },
      { 202 },
      { 200 },
      { 204 },
      { 200, [[{"value":[]}]] }
    )
    local lobby = hub:group "the lobby"
    assert(lobby:add_user "ann")
    assert(lobby:remove_user "ann")
    assert(lobby:add_connection "c1")
    assert(lobby:remove_connection "c1")
    assert(lobby:send({ hi = true }, { excluded = { "c1" } }))
    assert.is_true((lobby:exists()))
    assert(lobby:close_connections { reason = "over" })
    assert(lobby:list_connections())
    local lines = {}
    for i, request in ipairs(seen) do
      lines[i] = request.method .. " " .. request.url:match "chat/([^?]*)"
    end
    assert.same({
      "PUT users/ann/groups/the%20lobby",
      "DELETE users/ann/groups/the%20lobby",
      "PUT groups/the%20lobby/connections/c1",
      "DELETE groups/the%20lobby/connections/c1",
      "POST groups/the%20lobby/:send",
      "HEAD groups/the%20lobby",
      "POST groups/the%20lobby/:closeConnections",
      "GET groups/the%20lobby/connections",
    }, lines)
  end)
end)
