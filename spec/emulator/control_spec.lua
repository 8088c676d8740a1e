-- The control API and the page, without sockets: who gets in, what they get.

local control = require "webpubsub.emulator.control"
local faults = require "webpubsub.emulator.faults"
local guard = require "webpubsub.emulator.guard"
local journal = require "webpubsub.emulator.journal"
local page = require "webpubsub.emulator.page"
local support = require "spec.emulator.support"
local watch = require "webpubsub.emulator.watch"

local token = "8b0f7ff5-0000-4000-8000-000000000000"

local function new_world(host, endpoints)
  local world = support.world(endpoints)
  world.journal = journal.new(100, 100000)
  world.state = watch.state(world.journal, function()
    return support.now
  end)
  world.faults = faults.new()
  world.guard = guard.new(token, host, endpoints or {})
  return world
end

local function ask(world, method, target, headers, body, host)
  return control.handle(world, support.request(method, target, { headers = headers, body = body, host = host }))
end

local function signed(target, options)
  local claims = { aud = "http://" .. support.host .. target }
  return { { "Authorization", "Bearer " .. support.token(claims, options) } }
end

describe("the control API", function()
  local world

  before_each(function()
    world = new_world()
  end)

  it("takes the access key's signature for its URL, and nothing less", function()
    local target = "/_emulator/connections?hub=chat"
    assert.equal(200, ask(world, "GET", target, signed(target)).status)
    assert.equal(401, ask(world, "GET", target).status)
    assert.equal(401, ask(world, "GET", target, { { "Authorization", "Bearer x.y.z" } }).status)
    assert.equal(401, ask(world, "GET", target, signed "/_emulator/journal").status)
    assert.equal(401, ask(world, "GET", target, signed(target, { key = ("x"):rep(32) })).status)
    assert.equal(401, ask(world, "POST", "/_emulator/reset", {}).status)
    assert.equal(401, ask(world, "GET", "/_emulator/nothing").status)
    assert.equal(404, ask(world, "GET", "/_emulator/nothing", signed "/_emulator/nothing").status)
  end)

  it("takes the page's token from the page alone", function()
    local function status(headers, host)
      headers[#headers + 1] = { "X-Emulator-Page", token }
      return ask(world, "GET", "/_emulator/overview", headers, nil, host).status
    end
    assert.equal(200, status {})
    assert.equal(200, status { { "Origin", "http://localhost:8080" }, { "Sec-Fetch-Site", "same-origin" } })
    assert.equal(401, status { { "Origin", "http://evil.example" } })
    assert.equal(401, status { { "Origin", "null" } })
    assert.equal(401, status { { "Origin", "http://localhost:9999" } })
    assert.equal(401, status { { "Sec-Fetch-Site", "cross-site" } })
    assert.equal(401, status { { "Sec-Fetch-Site", "same-site" } })
    assert.equal(401, status({}, "rebound.example:8080"))
    assert.equal(401, ask(world, "GET", "/_emulator/overview", { { "X-Emulator-Page", "guess" } }).status)
  end)

  it("never allows other origins to read", function()
    local answer = ask(world, "GET", "/_emulator/overview", { { "X-Emulator-Page", token } })
    assert.is_nil(support.header(answer, "Access-Control-Allow-Origin"))
    assert.equal("no-store", support.header(answer, "Cache-Control"))
  end)

  it("answers bad bodies with 400", function()
    local function status(target, body)
      return ask(world, "POST", target, signed(target), body).status
    end
    for _, body in ipairs {
      "",
      "[",
      "[]",
      "{}",
      '{"hub":1}',
      '{"hub":"9"}',
      '{"hub":"chat","to":"moon","data":"x"}',
      '{"hub":"chat","to":"group","data":"x"}',
      '{"hub":"chat","to":"group","name":" ","data":"x"}',
      '{"hub":"chat","to":"all","data":{}}',
      '{"hub":"chat","to":"all","dataType":"json","data":"{"}',
    } do
      assert.equal(400, status("/_emulator/send", body), body)
    end
    assert.equal(202, status("/_emulator/send", '{"hub":"chat","to":"all","data":"x"}'))
    assert.equal(400, status("/_emulator/token", '{"hub":"9"}'))
    assert.equal(400, status("/_emulator/faults", "send:boo"))
  end)

  it("wants a body with a length of at most 1 MiB", function()
    local function status(problem)
      local request =
        support.request("POST", "/_emulator/send", { headers = signed "/_emulator/send", body_problem = problem })
      request.body = nil
      return control.handle(world, request).status
    end
    assert.equal(411, status "no_length")
    assert.equal(413, status "too_large")
  end)

  it("tells that there is nothing yet, so that somebody may wait", function()
    local target = "/_emulator/journal?wait=3"
    assert.equal(3, ask(world, "GET", target, signed(target)).pending)
    support.client(world, { id = "a", hub = "chat" })
    local answer = ask(world, "GET", target, signed(target))
    assert.is_nil(answer.pending)
    assert.truthy(answer.body:find('"kind":"connected"', 1, true))
  end)
end)

describe("the page", function()
  local function get(world, host, peer, target, method)
    local request = support.request(method or "GET", target or "/", { host = host })
    request.peer = peer or "127.0.0.1"
    return page.handle(world, request)
  end

  it("is there for this machine, by the names of this machine", function()
    local world = new_world("192.0.2.7", { "https://dev.example" })
    for _, host in ipairs {
      "localhost:8080",
      "127.0.0.1:8080",
      "[::1]:8080",
      "192.0.2.7:8080",
      "dev.example",
      "LOCALHOST",
    } do
      assert.equal(200, get(world, host).status, host)
    end
    for _, host in ipairs { "rebound.example:8080", "localhost.evil.example", "0.0.0.0:8080" } do
      assert.equal(403, get(world, host).status, host)
    end
    assert.equal(403, get(world, false).status)
  end)

  it("asks others for the token of the run, and does not give it to them", function()
    local world = new_world "0.0.0.0"
    local answer = get(world, "localhost:8080", "192.0.2.1")
    assert.equal(403, answer.status)
    assert.is_nil(answer.body:find(token, 1, true))
    assert.equal(403, get(world, "localhost:8080", "192.0.2.1", "/?token=guess").status)
    assert.equal(200, get(world, "localhost:8080", "192.0.2.1", "/?token=" .. token).status)
    assert.equal(200, get(world, "localhost:8080", "::1").status)
    assert.equal(403, get(world, "localhost:8080", "192.0.2.127").status)
    assert.equal(403, get(world, "box.lan:8080", "192.0.2.1").status)
    assert.equal(200, get(world, "box.lan:8080", "192.0.2.1", "/?token=" .. token).status)
    local function call_status(headers)
      headers[#headers + 1] = { "X-Emulator-Page", token }
      return ask(world, "GET", "/_emulator/overview", headers, nil, "box.lan:8080").status
    end
    assert.equal(200, call_status { { "Origin", "http://box.lan:8080" } })
    assert.equal(401, call_status { { "Origin", "http://evil.example" } })
  end)

  it("lets nothing in from elsewhere", function()
    local answer = get(new_world(), "localhost:8080")
    local policy = support.header(answer, "Content-Security-Policy")
    assert.truthy(policy:find("default-src 'none'; script-src 'self'; style-src 'self'", 1, true))
    assert.is_nil(policy:find "unsafe")
    assert.equal("nosniff", support.header(answer, "X-Content-Type-Options"))
    assert.truthy(answer.body:find(token, 1, true))
    assert.is_nil(answer.body:find "<script>")
    assert.is_nil(answer.body:find "%son%a+=")
    assert.equal(405, get(new_world(), "localhost:8080", nil, "/", "POST").status)
  end)

  it("never makes markup of a text, and keeps the token out of the script", function()
    local script = get(new_world(), "localhost:8080", nil, "/_emulator/page.js").body
    for _, word in ipairs {
      "innerHTML",
      "outerHTML",
      "insertAdjacentHTML",
      "document.write",
      "eval",
      'setTimeout%("',
      "http://",
      "https://",
    } do
      assert.is_nil(script:find(word), word)
    end
    assert.is_nil(script:find(token, 1, true))
  end)
end)

describe("the journal", function()
  it("is bounded in entries and in bytes, each ring for itself, and never quite empty", function()
    local kept = journal.new(3, 2000)
    for index = 1, 10 do
      kept:add { kind = "message", n = index }
    end
    for index = 1, 5 do
      kept:add { kind = "joined", n = 100 + index }
    end
    local function numbers(after)
      local list = {}
      for _, entry in
        ipairs(kept:after(after, function()
          return true
        end))
      do
        list[#list + 1] = entry.n
      end
      return list
    end
    assert.same({ 8, 9, 10, 103, 104, 105 }, numbers(0))
    assert.same({ 104, 105 }, numbers(13))
    kept:add { kind = "message", n = 11, size = 5000 }
    assert.same({ 103, 104, 105, 11 }, numbers(0))
    kept:clear()
    assert.same({}, numbers(0))
  end)
end)
