-- Who is believed, and who is not.

local core = require "webpubsub.core"
local support = require "spec.events.support"
local webpubsub = require "webpubsub"

local right = "sha256=" .. support.first.hex

describe("the check of signatures", function()
  for i, case in ipairs(support.signatures) do
    it("accepts what openssl computed, vector " .. i, function()
      local made = support.handler { access_keys = { case.key } }
      local changes = { ["ce-connectionId"] = case.connection_id, ["ce-signature"] = "sha256=" .. case.hex }
      assert.equal(204, made.send("connect", "{}", changes).status)
      assert.equal(1, made.calls)
    end)
  end

  it("accepts either key, alone, in a list, in several lines and in capital digits", function()
    local made = support.handler()
    local second = "sha256=" .. support.second.hex
    local values = {
      right,
      second,
      right .. "," .. second,
      "sha256=" .. ("0"):rep(64) .. " , " .. second,
      { "sha256=" .. ("0"):rep(64), right },
      "sha256=" .. support.first.hex:upper(),
    }
    for i, value in ipairs(values) do
      assert.equal(204, made.send("connect", "{}", { ["ce-signature"] = value }).status, i)
    end
    assert.equal(#values, made.calls)
  end)

  it("passes over entries of other algorithms and looks at the others", function()
    local made = support.handler()
    local unknown = "sha512=" .. ("a"):rep(128) .. ",md5=1,new-algorithm,=,"
    assert.equal(204, made.send("connect", "{}", { ["ce-signature"] = unknown .. right }).status)
    assert.equal(401, made.send("connect", "{}", { ["ce-signature"] = unknown }).status)
    assert.equal(401, made.send("connect", "{}", { ["ce-signature"] = "sha512=" .. support.first.hex }).status)
    assert.equal(1, made.calls)
  end)

  local forged = {
    { "no signature", false },
    { "an empty one", "" },
    { "a wrong digit", "sha256=" .. support.first.hex:gsub("^.", { ["0"] = "1" }):sub(1, 63) .. "g" },
    { "one digit less", right:sub(1, -2) },
    { "one digit more", right .. "0" },
    { "no algorithm", support.first.hex },
    { "the algorithm in capitals", right:upper() },
    { "another separator", right:gsub("=", ":") },
    { "a right one behind a semicolon", "sha256=0;" .. right },
    { "that of another connection", "sha256=" .. support.signatures[4].hex },
    { "zeros", "sha256=" .. ("0"):rep(64) },
  }
  for _, case in ipairs(forged) do
    it("answers 401 to " .. case[1] .. " and calls nothing", function()
      local made = support.handler()
      for _, event in ipairs { "connect", "connected", "disconnected", "joined", "left", "message" } do
        local response = made.send(event, "{}", { ["ce-signature"] = case[2] })
        assert.equal(401, response.status)
        assert.equal("the signature is missing or does not match", response.body)
      end
      assert.equal(0, made.calls)
      assert.equal("warn: webhook answered 401: the signature is missing or does not match", made.lines[1])
    end)
  end

  it("refuses a signature that was made for another connection", function()
    local made = support.handler()
    assert.equal(401, made.send("connect", "{}", { ["ce-connectionId"] = "another" }).status)
    assert.equal(401, made.send("connect", "{}", { ["ce-connectionId"] = false }).status)
    assert.equal(400, made.send("connect", "{}", { ["ce-connectionId"] = { "another", "x" } }).status)
    assert.equal(0, made.calls)
  end)

  it("reads no byte of a body before it", function()
    local made = support.handler()
    local request = support.request("message", nil, { ["ce-signature"] = false })
    local reads = 0
    request.body = nil
    request.read_body = function()
      reads = reads + 1
      return "{}"
    end
    assert.equal(401, made.handler:handle(request).status)
    assert.equal(0, reads)
    request.headers["ce-signature"] = right
    assert.equal(204, made.handler:handle(request).status)
    assert.equal(1, reads)
  end)

  it("follows a key that is rotated on the live handler", function()
    local key = assert(webpubsub.key "old")
    local made = support.handler { access_keys = { key } }
    assert.equal(401, made.send("connect").status)
    assert(key:update(support.first.key))
    assert.equal(204, made.send("connect").status)
  end)

  it("takes key and allowed endpoint from a connection string", function()
    local text = "Endpoint=https://Name.webpubsub.azure.com;AccessKey=" .. support.first.key .. ";Version=1.0;"
    local made = support.handler { access_keys = false, connection_string = text }
    assert.equal(204, made.send("connect").status)
    assert.equal(401, made.send("connect", "{}", { ["ce-signature"] = "sha256=" .. support.second.hex }).status)
    assert.equal(403, made.send("connect", "{}", { ["WebHook-Request-Origin"] = "evil.example" }).status)
  end)
end)

describe("a check of the user's own", function()
  it("joins the keys: both must agree", function()
    local answer
    local made = support.handler {
      authenticate = function(request)
        assert.equal("POST", request.method)
        return answer
      end,
    }
    assert.equal(401, made.send("connect").status)
    answer = true
    assert.equal(204, made.send("connect").status)
    assert.equal(401, made.send("connect", "{}", { ["ce-signature"] = false }).status)
    assert.equal(1, made.calls)
  end)

  it("replaces them when it stands alone, and picks the status", function()
    local made = support.handler {
      access_keys = false,
      authenticate = function(request)
        if core.equal(request.headers.code or "", "right") then
          return true
        end
        return nil, tonumber(request.headers.status)
      end,
    }
    assert.equal(204, made.send("connect", "{}", { code = "right", ["ce-signature"] = false }).status)
    assert.equal(401, made.send("connect", "{}", { code = "wrong" }).status)
    assert.equal(403, made.send("connect", "{}", { status = "403" }).status)
    assert.equal(401, made.send("connect", "{}", { status = "200" }).status)
    assert.equal(1, made.calls)
  end)

  it("lets nobody in when it raises or answers anything but true", function()
    for _, answer in ipairs { 1, "true", false } do
      local made = support.handler {
        access_keys = false,
        authenticate = function()
          return answer
        end,
      }
      assert.equal(401, made.send("connect").status)
    end
    local made = support.handler {
      access_keys = false,
      authenticate = function()
        error "secret detail"
      end,
    }
    local response = made.send "connect"
    assert.equal(500, response.status)
    assert.is_nil(response.body:find("secret", 1, true))
    assert.equal(0, made.calls)
  end)
end)

describe("a handler that nothing would check", function()
  local function message(options)
    options.hub = options.hub or "chat"
    return support.raised(webpubsub.event_handler, options)
  end

  it("is refused unless insecure = true is written", function()
    assert.match("anybody could forge events", message {})
    assert.match("anybody could forge events", message { insecure = false })
    assert.match("access_keys is empty", message { access_keys = {} })
    assert.match("contradicts", message { insecure = true, access_keys = { "k" } })
    local made = support.handler { access_keys = false, insecure = true }
    assert.equal(204, made.send("connect", "{}", { ["ce-signature"] = false }).status)
  end)

  it("is refused with other mistakes, each in a sentence", function()
    assert.match("did you mean 'handle_connect'", message { access_keys = { "k" }, handle_conect = print })
    assert.match("not both", message { access_keys = { "k" }, connection_string = "x" })
    assert.match("middleware holds functions", message { access_keys = { "k" }, middleware = { 1 } })
    assert.match("as text or as webpubsub.key", message { access_keys = { 1 } })
    assert.match("hub is missing", support.raised(webpubsub.event_handler, { access_keys = { "k" } }))
    for _, options in ipairs {
      { access_keys = { "" } },
      { access_keys = { " k" } },
      { access_keys = { "k" }, max_body = 0 },
      { access_keys = { "k" }, allowed_endpoints = { "ftp://x" } },
      { access_keys = { "k" }, hub = "1" },
      { connection_string = "Endpoint=https://h" },
    } do
      options.hub = options.hub or "chat"
      local made, err = webpubsub.event_handler(options)
      assert.is_nil(made)
      assert.equal("invalid_argument", err.code)
    end
  end)

  it("prints no key", function()
    local made = support.handler()
    assert.equal("webpubsub.event_handler", tostring(made.handler))
    assert.same({}, { next(made.handler) })
  end)
end)

describe("the validation handshake", function()
  local function ask(made, origin, method)
    return made.handler:handle { method = method or "OPTIONS", headers = { ["webhook-request-origin"] = origin } }
  end

  it("answers for the allowed hosts alone, by OPTIONS and GET, in any letter case", function()
    local made = support.handler { allowed_endpoints = { "https://name.webpubsub.azure.com", "http://localhost:8080" } }
    for _, origin in ipairs { "name.webpubsub.azure.com", "NAME.webpubsub.azure.com", "localhost", "localhost:8080" } do
      for _, method in ipairs { "OPTIONS", "GET" } do
        local response = ask(made, origin, method)
        assert.equal(200, response.status)
        assert.equal(origin, response.headers["WebHook-Allowed-Origin"])
      end
    end
    for _, origin in ipairs { "evil.example", "name.webpubsub.azure.com.evil.example", "localhost:8081" } do
      local response = ask(made, origin)
      assert.equal(403, response.status)
      assert.is_nil(response.headers["WebHook-Allowed-Origin"])
    end
    assert.equal(400, ask(made, nil).status)
  end)

  it("answers for every host when none is named", function()
    assert.equal("*", ask(support.handler(), "x").headers["WebHook-Allowed-Origin"])
  end)
end)
