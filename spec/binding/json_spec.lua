-- The JSON encoder. Numbers follow ECMAScript's Number::toString; spec/peers compares many more of them with
-- JSON.stringify.

local core = require "webpubsub.core"

local has_integers = math.type ~= nil

describe("the JSON encoder", function()
  it("writes whole floats without a point on every Lua", function()
    assert.equal("[3,-7,100,0,0]", core.json_encode { 3.0, -7, 1e2, 0, -0.0 })
  end)

  it("writes integers digit for digit", function()
    assert.equal("9007199254740992", core.json_encode(2 ^ 53))
    if has_integers then
      assert.equal("9223372036854775807", core.json_encode(math.maxinteger))
      assert.equal("-9223372036854775808", core.json_encode(math.mininteger))
      assert.equal("9007199254740993", core.json_encode(math.tointeger(2 ^ 53) + 1))
    end
  end)

  it("writes floats with the fewest digits that read back", function()
    local expected = {
      { 0.1, "0.1" },
      { 1 / 3, "0.3333333333333333" },
      { 0.1 + 0.2, "0.30000000000000004" },
      { 1e21, "1e+21" },
      { 1e20 + 1, "100000000000000000000" },
      { 123456789012345680000, "123456789012345680000" },
      { 1e-6, "0.000001" },
      { 1e-7, "1e-7" },
      { -1.5e300, "-1.5e+300" },
      { 5e-324, "5e-324" },
      { 1.7976931348623157e308, "1.7976931348623157e+308" },
      { 2 ^ -44, "5.684341886080802e-14" }, -- below a power of two the doubles lie denser
    }
    for _, pair in ipairs(expected) do
      assert.equal(pair[2], core.json_encode(pair[1]))
    end
  end)

  it("does not depend on the locale", function()
    local before = os.setlocale(nil, "numeric")
    local comma
    for _, name in ipairs { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "C" } do
      comma = comma or os.setlocale(name, "numeric")
    end
    local text = core.json_encode { 1.5, 0.1 + 0.2 }
    os.setlocale(before, "numeric")
    assert.equal("[1.5,0.30000000000000004]", text)
  end)

  it("writes keys in byte order", function()
    assert.equal('{"A":1,"a":2,"aa":3,"b":4,"ü":5}', core.json_encode { b = 4, aa = 3, a = 2, A = 1, ["ü"] = 5 })
    local many, expected = {}, {}
    for i = 1, 200 do
      local key = ("k%03d"):format(i)
      many[key] = i
      expected[i] = ('"%s":%d'):format(key, i)
    end
    assert.equal("{" .. table.concat(expected, ",") .. "}", core.json_encode(many))
  end)

  it("escapes what RFC 8259 section 7 asks for and nothing else", function()
    assert.equal(
      [["\"\\\b\f\n\r\t\u0000\u001f/ü€😀]] .. "\127" .. '"',
      core.json_encode '"\\\b\f\n\r\t\0\31/ü€😀\127'
    )
  end)

  it("tells arrays, objects, empty tables and null apart", function()
    assert.equal("{}", core.json_encode {})
    assert.equal("[]", core.json_encode(core.array {}))
    assert.equal("[null,true,false]", core.json_encode { core.null, true, false })
    assert.equal('{"a":{"b":[]}}', core.json_encode { a = { b = core.array {} } })
    assert.equal("[[1],[]]", core.json_encode(core.array { { 1 }, core.array {} }))
  end)

  it("knows lua-cjson's null", function()
    assert.equal("null", core.json_encode(require("cjson").null))
  end)

  it("reads tables raw: no metamethod runs", function()
    local proxy = setmetatable({ a = 1 }, {
      __index = error,
      __len = error,
      __pairs = error,
      __tostring = error,
    })
    assert.equal('{"a":1}', core.json_encode(proxy))
  end)

  it("may meet the same table twice, but not inside itself", function()
    local shared = { 1 }
    assert.equal("[[1],[1]]", core.json_encode { shared, shared })
    shared[2] = shared
    assert.same({ nil, "data[1][2] contains itself" }, { core.json_encode { shared } })
  end)

  it("grows over many sizes without losing a byte", function()
    for size = 1000, 1100, 7 do
      local text = ("x"):rep(size)
      assert.equal('{"a":["' .. text .. '"],"b":"' .. text .. '"}', core.json_encode { a = { text }, b = text })
    end
  end)

  it("marks only tables without another metatable as arrays", function()
    assert.has_error(function()
      core.array(setmetatable({}, {}))
    end)
    local t = core.array {}
    assert.equal(t, core.array(t))
  end)
end)
