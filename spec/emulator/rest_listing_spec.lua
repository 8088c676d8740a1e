local core = require "webpubsub.core"
local support = require "spec.emulator.support"

describe("REST", function()
  local world

  before_each(function()
    world = support.world()
    support.client(world, { id = "a1", user_id = "ann", groups = { "g" } })
  end)

  local function call(method, target)
    return support.call(world, method, target)
  end

  describe("listing", function()
    local function page(target)
      local answer = call("GET", target)
      assert.are.equal(200, answer.status)
      local members = core.json_members(answer.body)
      local ids = {}
      for index, item in ipairs(core.json_elements(members.value)) do
        ids[index] = core.json_string(core.json_members(item).connectionId)
      end
      return ids, members.nextLink and core.json_string(members.nextLink)
    end

    local base = "http://localhost:8080"

    before_each(function()
      for index = 2, 5 do
        support.client(world, { id = "a" .. index, groups = { "g" } })
      end
    end)

    it("goes page by page in the order of the ids", function()
      local first, link = page "/api/hubs/chat/groups/g/connections?maxpagesize=2&api-version=2024-12-01"
      assert.are.same({ "a1", "a2" }, first)
      assert.is_truthy(
        link:find(base .. "/api/hubs/chat/groups/g/connections?api-version=2024-12-01&maxpagesize=2&", 1, true)
      )
      local second, last_link = page(link:sub(#base + 1))
      assert.are.same({ "a3", "a4" }, second)
      local third, none = page(last_link:sub(#base + 1))
      assert.are.same({ "a5" }, third)
      assert.is_nil(none)
    end)

    it("stops at top, which the links lower", function()
      local first, link = page "/api/hubs/chat/groups/g/connections?maxpagesize=2&top=3"
      assert.are.equal(2, #first)
      assert.is_truthy(link:find("&top=1&", 1, true))
      local second, none = page(link:sub(#base + 1))
      assert.are.same({ { "a3" }, nil }, { second, none })
    end)

    it("gives user ids, null for anonymous clients, and an empty list for an empty group", function()
      local answer = call("GET", "/api/hubs/chat/groups/g/connections?top=2")
      local expected = '{"value":[{"connectionId":"a1","userId":"ann"},{"connectionId":"a2","userId":null}]}'
      assert.are.equal(expected, answer.body)
      assert.are.equal('{"value":[]}', call("GET", "/api/hubs/chat/groups/none/connections").body)
    end)

    it("refuses sizes out of range and tokens of other groups", function()
      local target = "/api/hubs/chat/groups/g/connections?"
      local bad = { "maxpagesize=0", "maxpagesize=201", "top=0", "top=2147483648", "continuationToken=abc" }
      for _, query in ipairs(bad) do
        assert.are.equal(400, call("GET", target .. query).status, query)
      end
      local _, link = page(target .. "maxpagesize=1")
      local token = link:match "continuationToken=(.*)"
      assert.are.equal(400, call("GET", "/api/hubs/chat/groups/h/connections?continuationToken=" .. token).status)
    end)
  end)
end)
