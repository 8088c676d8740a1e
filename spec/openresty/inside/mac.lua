-- Runs inside nginx, see inside_spec.lua.

local mac = require "webpubsub.mac"

local function hex(bytes)
  return (bytes:gsub(".", function(character)
    return ("%02x"):format(character:byte())
  end))
end

-- RFC 4231, test cases 1, 2, 3, 4, 6 and 7: key, data, HMAC-SHA-256
local vectors = {
  { ("\11"):rep(20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
  { "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
  { ("\170"):rep(20), ("\221"):rep(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
  {
    "\1\2\3\4\5\6\7\8\9\10\11\12\13\14\15\16\17\18\19\20\21\22\23\24\25",
    ("\205"):rep(50),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  },
  {
    ("\170"):rep(131),
    "Test Using Larger Than Block-Size Key - Hash Key First",
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  },
  {
    ("\170"):rep(131),
    "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed "
      .. "before being used by the HMAC algorithm.",
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  },
}

describe("the mac inside nginx", function()
  it("signs the vectors of RFC 4231, again and again", function()
    for _, vector in ipairs(vectors) do
      local made = assert(mac.new(vector[1]))
      for _ = 1, 3 do
        assert.equal(vector[3], hex(made:sign(vector[2])))
      end
    end
  end)

  it("keeps keys apart that are used in turn", function()
    local one, two = assert(mac.new(vectors[1][1])), assert(mac.new(vectors[2][1]))
    for _ = 1, 2 do
      assert.equal(vectors[1][3], hex(one:sign(vectors[1][2])))
      assert.equal(vectors[2][3], hex(two:sign(vectors[2][2])))
    end
  end)

  it("prints masked and holds nothing that could be printed", function()
    local made = assert(mac.new "secret")
    assert.equal("webpubsub.mac(masked)", tostring(made))
    assert.is_nil(next(made))
  end)

  it("frees what it no longer needs", function()
    for i = 1, 1000 do
      assert(assert(mac.new("key " .. i)):sign "x")
    end
    collectgarbage()
    assert.equal(vectors[1][3], hex(assert(mac.new(vectors[1][1])):sign(vectors[1][2])))
  end)
end)
