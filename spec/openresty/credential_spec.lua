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
      ngx.shared.notes:incr("with " .. ngx.var.http_authorization, 1, 0)
      ngx.status = 202
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

local function start(shared, workers, code)
  local text = http:gsub("SHARED", shared):gsub("WORKERS", code)
  local host = nginx.start { http = text, server = server, workers = workers }
  finally(function()
    host:stop()
  end)
  return host
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
