local core = require "webpubsub.core"
local support = require "spec.command.support"

local sigint, sigterm = 2, 15
local seconds = 15

local function start(...)
  return support.start(nil, true, ...)
end

local function run(...)
  return support.run_merged(nil, ...)
end

local read_until = support.read_until

describe("the command webpubsub", function()
  it("says how it is used and which version it is", function()
    local code, text = run "--help"
    assert.are.equal(0, code)
    assert.is_truthy(text:find("emulator", 1, true))
    code, text = run "--version"
    assert.are.equal(0, code)
    assert.are.equal("webpubsub " .. require "webpubsub.version" .. "\n", text)
  end)

  it("answers what it does not know with one sentence", function()
    for _, arguments in ipairs { { "dance" }, {}, { "emulator", "--colour", "red" }, { "emulator", "--port", "x" } } do
      local code, text = run((unpack or table.unpack)(arguments))
      assert.are.equal(2, code)
      assert.is_truthy(text:find "^webpubsub: [^\n]+\n$", text)
    end
  end)

  it("runs the emulator, prints a connection string that is ready, and ends cleanly on signals", function()
    for _, signal in ipairs { sigint, sigterm } do
      local child = start("emulator", "--port", "0")
      local text = read_until(child, "client to try: [^\n]*\n")
      local connection_string = assert(text:match "connection string: +(%S+)\n")
      local parsed = assert(core.parse_connection_string(connection_string))
      assert.is_truthy(parsed.endpoint:find "^http://localhost:%d+$")
      -- Contract, connection string: the key of the development string.
      assert.are.equal("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH", parsed.access_key)
      child:kill(signal)
      assert.are.equal(0, child:wait(seconds))
      child:close()
    end
  end)

  it("ends with whoever holds its standard input", function()
    local child = start("emulator", "--port", "0", "--lifeline")
    read_until(child, "client to try: [^\n]*\n")
    child:release()
    assert.are.equal(0, child:wait(seconds))
    child:close()
  end)

  it("says in one sentence that a port is taken", function()
    local child = start("emulator", "--port", "0")
    local port = read_until(child, "client to try: [^\n]*\n"):match "localhost:(%d+)"
    local code, text = run("emulator", "--port", port)
    assert.are.equal(1, code)
    assert.is_truthy(text:find("^webpubsub: [^\n]*port " .. port .. "[^\n]*%.\n$"), text)
    child:kill(sigterm)
    child:close()
  end)
end)
