describe("two thousand clients in one hub", function()
  it("receive fifty broadcasts complete and in order", function()
    local pipe = assert(io.popen "ulimit -n 8192; LUA=luajit script/lua bench/crowd.lua 2000 50 2>&1")
    local text = pipe:read "*a"
    pipe:close()
    assert.are.equal("100000", text:match "^(%d+) ", text)
  end)
end)
