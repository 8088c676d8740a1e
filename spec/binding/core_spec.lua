-- The C module webpubsub.core. Expected values are RFC vectors, or follow from the cited rule.

local core = require "webpubsub.core"

describe("webpubsub.core", function()
  it("encodes base64 as RFC 4648 section 10 shows", function()
    local vectors = { [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", foobar = "Zm9vYmFy" }
    for plain, encoded in pairs(vectors) do
      assert.equal(encoded, core.base64_encode(plain))
      assert.equal(plain, core.base64_decode(encoded))
      local url = encoded:gsub("=", "")
      assert.equal(url, core.base64url_encode(plain))
      assert.equal(plain, core.base64url_decode(url))
    end
    assert.equal("-_8", core.base64url_encode "\251\255")
    assert.equal("+/8=", core.base64_encode "\251\255")
  end)

  it("refuses what is no base64", function()
    for _, text in ipairs { "Z", "Zg=", "Zg", "Zh==", "Zm9v\n", "-_8=" } do
      assert.is_nil((core.base64_decode(text)), text)
    end
    for _, text in ipairs { "Z", "Zg==", "Zh", "+/8" } do
      assert.is_nil((core.base64url_decode(text)), text)
    end
  end)

  it("works on texts longer than its own stack", function()
    local long = ("0123456789"):rep(10000)
    assert.equal(long, core.base64_decode(core.base64_encode(long)))
    assert.equal(long, core.percent_decode(core.percent_encode(long)))
    assert.equal(100000, core.utf8_length(long))
  end)

  it("percent-encodes everything but unreserved characters (RFC 3986 section 2.3)", function()
    local unreserved = "ABCXYZabcxyz0189-._~"
    assert.equal(unreserved, core.percent_encode(unreserved))
    assert.equal("a%20b%3Fc%23d%25e%2B%C3%BC%2F", core.percent_encode "a b?c#d%e+ü/")
    assert.equal("a b+", core.percent_decode "a%20b+")
    assert.is_nil((core.percent_decode "%2"))
  end)

  it("counts characters, and finds the first byte that is not UTF-8", function()
    assert.equal(4, core.utf8_length "aü€😀")
    assert.same({ nil, 1 }, { core.utf8_length "a\255" })
    assert.same({ nil, 0 }, { core.utf8_length "\237\160\128" })
  end)

  it("reads JSON members as the bytes that arrived", function()
    local members = assert(core.json_members [[{"ackId" : 18446744073709551615, "data":{"a" : 1.50}, "n\u0061me":"x"}]])
    assert.same({ ackId = "18446744073709551615", data = [[{"a" : 1.50}]], name = '"x"' }, members)
    assert.same({ "1", '"two"', "[3 ]" }, assert(core.json_elements [=[[1, "two", [3 ]]]=]))
    assert.equal("a\nü😀", core.json_string [["a\n\u00fc\ud83d\ude00"]])
  end)

  it("refuses what is no JSON", function()
    for _, text in ipairs { "", "{", "[1,]", "{'a':1}", "01", "NaN", '"\1"', "[1] x", '"\255"' } do
      assert.is_nil((core.json_check(text)), text)
    end
    assert.is_nil((core.json_check(("["):rep(200) .. ("]"):rep(200))))
    assert.is_nil((core.json_members "[1]"))
    assert.is_nil((core.json_string [["\ud83d"]]))
  end)

  it("parses connection strings and normalises endpoints", function()
    assert.same(
      { endpoint = "http://host", access_key = "a==", version = "1.0", port = 8080 },
      core.parse_connection_string " accesskey = a== ;ENDPOINT=http://host;Version=1.0;Port=8080;"
    )
    assert.equal("http://host:8080", core.normalize_endpoint("http://HOST/", 8080))
    assert.equal("https://host", core.normalize_endpoint "host:443")
  end)

  it("never repeats a value of a broken connection string", function()
    local broken = { "Endpoint=http://h;AccessKey=s3cret;Port=s3cret", "s3cret", "Endpoint=;AccessKey=s3cret" }
    for _, text in ipairs(broken) do
      local parts, sentence = core.parse_connection_string(text)
      assert.is_nil(parts)
      assert.is_nil(sentence:find("s3cret", 1, true))
    end
  end)

  it("makes and splits tokens as RFC 7515 appendix A.1 shows", function()
    local header = '{"typ":"JWT",\r\n "alg":"HS256"}'
    local claims = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    local input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
      .. ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    assert.equal(input, core.token_input(header, claims))
    local signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert.same(
      { header, claims, core.base64url_decode(signature), input },
      { core.token_split(input .. "." .. signature) }
    )
    local key =
      core.base64url_decode "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    local mac = assert(require("webpubsub.openssl").hmac_key(key))
    assert.equal(signature, core.base64url_encode(mac:sign(input)))
  end)

  it("checks claims against a clock and audiences", function()
    local claims = '{"aud":"http://h/A","exp":1000,"nbf":900}'
    assert.is_true((core.token_check(claims, { "http://H/a" }, 950, 0)))
    local _, word = core.token_check(claims, {}, 1301, 300)
    assert.equal("expired", word)
    _, word = core.token_check(claims, {}, 599, 300)
    assert.equal("not_yet_valid", word)
    _, word = core.token_check(claims, { "http://other/a" }, 950, 0)
    assert.equal("wrong_audience", word)
  end)

  it("signs as RFC 4231 section 4.3 shows, and refuses a closed key", function()
    local mac = assert(require("webpubsub.openssl").hmac_key "Jefe")
    local hex = mac:sign("what do ya want for nothing?"):gsub(".", function(byte)
      return ("%02x"):format(byte:byte())
    end)
    assert.equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", hex)
    mac:close()
    assert.has_error(function()
      mac:sign "x"
    end)
  end)

  it("accepts a webhook signature when any entry matches any key", function()
    local mac = assert(require("webpubsub.openssl").hmac_key "Jefe")
    local good = mac:sign "what do ya want for nothing?"
    local header = "sha256="
      .. ("0"):rep(64)
      .. ",sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert.is_true(core.signature_check(header, { ("x"):rep(32), good }))
    assert.is_false(core.signature_check(header, { ("x"):rep(32) }))
    assert.is_false(core.signature_check("", { good }))
    assert.is_false(core.signature_check(header, {}))
    assert.is_true(core.equal("abc", "abc"))
    assert.is_false(core.equal("abc", "abd"))
    assert.is_false(core.equal("abc", "ab"))
  end)

  it("makes UUIDs of version 4 that differ", function()
    local seen = {}
    for _ = 1, 1000 do
      local id = core.uuid()
      assert.matches("^%x+%-%x+%-4%x%x%x%-[89ab]%x%x%x%-%x+$", id)
      assert.equal(36, #id)
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)
end)
