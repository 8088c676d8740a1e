-- Every event of the contract (event handlers, sections 6 and 7), and what may be answered.

local core = require "webpubsub.core"
local json = require "webpubsub.json"
local support = require "spec.events.support"

local function decoded(text)
  return assert(json.decode(text))
end

--- A handler whose named function is f, and the response to one event.
local function respond(option, f, ...)
  local made = support.handler { [option] = f }
  local response = made.send(...)
  return response, made
end

describe("an event", function()
  it("tells who it is about", function()
    local made = support.handler()
    made.send("connect", "{}", { ["ce-subprotocol"] = "json.webpubsub.azure.v1" })
    local event = made.events[1]
    assert.same({ "connect", "connect", "7" }, { event.kind, event.name, event.id })
    assert.same({ "chat", "ann", support.first.connection_id }, { event.hub, event.user_id, event.connection_id })
    assert.same({ "2026-01-02T03:04:05Z", "name.webpubsub.azure.com" }, { event.time, event.origin })
    assert.same({ "json.webpubsub.azure.v1", "default" }, { event.subprotocol, event.client_protocol })
    assert.equal("/hubs/chat/client/" .. support.first.connection_id, event.source)
    assert.same({}, event.states)
    assert.equal("POST", event.request.method)
  end)

  it("connect carries claims, query, headers, subprotocols and certificates", function()
    local made = support.handler()
    made.send(
      "connect",
      [[{"claims":{"sub":["ann"],"role":["a","b"]},"query":{"room":["1"]},"headers":{"Host":["h"]},
      "subprotocols":["one","two"],"clientCertificates":[{"thumbprint":"AB","content":null}]}]]
    )
    local event = made.events[1]
    assert.same({ sub = { "ann" }, role = { "a", "b" } }, event.claims)
    assert.same({ room = { "1" } }, event.query)
    assert.same({ Host = { "h" } }, event.headers)
    assert.same({ "one", "two" }, event.subprotocols)
    assert.same({ { thumbprint = "AB" } }, event.client_certificates)
  end)

  it("disconnected carries a reason, joined and left a group", function()
    local made = support.handler()
    assert.equal(204, made.send("connected").status)
    assert.equal(204, made.send("disconnected", '{"reason":"bye"}').status)
    assert.equal(204, made.send("disconnected", '{"reason":null}').status)
    assert.equal(204, made.send("joined", '{"group":"lobby"}').status)
    assert.equal(204, made.send("left", '{"group":"lobby"}').status)
    local events = made.events
    assert.same({ "connected", "disconnected", "bye" }, { events[1].kind, events[2].kind, events[2].reason })
    assert.is_nil(events[3].reason)
    assert.same({ "group_joined", "lobby" }, { events[4].kind, events[4].group })
    assert.same({ "group_left", "lobby" }, { events[5].kind, events[5].group })
  end)

  it("of a user comes as text, JSON, bytes or protobuf, with its metadata", function()
    local made = support.handler()
    made.send("message", "hi ü", { ["Content-Type"] = "text/plain; charset=utf-8", ["X-WebPubSub-Metadata-a"] = "1" })
    made.send("my.event", '{"x":[1]}')
    made.send("message", "\0\255", { ["Content-Type"] = "application/octet-stream" })
    made.send("message", "\1", { ["Content-Type"] = "Application/X-Protobuf" })
    made.send("message", "null")
    local events = made.events
    assert.same({ "hi ü", "text", { a = "1" } }, { events[1].data, events[1].data_type, events[1].metadata })
    assert.same({ "my.event", { x = { 1 } }, "json" }, { events[2].name, events[2].data, events[2].data_type })
    assert.same({ "\0\255", "binary" }, { events[3].data, events[3].data_type })
    assert.same({ "\1", "protobuf" }, { events[4].data, events[4].data_type })
    assert.equal(json.null, events[5].data)
  end)

  it("without a function of ours is answered 204", function()
    local made = support.handler { handle_connect = false, handle_user_event = false, on_connected = false }
    for _, name in ipairs { "connect", "message", "connected" } do
      assert.equal(204, made.send(name).status)
    end
  end)

  it("is taken in whatever letter case the hub is written", function()
    assert.equal(204, support.handler({ hub = "CHAT" }).send("connect", "{}", { ["ce-hub"] = "Chat" }).status)
  end)
end)

describe("an answer to connect", function()
  it("sets user, groups, roles and subprotocol; an empty list stays one", function()
    local response = respond("handle_connect", function(_, response)
      response:success { user_id = "", groups = { "a", "b" }, roles = {}, subprotocol = "two" }
    end, "connect", '{"subprotocols":["one","two"]}')
    assert.equal(200, response.status)
    assert.match("^application/json", response.headers["Content-Type"])
    assert.equal('{"groups":["a","b"],"roles":[],"subprotocol":"two","userId":""}', response.body)
  end)

  it("refuses with a status and a text", function()
    local response = respond("handle_connect", function(_, response)
      response:fail(403, "not you")
    end, "connect")
    assert.same({ 403, "not you" }, { response.status, response.body })
  end)

  it("that is wrong is a 500 whose cause stands in the log", function()
    local mistakes = {
      ["unknown option 'usr_id'; did you mean 'user_id'"] = { usr_id = "x" },
      ["one of those that the client offered"] = { subprotocol = "other" },
      ["a group name"] = { groups = { "" } },
      ["roles must be an array of strings"] = { roles = { 1 } },
    }
    for sentence, answer in pairs(mistakes) do
      local response, made = respond("handle_connect", function(_, response)
        response:success(answer)
      end, "connect")
      assert.same({ 500, "the event handler failed" }, { response.status, response.body })
      assert(made.lines[1]:find(sentence, 1, true), made.lines[1])
    end
  end)
end)

describe("an answer to a user event", function()
  local function data(...)
    local arguments, count = { ... }, select("#", ...)
    return respond("handle_user_event", function(_, response)
      response:success((table.unpack or unpack)(arguments, 1, count))
    end, "message")
  end

  it("is text for a string, JSON for a table, bytes when it says so, 204 for nothing", function()
    local text = data "hi ü"
    assert.same({ 200, "text/plain; charset=utf-8", "hi ü" }, { text.status, text.headers["Content-Type"], text.body })
    local object = data { score = 3 }
    assert.same({ "application/json; charset=utf-8", '{"score":3}' }, { object.headers["Content-Type"], object.body })
    assert.equal('"s"', data("s", { content_type = "application/json" }).body)
    local bytes = data("\0\255", { content_type = "application/octet-stream" })
    assert.same({ "application/octet-stream", "\0\255" }, { bytes.headers["Content-Type"], bytes.body })
    assert.equal(204, data().status)
  end)

  it("carries metadata, alone too", function()
    local response = data("x", { metadata = { Key = "value" } })
    assert.equal("value", response.headers["X-WebPubSub-Metadata-key"])
    local alone = data(nil, { metadata = { k = "v" } })
    assert.same({ 200, "", "v" }, { alone.status, alone.body, alone.headers["X-WebPubSub-Metadata-k"] })
  end)

  it("that is wrong is a 500 whose cause stands in the log", function()
    local mistakes = {
      { "not UTF-8", "\255" },
      { "content_type must be", "x", { content_type = "text/html" } },
      { "at most 1024 bytes", "x", { metadata = { k = ("v"):rep(1025) } } },
      { "success:", "x", { metadata = { k = "a\r\nb: c" } } },
      { "success:", "x", { metadata = { ["k:"] = "v" } } },
      {
        "8192 bytes in all",
        "x",
        {
          metadata = (function()
            local map = {}
            for i = 1, 9 do
              map["k" .. i] = ("v"):rep(1000)
            end
            return map
          end)(),
        },
      },
      { "for MQTT clients", "x", { user_properties = { { name = "a", value = "b" } } } },
      { "needs a string", {}, { content_type = "text/plain" } },
      { "success:", { f = print } },
    }
    for _, case in ipairs(mistakes) do
      local response, made = data(case[2], case[3])
      assert.same({ 500, "the event handler failed" }, { response.status, response.body })
      assert(made.lines[1]:find(case[1], 1, true), made.lines[1])
    end
  end)
end)

describe("a function that fails", function()
  it("gives 500 and a log line, and tells the caller nothing", function()
    local names = { handle_connect = "connect", on_connected = "connected", handle_user_event = "message" }
    for option, name in pairs(names) do
      for _, raised in ipairs { "the password is hunter2", { 1 } } do
        local response, made = respond(option, function()
          error(raised)
        end, name)
        assert.same({ 500, "the event handler failed" }, { response.status, response.body })
        assert.equal(1, #made.lines)
        assert.match("^error: webhook answered 500: ", made.lines[1])
        assert.is_nil(made.lines[1]:find "stack traceback")
      end
    end
  end)

  it("is one that answers twice, returns a value, or answers what takes no answer", function()
    local cases = {
      {
        "handle_connect",
        "connect",
        "answered already",
        function(_, response)
          response:success()
          response:fail(401)
        end,
      },
      {
        "handle_connect",
        "connect",
        "returned a value",
        function()
          return false, "no"
        end,
      },
      {
        "on_connected",
        "connected",
        "takes no answer",
        function(_, response)
          response:success "x"
        end,
      },
      {
        "on_connected",
        "connected",
        "takes no answer",
        function(_, response)
          response:set_state("a", 1)
        end,
      },
      {
        "handle_connect",
        "connect",
        "from 400 to 599",
        function(_, response)
          response:fail(200)
        end,
      },
      {
        "handle_connect",
        "connect",
        "only the connect event of an MQTT client",
        function(_, response)
          response:fail_with { code = 1 }
        end,
      },
    }
    for _, case in ipairs(cases) do
      local response, made = respond(case[1], case[4], case[2])
      assert.equal(500, response.status)
      assert(made.lines[1]:find(case[3], 1, true), made.lines[1])
    end
  end)

  it("may wait: yields pass through on every Lua", function()
    local made = support.handler {
      handle_connect = function(_, response)
        response:success { user_id = coroutine.yield "first" .. coroutine.yield "second" }
      end,
    }
    local thread = coroutine.create(made.send)
    assert.same({ true, "first" }, { coroutine.resume(thread, "connect") })
    assert.same({ true, "second" }, { coroutine.resume(thread, "a") })
    local _, response = coroutine.resume(thread, "b")
    assert.equal('{"userId":"ab"}', response.body)
  end)
end)

describe("middleware", function()
  it("runs in order around the function, may stop it, and sees verified events alone", function()
    local order = {}
    local made = support.handler {
      middleware = {
        function(event, _, next_one)
          order[#order + 1] = "before " .. event.name
          next_one()
          order[#order + 1] = "after"
        end,
        function(event, response, next_one)
          order[#order + 1] = "second"
          if event.user_id == "eve" then
            return response:fail(429, "slowly")
          end
          return next_one()
        end,
      },
    }
    assert.equal(204, made.send("message").status)
    assert.same({ "before message", "second", "after" }, order)
    assert.equal(1, made.calls)
    assert.equal(429, made.send("message", "{}", { ["ce-userId"] = "eve" }).status)
    assert.equal(401, made.send("message", "{}", { ["ce-signature"] = false }).status)
    assert.equal(1, made.calls)
    assert.equal(6, #order)
  end)

  it("calls the rest once", function()
    local made = support.handler {
      middleware = {
        function(_, _, next_one)
          next_one()
          next_one()
        end,
      },
    }
    assert.equal(500, made.send("connected").status)
    assert(made.lines[1]:find("next was called twice", 1, true))
    assert.equal(1, made.calls)
  end)
end)

describe("connection state", function()
  local file = assert(io.open("spec/vectors/states.json", "rb"))
  local cases = decoded(file:read "*a").cases
  file:close()

  for i, case in ipairs(cases) do
    it("of the official JavaScript package is read and goes back as it was, vector " .. i, function()
      local response, made = respond("handle_connect", function(event, response)
        response:set_state("ours", #event.id)
      end, "connect", "{}", { ["ce-connectionState"] = case.base64 })
      local text = assert(core.base64_decode(response.headers["ce-connectionState"]))
      local members, before = core.json_members(text), core.json_members(case.json)
      assert.equal("1", members.ours)
      members.ours = nil
      assert.same(before, members)
      assert.equal(0, #made.lines)
    end)
  end

  it("is handed on as values", function()
    local made = support.handler()
    made.send("message", "{}", { ["ce-connectionState"] = cases[3].base64 })
    local states = made.events[1].states
    assert.same({ "Ann ü ✓ 𝄞", 0.1, true, 1 }, { states.name, states.f, states.t, states.nested.deep[1] })
  end)

  it("is set, removed and cleared; without a change no header is written", function()
    local function header(f)
      local response = respond("handle_user_event", f, "message", "{}", { ["ce-connectionState"] = cases[2].base64 })
      return response.headers["ce-connectionState"]
    end
    assert.is_nil(header(function() end))
    assert.equal(
      "e30=",
      header(function(_, response) -- base64 of {}
        response:set_state("a", nil)
      end)
    )
    assert.equal(
      "",
      header(function(_, response)
        response:clear_state()
      end)
    )
    assert.is_nil(header(function(_, response)
      response:set_state("a", 2)
      response:fail(400)
    end))
    assert.equal(
      core.base64_encode '{"b":[]}',
      header(function(_, response)
        response:clear_state()
        response:set_state("b", json.array {})
      end)
    )
  end)

  it("of another form is an empty table, kept as text", function()
    for _, text in ipairs { "plain text", "W10=", "bm90IGpzb24=", "====", "" } do
      local made = support.handler()
      assert.equal(204, made.send("message", "{}", { ["ce-connectionState"] = text }).status)
      assert.same({}, made.events[1].states)
      assert.equal(text, made.events[1].connection_state)
    end
  end)
end)
