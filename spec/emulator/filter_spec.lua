local core = require "webpubsub.core"
local filter = require "webpubsub.emulator.filter"
local support = require "spec.emulator.support"
local vectors = require "spec.vectors.filters"

local subjects = {
  a = {
    id = "a1",
    user_id = "ann",
    groups = { g1 = true, g2 = true },
    group_count = 2,
    subprotocol = "json.webpubsub.azure.v1",
  },
  b = {
    id = "b2",
    user_id = "Bob's Ünit",
    groups = {},
    group_count = 0,
    subprotocol = "json.reliable.webpubsub.azure.v1",
  },
  n = { id = "n3", groups = { vip = true }, group_count = 1 },
}

local function meant(text)
  local is_meant = assert(filter.compile(text, "filter"))
  local found = ""
  for _, name in ipairs { "a", "b", "n" } do
    local answer = is_meant(subjects[name])
    assert(type(answer) == "boolean", text)
    found = found .. (answer and name or "")
  end
  return found
end

describe("a filter", function()
  it("has a truth table of at least 120 filters", function()
    assert.is_true(#vectors.valid >= 120)
  end)

  for _, row in ipairs(vectors.valid) do
    it(("means '%s' by %s"):format(row[2], row[1]), function()
      assert.are.equal(row[2], meant(row[1]))
    end)
  end

  for _, text in ipairs(vectors.invalid) do
    it("is refused as " .. text:gsub("%c", "?"), function()
      local found, why = filter.compile(text, "filter")
      assert.is_nil(found)
      assert.is_truthy(why:find "^Invalid syntax for 'filter': ")
    end)
  end

  it("means everybody when it is absent or empty", function()
    assert.are.equal("abn", meant "")
    assert.are.equal("abn", meant "  ")
    assert.is_true(filter.compile(nil, "filter")(subjects.n))
  end)

  it("is refused when it is nested deeper than 100, and taken at 100", function()
    assert.is_truthy(filter.compile(("("):rep(99) .. "true" .. (")"):rep(99), "filter"))
    for _, text in ipairs {
      ("("):rep(101) .. "true" .. (")"):rep(101),
      ("("):rep(100000),
      (")"):rep(100000),
      ("not "):rep(25000) .. "true",
      ("tolower("):rep(12000) .. "userId",
      "true" .. (" eq true"):rep(12000),
      "userId in " .. ("("):rep(100000),
    } do
      assert.is_nil(filter.compile(text, "filter"))
    end
  end)

  it("may be a chain of any length", function()
    local text = ("userId eq 'x' or "):rep(5000) .. "userId eq 'ann'"
    assert.are.equal("a", meant(text))
    assert.are.equal("a", meant(("true and "):rep(5000) .. "userId eq 'ann'"))
    local names = ("'x',"):rep(20000)
    assert.are.equal("a", meant("userId in (" .. names .. "'ann')"))
  end)

  -- Steps, not seconds: a count hook sees how much the evaluation does.
  local function steps(call)
    local count = 0
    if jit then
      jit.off()
    end
    debug.sethook(function()
      count = count + 1
    end, "", 100)
    call()
    debug.sethook()
    if jit then
      jit.on()
    end
    return count
  end

  it("takes time in proportion to its length and to the texts it reads", function()
    local function worst(size)
      local needle = ("a"):rep(size) .. "b"
      local subject = { id = "x", user_id = ("a"):rep(2 * size), groups = {} }
      local text = ("contains(userId,'%s') or indexof(userId,'%s') gt 5 or trim(userId) eq '%s'"):format(
        needle,
        needle,
        (" "):rep(size)
      )
      return steps(function()
        assert(not assert(filter.compile(text, "filter"))(subject))
      end)
    end
    worst(500)
    local small, large = worst(2000), worst(16000)
    assert.is_true(large < 8 * small * 1.5, ("%d steps for 2,000, %d for 16,000"):format(small, large))
  end)

  it("lets no concatenation grow without bound", function()
    local subject = { id = "x", user_id = ("a"):rep(60000), groups = {} }
    local text = "userId"
    for _ = 1, 60 do
      text = "concat(" .. text .. ",userId)"
    end
    assert.is_true(filter.compile("length(" .. text .. ") le 1048576", "filter")(subject))
  end)
end)

describe("a filter on a REST call", function()
  local world, clients

  before_each(function()
    world = support.world()
    clients = {
      ann = support.client(world, { id = "a1", user_id = "ann", groups = { "g1" } }),
      bob = support.client(world, { id = "b2", user_id = "bob", groups = { "g1", "a/b" } }),
    }
  end)

  local function heard(path, expression)
    local target = ("/api/hubs/chat%s/:send?filter=%s"):format(path, core.percent_encode(expression))
    local answer, effects = support.send(world, target, "x", support.text_body)
    assert.are.equal(202, answer.status)
    local found = {}
    for _, name in ipairs { "ann", "bob" } do
      if #support.heard(effects, clients[name]) > 0 then
        found[#found + 1] = name
      end
    end
    return table.concat(found, " ")
  end

  it("takes the number of groups as it is kept, so that asking ten thousand times costs no walk", function()
    local text = "length(groups) eq 3" .. (" and length(groups) gt 2"):rep(10000)
    local walked = setmetatable({}, {
      __index = function()
        error "the set of groups was looked at"
      end,
    })
    assert.is_true(assert(filter.compile(text, "filter")) { id = "x", groups = walked, group_count = 3 })
  end)

  it("chooses the recipients of sends to all, to groups and to users", function()
    assert.are.equal("ann", heard("", "userId eq 'ann'"))
    assert.are.equal("bob", heard("/groups/g1", "'a/b' in groups"))
    assert.are.equal("", heard("/users/ann", "'a/b' in groups"))
    assert.are.equal("ann", heard("/users/ann", "protocol eq null"))
  end)

  it("chooses who joins and leaves groups in bulk", function()
    local function post(action, expression)
      local body = core.json_encode { groups = core.array { "x", "y" }, filter = expression }
      return support.send(world, "/api/hubs/chat/:" .. action, body, support.json_body).status
    end
    assert.are.equal(200, post("addToGroups", "userId eq 'bob'"))
    assert.are.same({ true, true }, { clients.bob.groups.x, clients.bob.groups.y })
    assert.is_nil(clients.ann.groups.x)
    assert.are.equal(200, post("addToGroups", ""))
    assert.is_true(clients.ann.groups.x)
    assert.are.equal(200, post("removeFromGroups", "userId eq 'nobody'"))
    assert.are.equal(200, post("removeFromGroups", "not (userId eq 'bob')"))
    assert.is_nil(clients.ann.groups.x)
    assert.is_true(clients.bob.groups.x)
  end)

  it("is answered with 400 in the service's shape when it is not valid", function()
    local target = "/api/hubs/chat/:send?filter=" .. core.percent_encode "userId gt 5"
    local answer, effects = support.send(world, target, "x", support.text_body)
    assert.are.equal(400, answer.status)
    assert.is_nil(effects)
    assert.are.equal("application/problem+json", support.header(answer, "content-type"))
    assert.are.equal("Error.BadRequest", support.header(answer, "x-ms-error-code"))
    local members = core.json_members(answer.body)
    assert.are.equal('"filter"', members.target)
    assert.is_truthy(members.message:find '^"Invalid syntax for ')
    local body = '{"groups":["x"],"filter":"groups"}'
    local bulk = support.send(world, "/api/hubs/chat/:addToGroups", body, support.json_body)
    assert.are.equal(400, bulk.status)
    assert.are.equal('"Filter"', core.json_members(bulk.body).target)
    assert.is_nil(clients.ann.groups.x)
  end)

  it("is answered with 400 when it is 100 kB of parentheses", function()
    for _, text in ipairs { ("("):rep(100000), (")"):rep(100000), ("()"):rep(50000) } do
      local target = "/api/hubs/chat/:send?filter=" .. text
      assert.are.equal(400, (support.send(world, target, "x", support.text_body)).status)
    end
  end)
end)
