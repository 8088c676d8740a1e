-- What the locations of the specs call: sends, and notes of what came of them.

local cjson = require "cjson"
local core = require "webpubsub.core"
local webpubsub = require "webpubsub"

local probe = {}

--- Makes the client that note() uses; fine in init_by_lua, since making one does no I/O.
function probe.make(endpoint)
  probe.endpoint = endpoint
  probe.hub = assert(webpubsub.client { endpoint = endpoint, hub = "chat", credential = "key", timeout = 10 })
end

local function describe(ok, err)
  return cjson.encode { ok = ok and true or false, code = not ok and err.code, message = not ok and err.message }
end

--- Sends from the phase that runs and puts what came of it under its name.
function probe.note(name)
  ngx.shared.notes:set(name, describe(probe.hub:send_to_all(name)))
end

--- One GET by the transport with options → JSON of what came back.
function probe.get(url, options, seconds)
  local transport = assert(require("webpubsub.transport.openresty").new(options))
  local request = { method = "GET", url = url, headers = {}, idempotent = true }
  local response, err = transport:send(request, transport:now() + (seconds or 5))
  return cjson.encode(response and { status = response.status, body = response.body } or {
    code = err.code,
    outcome = err.outcome,
    message = err.message,
  })
end

--- Sends 32 times 20 messages, 32 at once. How many went.
function probe.burst()
  local threads, sent = {}, 0
  for i = 1, 32 do
    threads[i] = ngx.thread.spawn(function()
      for _ = 1, 20 do
        if probe.hub:send_to_all "hello" then
          sent = sent + 1
        end
      end
    end)
  end
  for _, thread in ipairs(threads) do
    ngx.thread.wait(thread)
  end
  return sent
end

--- Sends count messages at once in a timer; the note `sends` has how many went and how long that took.
function probe.send_many(count, transport)
  local hub = probe.hub
  if transport then
    hub =
      assert(webpubsub.client { endpoint = probe.endpoint, hub = "chat", credential = "key", transport = transport })
  end
  ngx.shared.notes:delete "sends"
  assert(ngx.timer.at(0, function()
    local began, threads, sent = core.monotonic(), {}, 0
    for i = 1, count do
      threads[i] = ngx.thread.spawn(hub.send_to_all, hub, i)
    end
    for _, thread in ipairs(threads) do
      local _, ok = ngx.thread.wait(thread)
      sent = sent + (ok and 1 or 0)
    end
    ngx.shared.notes:set("sends", cjson.encode { sent = sent, seconds = core.monotonic() - began })
  end))
end

return probe
