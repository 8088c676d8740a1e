-- The bytes of every operation, recorded by a server. Expected lines are written from the service's contract.

local core = require "webpubsub.core"
local operations = require "webpubsub.operations"
local recorder = require "spec.support.recorder"
local webpubsub = require "webpubsub"

local key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"
local version = "api-version=2024-12-01"

-- name of the method → call, request line's method and target, expected body and content type
local calls = {
  get_service_status = {
    call = function(hub)
      return hub:get_service_status()
    end,
    line = "HEAD /api/health?" .. version,
  },
  add_connections_to_groups = {
    call = function(hub)
      return hub:add_connections_to_groups { groups = { "a", "b/c" }, filter = "userId eq 'ann'" }
    end,
    line = "POST /api/hubs/chat/:addToGroups?" .. version,
    body = [[{"filter":"userId eq 'ann'","groups":["a","b/c"]}]],
    content_type = "application/json",
  },
  remove_connections_from_groups = {
    call = function(hub)
      return hub:remove_connections_from_groups { groups = { "a" } }
    end,
    line = "POST /api/hubs/chat/:removeFromGroups?" .. version,
    body = [[{"groups":["a"]}]],
    content_type = "application/json",
  },
  close_all_connections = {
    call = function(hub)
      return hub:close_all_connections { excluded = { "c1", "c 2" }, reason = "bye & thanks" }
    end,
    line = "POST /api/hubs/chat/:closeConnections?"
      .. version
      .. "&excluded=c1&excluded=c%202&reason=bye%20%26%20thanks",
    empty = true,
    status = 204,
  },
  send_to_all = {
    call = function(hub)
      return hub:send_to_all({ from = "user1", data = "Hello world" }, {
        excluded = { "c1", "c2" },
        filter = "startswith(userId, 'listener-')",
        message_ttl_seconds = 15,
      })
    end,
    line = "POST /api/hubs/chat/:send?"
      .. version
      .. "&excluded=c1&excluded=c2&filter=startswith%28userId%2C%20%27listener-%27%29&messageTtlSeconds=15",
    body = [[{"data":"Hello world","from":"user1"}]],
    content_type = "application/json",
    status = 202,
  },
  connection_exists = {
    call = function(hub)
      return hub:connection_exists "c1"
    end,
    line = "HEAD /api/hubs/chat/connections/c1?" .. version,
  },
  close_connection = {
    call = function(hub)
      return hub:close_connection("c1", { reason = "é" })
    end,
    line = "DELETE /api/hubs/chat/connections/c1?" .. version .. "&reason=%C3%A9",
    status = 204,
  },
  send_to_connection = {
    call = function(hub)
      return hub:send_to_connection("c1", "plain", { content_type = "text/plain", message_ttl_seconds = 0 })
    end,
    line = "POST /api/hubs/chat/connections/c1/:send?" .. version .. "&messageTtlSeconds=0",
    body = "plain",
    content_type = "text/plain",
    status = 202,
  },
  remove_connection_from_all_groups = {
    call = function(hub)
      return hub:remove_connection_from_all_groups "c1"
    end,
    line = "DELETE /api/hubs/chat/connections/c1/groups?" .. version,
    status = 204,
  },
  group_exists = {
    call = function(hub)
      return hub:group_exists "lobby"
    end,
    line = "HEAD /api/hubs/chat/groups/lobby?" .. version,
  },
  close_group_connections = {
    call = function(hub)
      return hub:close_group_connections("lobby", { excluded = { "c1" }, reason = "over" })
    end,
    line = "POST /api/hubs/chat/groups/lobby/:closeConnections?" .. version .. "&excluded=c1&reason=over",
    empty = true,
    status = 204,
  },
  send_to_group = {
    call = function(hub)
      return hub:send_to_group("a b?c#d%e+ü", "\0\1\255", { content_type = "application/octet-stream" })
    end,
    line = "POST /api/hubs/chat/groups/a%20b%3Fc%23d%25e%2B%C3%BC/:send?" .. version,
    body = "\0\1\255",
    content_type = "application/octet-stream",
    status = 202,
  },
  list_connections = {
    call = function(hub)
      return hub:list_connections("lobby", { max_page_size = 200, top = 1000, continuation_token = "a=b" })
    end,
    line = "GET /api/hubs/chat/groups/lobby/connections?"
      .. version
      .. "&maxpagesize=200&top=1000&continuationToken=a%3Db",
    answer = [[{"value":[]}]],
  },
  add_connection_to_group = {
    call = function(hub)
      return hub:add_connection_to_group("lobby", "c1")
    end,
    line = "PUT /api/hubs/chat/groups/lobby/connections/c1?" .. version,
    empty = true,
  },
  remove_connection_from_group = {
    call = function(hub)
      return hub:remove_connection_from_group("lobby", "c1")
    end,
    line = "DELETE /api/hubs/chat/groups/lobby/connections/c1?" .. version,
    status = 204,
  },
  grant_permission = {
    call = function(hub)
      return hub:grant_permission("joinLeaveGroup", "c1", { target_name = "a/b" })
    end,
    line = "PUT /api/hubs/chat/permissions/joinLeaveGroup/connections/c1?" .. version .. "&targetName=a%2Fb",
    empty = true,
  },
  revoke_permission = {
    call = function(hub)
      return hub:revoke_permission("SENDTOGROUP", "c1", { target_name = "g" })
    end,
    line = "DELETE /api/hubs/chat/permissions/sendToGroup/connections/c1?" .. version .. "&targetName=g",
    status = 204,
  },
  check_permission = {
    call = function(hub)
      return hub:check_permission("sendToGroup", "c1", { target_name = "g" })
    end,
    line = "HEAD /api/hubs/chat/permissions/sendToGroup/connections/c1?" .. version .. "&targetName=g",
  },
  user_exists = {
    call = function(hub)
      return hub:user_exists "ann@example.com"
    end,
    line = "HEAD /api/hubs/chat/users/ann%40example.com?" .. version,
  },
  close_user_connections = {
    call = function(hub)
      return hub:close_user_connections("ann", { excluded = { "c1" } })
    end,
    line = "POST /api/hubs/chat/users/ann/:closeConnections?" .. version .. "&excluded=c1",
    empty = true,
    status = 204,
  },
  send_to_user = {
    call = function(hub)
      return hub:send_to_user("ann", "text", { filter = "'g' in groups", message_ttl_seconds = 300 })
    end,
    line = "POST /api/hubs/chat/users/ann/:send?" .. version .. "&filter=%27g%27%20in%20groups&messageTtlSeconds=300",
    body = [["text"]],
    content_type = "application/json",
    status = 202,
  },
  remove_user_from_all_groups = {
    call = function(hub)
      return hub:remove_user_from_all_groups "ann"
    end,
    line = "DELETE /api/hubs/chat/users/ann/groups?" .. version,
    status = 204,
  },
  add_user_to_group = {
    call = function(hub)
      return hub:add_user_to_group("lobby", "ann")
    end,
    line = "PUT /api/hubs/chat/users/ann/groups/lobby?" .. version,
    empty = true,
  },
  remove_user_from_group = {
    call = function(hub)
      return hub:remove_user_from_group("lobby", "ann")
    end,
    line = "DELETE /api/hubs/chat/users/ann/groups/lobby?" .. version,
    status = 204,
  },
  generate_client_token = {
    call = function(_, endpoint)
      local hub = assert(webpubsub.client {
        endpoint = endpoint,
        hub = "chat",
        allow_insecure_connection = true,
        credential = {
          get_token = function()
            return { token = "bearer-token", expires_on = 2 ^ 40 }
          end,
        },
      })
      return hub:get_client_access_token {
        user_id = "ann",
        roles = { "webpubsub.joinLeaveGroup", "webpubsub.sendToGroup.a b" },
        groups = { "g1", "g2" },
        minutes_to_expire = 5,
        client_protocol = "mqtt",
      }
    end,
    line = "POST /api/hubs/chat/:generateToken?"
      .. version
      .. "&userId=ann&role=webpubsub.joinLeaveGroup&role=webpubsub.sendToGroup.a%20b&group=g1&group=g2"
      .. "&minutesToExpire=5&clientType=MQTT",
    empty = true,
    answer = [[{"token":"abc"}]],
    bearer = "bearer-token",
  },
}

local function claims_of(request)
  local token = request.headers.authorization:match "^Bearer (%S+)$"
  local _, claims = assert(core.token_split(token))
  return core.json_members(claims)
end

describe("the bytes on the wire", function()
  it("are checked for each of the 25 operations", function()
    local count = 0
    for _, row in ipairs(operations.list) do
      assert.is_table(calls[row.name], row.name)
      count = count + 1
    end
    assert.equal(25, count)
  end)

  for _, row in ipairs(operations.list) do
    local expected = calls[row.name]

    it("of " .. row.name .. " are as the contract has them", function()
      local answer = recorder.response(expected.status or 200, "", row.method ~= "HEAD" and expected.answer or nil)
      local server = recorder.start { answer }
      finally(function()
        server:stop()
      end)
      local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key })

      local result, err = expected.call(hub, server.endpoint)
      assert.is_truthy(result, tostring(err))

      local request = server:request()
      assert.equal(expected.line .. " HTTP/1.1", request.line)
      assert.equal("127.0.0.1:" .. server.port, request.headers.host)
      assert.equal("application/json", request.headers.accept)
      assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", request.headers["x-ms-client-request-id"])
      assert.matches("^webpubsub%-lua/", request.headers["user-agent"])
      assert.is_nil(request.headers.expect)
      assert.is_nil(request.headers["accept-encoding"])
      assert.equal(expected.body or "", request.body)
      assert.equal(expected.content_type, request.headers["content-type"])
      if expected.body then
        assert.equal(tostring(#expected.body), request.headers["content-length"])
      elseif expected.empty then
        assert.equal("0", request.headers["content-length"])
      else
        assert.is_nil(request.headers["content-length"])
      end
      if expected.bearer then
        assert.equal("Bearer " .. expected.bearer, request.headers.authorization)
      else
        local target = expected.line:match "^%S+ (%S+)$"
        assert.equal('"' .. server.endpoint .. target .. '"', claims_of(request).aud)
      end
    end)
  end
end)

describe("a signed request", function()
  local server

  before_each(function()
    server = recorder.start { recorder.accepted }
  end)
  after_each(function()
    server:stop()
  end)

  it("expires 300 seconds after it was signed, and has no nbf", function()
    local hub = assert(webpubsub.client {
      endpoint = server.endpoint,
      hub = "chat",
      credential = key,
      clock = function()
        return 1700000000.9
      end,
    })
    assert(hub:send_to_all "x")
    local claims = claims_of(server:request())
    assert.equal("1700000000", claims.iat)
    assert.equal("1700000300", claims.exp)
    assert.is_nil(claims.nbf)
  end)

  it("goes to the reverse proxy with the service's own URL as audience", function()
    local hub = assert(webpubsub.client {
      endpoint = "https://name.webpubsub.azure.com",
      reverse_proxy_endpoint = server.endpoint .. "/gateway/",
      hub = "chat",
      credential = key,
    })
    assert(hub:send_to_group("lobby", "x"))
    local request = server:request()
    assert.equal("POST /gateway/api/hubs/chat/groups/lobby/:send?api-version=2024-12-01 HTTP/1.1", request.line)
    assert.equal("127.0.0.1:" .. server.port, request.headers.host)
    assert.equal(
      '"https://name.webpubsub.azure.com/api/hubs/chat/groups/lobby/:send?api-version=2024-12-01"',
      claims_of(request).aud
    )
  end)

  it("carries metadata, own headers and a given request id", function()
    local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key })
    local ok, response = hub:send_to_all("x", {
      metadata = { trace = "t-1", color = "red green" },
      headers = { ["X-Own"] = "yes" },
      request_id = "my-id",
    })
    assert.is_true(ok)
    assert.equal("my-id", response.request_id)
    assert.equal(202, response.status)
    local request = server:request()
    assert.equal("t-1", request.headers["x-webpubsub-metadata-trace"])
    assert.equal("red green", request.headers["x-webpubsub-metadata-color"])
    assert.equal("yes", request.headers["x-own"])
    assert.equal("my-id", request.headers["x-ms-client-request-id"])
  end)

  it("uses another api-version when told", function()
    local hub = assert(
      webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key, api_version = "2021-10-01" }
    )
    assert(hub:send_to_all "x")
    assert.equal("POST /api/hubs/chat/:send?api-version=2021-10-01 HTTP/1.1", server:request().line)
  end)

  it("is signed with the new key after the key was rotated on the live client", function()
    local mac = require "webpubsub.mac"
    local credential = assert(webpubsub.key "the first key")
    local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = credential })
    for _, text in ipairs { "the first key", "the second key" } do
      assert(credential:update(text))
      assert(hub:send_to_all "x")
      local token = server:request().headers.authorization:match "^Bearer (%S+)$"
      local _, _, signature, input = core.token_split(token)
      assert.equal(mac.new(text):sign(input), signature)
    end
  end)

  it("names the application first in the user agent", function()
    local hub =
      assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key, application_id = "shop/1" })
    assert(hub:send_to_all "x")
    assert.matches("^shop/1 webpubsub%-lua/", server:request().headers["user-agent"])
  end)

  it("is what prepare returns without sending it", function()
    local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key })
    local made = assert(hub:prepare("send_to_user", "ann", { n = 1 }, { message_ttl_seconds = 3 }))
    assert.equal("POST", made.method)
    assert.equal(
      server.endpoint .. "/api/hubs/chat/users/ann/:send?api-version=2024-12-01&messageTtlSeconds=3",
      made.url
    )
    assert.equal('{"n":1}', made.body)
    assert.equal("Authorization", made.headers[1])
    assert.matches("^Bearer %S+$", made.headers[2])
    assert.is_nil(tostring(made):find("Bearer", 1, true))
    assert.is_true(server:is_quiet(0.2))
  end)

  it("is what send_request makes of a path, a query and a table", function()
    local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key })
    local response = assert(hub:send_request {
      method = "POST",
      path = "/api/hubs/{hub}/:send",
      query = { excluded = { "a", "b" }, messageTtlSeconds = 5 },
      body = { n = 1 },
    })
    assert.equal(202, response.status)
    local request = server:request()
    local target = "/api/hubs/chat/:send?api-version=2024-12-01&excluded=a&excluded=b&messageTtlSeconds=5"
    assert.equal("POST " .. target .. " HTTP/1.1", request.line)
    assert.equal('{"n":1}', request.body)
    assert.equal("application/json", request.headers["content-type"])
    assert.equal('"' .. server.endpoint .. target .. '"', claims_of(request).aud)
  end)

  it("reuses its connection", function()
    local hub = assert(webpubsub.client { endpoint = server.endpoint, hub = "chat", credential = key })
    for _ = 1, 3 do
      assert(hub:send_to_all "x")
    end
    for _ = 1, 3 do
      assert.equal("POST", server:request().method)
    end
  end)
end)
