local json = require "webpubsub.json"
local operations = require "webpubsub.operations"

-- The facts of the published OpenAPI document (version 2024-12-01), as data.
local function published()
  local file = assert(io.open("spec/vectors/operations.json", "rb"))
  local facts = assert(json.decode(file:read "*a"))
  file:close()
  return facts
end

local facts = published()

local function by_id()
  local rows = {}
  for _, row in ipairs(operations.list) do
    rows[row.id] = row
  end
  return rows
end

local function sorted(list)
  local copy = {}
  for i, item in ipairs(list) do
    copy[i] = item
  end
  table.sort(copy)
  return copy
end

local function wire_names(row)
  local names = { "api-version" }
  for _, option in ipairs(row.options) do
    names[#names + 1] = operations.parameters[option].wire
  end
  return sorted(names)
end

local function parameter_for(row, wire)
  for _, option in ipairs(row.options) do
    if operations.parameters[option].wire == wire then
      return operations.parameters[option]
    end
  end
end

local kinds = { string = "string", array = "strings", integer = "integer" }

describe("the table of operations, against the published document", function()
  local rows = by_id()

  it("has the same 25 operations", function()
    assert.equal(25, #facts.operations)
    assert.equal(25, #operations.list)
    for _, fact in ipairs(facts.operations) do
      assert.is_table(rows[fact.operationId], fact.operationId)
    end
  end)

  for _, fact in ipairs(facts.operations) do
    local row = rows[fact.operationId]

    describe(fact.operationId, function()
      it("has its method and path", function()
        assert.equal(fact.method, row.method)
        assert.equal(fact.path, row.path)
      end)

      it("takes every path parameter but the hub as an argument", function()
        local expected, got = {}, {}
        for wire in pairs(fact.path_parameters) do
          if wire ~= "hub" then
            expected[#expected + 1] = wire
          end
        end
        for _, name in ipairs(row.arguments) do
          if name ~= "message" then
            got[#got + 1] = operations.parameters[name].wire
          end
        end
        assert.same(sorted(expected), sorted(got))
      end)

      it("has its query parameters with their kinds and limits", function()
        local expected = {}
        for i, query in ipairs(fact.query) do
          expected[i] = query.name
          if query.name ~= "api-version" then
            local parameter = parameter_for(row, query.name)
            assert.equal(kinds[query.type], parameter.kind)
            assert.equal(query.minimum, parameter.minimum)
            if query.maximum then
              assert.equal(query.maximum, parameter.maximum)
            end
            if query.type == "array" then
              assert.equal("multi", query.collectionFormat)
            end
          end
        end
        assert.same(sorted(expected), wire_names(row))
      end)

      it("has its success codes", function()
        assert.same(sorted(fact.success), sorted(row.success))
      end)

      it("has a body where the document has one", function()
        assert.equal(fact.body == true, row.body ~= nil)
        if row.body == "message" then
          assert.same({ "application/json", "application/octet-stream", "text/plain" }, sorted(fact.consumes))
        elseif row.body == "groups" then
          assert.same({ "application/json" }, fact.consumes)
        end
      end)

      it("answers existence questions by 200 and 404", function()
        assert.equal(#fact.success == 2, row.answer == "exists")
      end)
    end)
  end

  it("uses the same api-version as the client's default", function()
    assert.equal(facts.api_version, require("webpubsub.client_options").schema.api_version.default)
  end)

  it("counts every GET, HEAD, PUT and DELETE as idempotent and no send or close", function()
    for _, row in ipairs(operations.list) do
      if row.method ~= "POST" then
        assert.is_true(row.idempotent, row.name)
      elseif row.path:find ":send$" or row.path:find ":closeConnections$" then
        assert.is_false(row.idempotent, row.name)
      end
    end
  end)
end)
