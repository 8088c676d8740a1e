-- Tokens inside nginx: one request for all callers of a worker, and of all workers that share a dict.

local nginx = require "spec.openresty.nginx"

-- nginx is its own authority and service: a slow token endpoint that counts, and a hub that counts.
local http = [[
  lua_shared_dict notes 1m;
  lua_shared_dict tokens 1m;
  lua_check_client_abort on;
  init_by_lua_block {
    local webpubsub = require "webpubsub"
    clock = 1800000000
    hub = assert(webpubsub.client {
      endpoint = "http://127.0.0.1:$port",
      hub = "chat",
      allow_insecure_connection = true,
      clock = function() return clock end,
      credential = assert(webpubsub.client_secret_credential {
        tenant_id = "t", client_id = "c", client_secret = "s",
        authority = "http://127.0.0.1:$port", allow_insecure_connection = true, SHARED
      }),
    })
  }
  WORKERS
]]

local server = [[
  location = /t/oauth2/v2.0/token {
    content_by_lua_block {
      local count = ngx.shared.notes:incr("tokens", 1, 0)
      ngx.sleep(0.3)
      ngx.print('{"access_token":"token', count, '","expires_in":3600}')
    }
  }
  location /api/ {
    content_by_lua_block {
      local bearer = ngx.var.http_authorization
      ngx.shared.notes:incr("with " .. bearer, 1, 0)
      ngx.status = bearer == "REFUSED" and 401 or 202
    }
  }
  location = /burst {
    content_by_lua_block {
      clock = clock + 4000
      local threads, sent = {}, 0
      for i = 1, 200 do
        threads[i] = ngx.thread.spawn(function()
          local ok, err = hub:send_to_all "x"
          if ok then sent = sent + 1 else ngx.log(ngx.ERR, tostring(err)) end
        end)
      end
      for i = 1, 200 do ngx.thread.wait(threads[i]) end
      ngx.print(sent)
    }
  }
  location = /one {
    content_by_lua_block {
      clock = clock + 4000
      ngx.shared.notes:incr("begun", 1, 0)
      hub:send_to_all "x"
    }
  }
  location = /stored { content_by_lua_block {
    for _, key in ipairs(ngx.shared.tokens:get_keys()) do ngx.print(ngx.shared.tokens:get(key)) end
  } }
  location = /forget { content_by_lua_block { ngx.shared.notes:delete "signed"; ngx.print "x" } }
  location = /later { content_by_lua_block { clock = clock + ngx.var.arg_seconds; ngx.print "later" } }
  location = /log {
    content_by_lua_block { ngx.print "x" }
    log_by_lua_block {
      local made, err = hub:prepare("send_to_all", "x")
      ngx.shared.notes:set("signed", made and made.headers[2] or err.code .. " " .. err.outcome .. " " .. err.message)
    }
  }
  location = /set {
    set_by_lua_block $signed {
      local made, err = hub:prepare("send_to_all", "x")
      return made and made.headers[2] or err.code
    }
    content_by_lua_block { ngx.print(ngx.var.signed) }
  }
  location = /again { content_by_lua_block { ngx.print(tostring(hub:send_to_all "x")) } }
  location = /note { content_by_lua_block { ngx.print(ngx.shared.notes:get(ngx.unescape_uri(ngx.var.arg_name)) or 0) } }
]]

local each_worker = [[
  init_worker_by_lua_block {
    ngx.timer.at(0, function()
      local ok, err = hub:send_to_all "x"
      ngx.shared.notes:incr(ok and "sent" or "failed", 1, 0)
      if not ok then ngx.log(ngx.ERR, tostring(err)) end
    end)
  }
]]

--- Each worker sends three times; `notes` counts the successes, the failures and the workers that are done.
local each_worker_thrice = [[
  init_worker_by_lua_block {
    ngx.timer.at(0, function()
      for i = 1, 3 do
        local ok, err = hub:send_to_all "x"
        ngx.shared.notes:incr(ok and "sent" or err.code, 1, 0)
      end
      ngx.shared.notes:incr("done", 1, 0)
    end)
  }
]]

local function start(shared, workers, code, refused)
  local text = http:gsub("SHARED", shared):gsub("WORKERS", code)
  local locations = server:gsub("REFUSED", refused or "")
  local host = nginx.start { http = text, server = locations, workers = workers }
  finally(function()
    host:stop()
  end)
  return host
end

--- What a location's log_by_lua noted: it runs after the answer.
local function signed_by_log(host)
  host:body "/forget"
  host:body "/log"
  return nginx.wait_for(5, "log_by_lua noted nothing", function()
    local text = host:body "/note?name=signed"
    return text ~= "0" and text
  end)
end

local function note(host, name)
  return tonumber(host:body("/note?name=" .. name))
end

describe("a token inside nginx", function()
  it("is fetched once for 200 calls of one worker that find it expired", function()
    local host = start("", 1, "")
    assert.equal("200", host:body("/burst", 20))
    assert.equal("200", host:body("/burst", 20))
    assert.equal(2, note(host, "tokens"))
    assert.equal(200, note(host, "with%20Bearer%20token2"))
  end)

  it("is fetched once for four workers that share a dict", function()
    local host = start('shared_dict = "tokens"', 4, each_worker)
    nginx.wait_for(10, "the workers did not send", function()
      return note(host, "sent") + note(host, "failed") == 4
    end)
    assert.equal(4, note(host, "sent"), host:log())
    assert.equal(1, note(host, "tokens"))
    assert.equal(4, note(host, "with%20Bearer%20token1"))
  end)

  it("is fetched by each of four workers that share none, for contrast", function()
    local host = start("", 4, each_worker)
    nginx.wait_for(10, "the workers did not send", function()
      return note(host, "sent") == 4
    end)
    assert.equal(4, note(host, "tokens"))
  end)

  it("comes for the next request when the one that began is aborted", function()
    local host = start("", 1, "")
    local answer = host:get("/one", 0.1)
    assert.is_nil(answer)
    assert.equal(1, note(host, "begun"))
    assert.equal("true", host:body "/again")
    assert.equal(1, note(host, "tokens"))
  end)

  it("is dropped when the service refuses it, by one worker", function()
    local host = start("", 1, "", "Bearer token1")
    assert.equal("nil", host:body "/again")
    assert.equal("true", host:body "/again")
    assert.equal("true", host:body "/again")
    assert.same(
      { 2, 1, 2 },
      { note(host, "tokens"), note(host, "with%20Bearer%20token1"), note(host, "with%20Bearer%20token2") }
    )
  end)

  it("is dropped from the dict too, and replaced there once for four workers", function()
    local host = start('shared_dict = "tokens"', 4, each_worker_thrice, "Bearer token1")
    nginx.wait_for(20, "the workers did not end", function()
      return note(host, "done") == 4
    end)
    local refused = note(host, "with%20Bearer%20token1")
    assert.is_true(refused >= 1 and refused <= 4)
    assert.same({ 2, refused, 12 - refused }, { note(host, "tokens"), note(host, "unauthorized"), note(host, "sent") })
    local stored = host:body "/stored"
    assert(stored:find("token2", 1, true), stored)
    assert.is_nil(stored:find("token1", 1, true))
  end)

  it("cannot be waited for in a phase without sockets, which says so in a sentence", function()
    local host = start("", 1, "")
    assert.equal("phase_not_allowed not_sent ", signed_by_log(host):match "^%S+ %S+ ")
    assert(signed_by_log(host):find("nginx allows no sockets in the phase log", 1, true))
    assert.equal("phase_not_allowed", host:body "/set")
    assert.equal(0, note(host, "tokens"))
    assert.equal("true", host:body "/again")
    assert.equal("Bearer token1", signed_by_log(host))
    host:body "/later?seconds=3500" -- due, and still valid
    assert.equal("Bearer token1", signed_by_log(host))
    assert.equal("Bearer token1", host:body "/set")
    host:body "/later?seconds=100"
    assert.equal("phase_not_allowed", signed_by_log(host):match "^%S+")
    assert.equal(1, note(host, "tokens"))
  end)

  it("is kept from whoever reads the log, and developer tools are refused in a sentence", function()
    local host = nginx.start {
      server = [[
        location = /az {
          content_by_lua_block {
            local webpubsub = require "webpubsub"
            local hub = assert(webpubsub.client {
              endpoint = "https://name.webpubsub.azure.com", hub = "chat",
              credential = webpubsub.azure_cli_credential(),
            })
            local _, err = hub:send_to_all "x"
            ngx.print(tostring(err))
          }
        }
      ]],
    }
    finally(function()
      host:stop()
    end)
    assert(host:body("/az"):find("inside nginx no child process can be started", 1, true))
    assert.is_nil(host:log():find "%[error%]")
  end)
end)
