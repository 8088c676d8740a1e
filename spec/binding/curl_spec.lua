-- The blocking transport's userdata, with finalizers that run in the middle of a send.

local curl = require "webpubsub.curl"
local recorder = require "spec.support.recorder"

--- Garbage whose collection calls f, on every Lua.
local function garbage(f)
  if newproxy then
    getmetatable(newproxy(true)).__gc = f
  else
    setmetatable({}, { __gc = f })
  end
end

describe("webpubsub.curl", function()
  local server
  local body = ("answer "):rep(10000)

  before_each(function()
    server = recorder.start { recorder.response(200, "X-Long: " .. ("h"):rep(2000) .. "\r\n", body) }
  end)
  after_each(function()
    server:stop()
  end)

  local function send(easy)
    return easy:send("GET", server.endpoint .. "/", {}, nil, 5, true)
  end

  it("hands over whole answers while finalizers send with the same transport", function()
    local easy = assert(curl.easy {})
    local refusals = 0
    -- At most 110 requests: the recorder's pipe, which nobody reads here, holds that many.
    for _ = 1, 10 do
      for _ = 1, 10 do
        garbage(function()
          local ok = pcall(send, easy)
          refusals = refusals + (ok and 0 or 1)
        end)
      end
      local status, _, got = send(easy)
      assert.equal(200, status)
      assert.is_true(got == body)
    end
    collectgarbage()
    easy:close()
  end)

  it("hands over whole answers while finalizers close the transport", function()
    for _ = 1, 40 do
      local easy = assert(curl.easy {})
      for _ = 1, 20 do
        garbage(function()
          easy:close()
        end)
      end
      local ok, status, _, got = pcall(send, easy)
      if ok and status then
        assert.equal(200, status)
        assert.is_true(got == body)
      end
      pcall(easy.close, easy)
    end
  end)
end)

describe("the JSON encoder", function()
  local core = require "webpubsub.core"

  it("survives finalizers that change the table it is writing", function()
    for round = 1, 60 do
      local t = {}
      for i = 1, 60 do
        t["key " .. i] = ("x"):rep(100)
      end
      for i = 1, 30 do
        garbage(function()
          t["new " .. round .. " " .. i] = true
          t["key " .. i] = nil
        end)
      end
      local text, sentence = core.json_encode(t)
      if text then
        assert.is_true((core.json_check(text)))
      else
        assert.is_string(sentence)
      end
    end
  end)

  it("survives weak tables", function()
    for _ = 1, 60 do
      local t = setmetatable({}, { __mode = "kv" })
      for i = 1, 60 do
        t["key " .. i] = { ("x"):rep(100) }
      end
      local text = core.json_encode { ("y"):rep(5000), t }
      assert.is_true(text == nil or core.json_check(text))
    end
  end)
end)
