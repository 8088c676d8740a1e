-- The page and the control API on real sockets: what strangers and broken clients get.

local cjson = require "cjson"
local core = require "webpubsub.core"
local emulator = require "webpubsub.emulator"
local peer = require "spec.emulator.server.peer"

describe("the control API on the wire", function()
  local service

  setup(function()
    service = assert(emulator.start())
  end)

  teardown(function()
    assert(service:stop())
  end)

  local function exchange(head, body)
    local bytes = head .. "\r\nHost: localhost:" .. service.port .. "\r\nConnection: close\r\n"
    if body then
      bytes = bytes .. "Content-Length: " .. #body .. "\r\n"
    end
    return peer.exchange(service, bytes .. "\r\n" .. (body or ""))
  end

  local function page_token()
    return assert(exchange("GET / HTTP/1.1"):match 'name="emulator%-page" content="([^"]+)"')
  end

  it("answers broken requests with 4xx and lives on", function()
    local secret = "X-Emulator-Page: " .. page_token()
    local bodies = {
      "",
      "{",
      "[]",
      "null",
      "\0",
      "\255",
      ("["):rep(100000),
      '{"hub":"chat"}',
      '{"hub":"\\ud800"}',
      '{"hub":{}}',
      '{"hub":"chat","to":"all","dataType":"json","data":"NaN"}',
      '{"hub":"chat","to":["all"],"data":"x"}',
      '{"hub":"chat","to":"group","name":"' .. ("g"):rep(1025) .. '","data":"x"}',
    }
    for _, path in ipairs { "send", "token", "faults", "nothing", "", "../reset", "send?%zz" } do
      for _, body in ipairs(bodies) do
        local status = exchange("POST /_emulator/" .. path .. " HTTP/1.1\r\n" .. secret, body):match "^HTTP/1.1 (%d+)"
        local fine = path == "faults" and body == "" and "204" -- no fault in an empty body
        assert(
          status and (status:find "^4" or status == fine or (path == "token" and status == "200")),
          path .. " " .. body:sub(1, 40) .. " " .. tostring(status)
        )
      end
    end
    for _, query in ipairs {
      "after=nan",
      "after=-1",
      "after=1e999",
      "wait=nan",
      "wait=-5",
      "after=x",
      "hub=%00",
      "after=0x10",
    } do
      local status = exchange("GET /_emulator/journal?" .. query .. " HTTP/1.1\r\n" .. secret):match "^HTTP/1.1 (%d+)"
      assert.equal("200", status, query)
    end
    local chunked = "POST /_emulator/faults HTTP/1.1\r\n" .. secret .. "\r\nTransfer-Encoding: chunked"
    assert.matches("^HTTP/1.1 411", exchange(chunked))
  end)

  it("serves others while somebody waits, and stops while somebody waits", function()
    local other = assert(emulator.start())
    local url = other.endpoint .. "/_emulator/journal?wait=30"
    local waiting = peer.connect(other)
    local claims = core.json_encode { aud = url, exp = math.floor(core.time()) + 60 }
    local input = core.token_input('{"alg":"HS256"}', claims)
    local signature = core.base64url_encode(require("webpubsub.mac").new(other.access_key):sign(input))
    local head = "GET /_emulator/journal?wait=30 HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s.%s\r\n\r\n"
    waiting:xwrite(head:format(other.endpoint:match "//(.*)", input, signature), "bn", peer.seconds)
    assert.same({}, other:connections())
    assert(other:stop())
    waiting:close()
  end)

  it("gives the page a URL with which a browser connects to the name it used", function()
    local answer =
      exchange("POST /_emulator/token HTTP/1.1\r\nX-Emulator-Page: " .. page_token(), '{"hub":"chat","userId":"ann"}')
    local url = cjson.decode(answer:match "\r\n\r\n(.*)$").url
    assert.matches("^ws://localhost:" .. service.port .. "/client/hubs/chat%?access_token=", url)
    assert.is_nil(answer:find(service.access_key, 1, true))
  end)
end)
