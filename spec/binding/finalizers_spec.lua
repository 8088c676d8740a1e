-- Finalizers that close an object of C while a method of it allocates what it answers.

local certificates = require "spec.support.certificates"
local core = require "webpubsub.core"
local curl = require "webpubsub.curl"
local files = require "spec.support.files"
local run = require "spec.support.run"

--- Garbage whose collection closes an object, on every Lua.
local function garbage(object)
  local function close()
    object:close()
  end
  for _ = 1, 20 do
    if newproxy then
      getmetatable(newproxy(true)).__gc = close
    else
      setmetatable({}, { __gc = close })
    end
  end
end

--- Calls f with garbage that closes the object and is collected at the first allocation in f. What pcall answers.
local function closing_in(object, f, ...)
  collectgarbage()
  collectgarbage "stop"
  garbage(object)
  collectgarbage "restart"
  return pcall(f, object, ...)
end

describe("an object that a finalizer closes", function()
  --- Lua 5.4: each step in this mode is a whole collection. Elsewhere a step this long is one; Lua 5.1 takes it
  -- before the call, which then finds the object closed.
  local mode, pause, multiplier
  setup(function()
    if _VERSION == "Lua 5.4" then
      mode = collectgarbage "generational"
    else
      -- With an eager pause every later allocation would be a whole collection too.
      pause, multiplier = collectgarbage("setpause", 200), collectgarbage("setstepmul", 100000000)
    end
  end)
  teardown(function()
    if _VERSION == "Lua 5.4" then
      collectgarbage(mode)
    else
      collectgarbage("setpause", pause)
      collectgarbage("setstepmul", multiplier)
    end
  end)

  local refused = "http://127.0.0.1:1/" -- nobody listens there

  it("while the poller tells of a failure", function()
    local closed = 0
    for _ = 1, 50 do
      local multi = assert(curl.multi {})
      local _, place = multi:add("GET", refused, {}, nil, core.monotonic() + 5, true)
      local finished = 0
      while finished == 0 do
        multi:poll(5)
        finished = select(3, multi:counts())
      end
      local ok, at, status, sentence, word, outcome, starts = closing_in(multi, multi.finished)
      if ok then
        assert.same({ place, nil, "connect_failed", "not_sent", 0 }, { at, status, word, outcome, starts })
        assert.truthy(sentence:find("127.0.0.1", 1, true))
      else
        assert.truthy(at:find("the poller is closed", 1, true))
      end
      closed = closed + (pcall(multi.counts, multi) and 0 or 1)
    end
    assert.is_true(closed > 0) -- or the collector ran at another time, and nothing was shown
  end)

  it("while the blocking transport tells of a failure", function()
    local closed = 0
    for _ = 1, 50 do
      local easy = assert(curl.easy {})
      local ok, status, _, word, outcome, starts = closing_in(easy, easy.send, "GET", refused, {}, nil, 5, true)
      if ok then
        assert.same({ nil, "connect_failed", "not_sent", 0 }, { status, word, outcome, starts })
      else
        assert.truthy(status:find("the transport is closed", 1, true))
      end
      closed = closed + (pcall(easy.send, easy, "GET", refused, {}, nil, 5, true) and 0 or 1)
    end
    assert.is_true(closed > 0)
  end)

  it("while a certificate gives its chain", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert(run { "mkdir", folder } == 0)
    local base = certificates.self_signed(folder, "one")
    local pem, der = files.read(base .. ".key") .. files.read(base .. ".crt"), certificates.der(base)
    run { "rm", "-r", folder }
    local refusals = 0
    for _ = 1, 50 do
      local certificate = assert(require("webpubsub.openssl").certificate(pem))
      local ok, answer = closing_in(certificate, certificate.chain)
      if ok then
        assert.same({ der }, answer)
      else
        assert.truthy(answer:find("the certificate is closed", 1, true))
        refusals = refusals + 1
      end
    end
    assert.is_true(refusals > 0)
  end)
end)
