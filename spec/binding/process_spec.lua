local process = require "webpubsub.process"

describe("webpubsub.process", function()
  it("gives a child's output and exit code", function()
    local child = assert(process.start({ "sh", "-c", "echo $GREETING; exit 3" }, {
      capture_output = true,
      environment = { "GREETING=hello" },
    }))
    assert.equal("hello\n", child:read(5))
    assert.same({ nil, "end" }, { child:read(5) })
    assert.equal(3, child:wait(5))
    child:close()
  end)

  it("starts no shell: arguments arrive as they are", function()
    local child = assert(process.start({ "printf", "%s|", "a b", "$HOME", "'\"" }, { capture_output = true }))
    assert.equal("a b|$HOME|'\"|", child:read(5))
    child:close()
  end)

  it("starts a child in its directory", function()
    local child = assert(process.start({ "pwd" }, { capture_output = true, directory = "/" }))
    assert.equal("/\n", child:read(5))
    child:close()
    assert.is_nil((process.start({ "pwd" }, { directory = "/no/such/directory" })))
    for _, bad in ipairs { 1, "/\0" } do
      assert.has_error(function()
        process.start({ "pwd" }, { directory = bad })
      end)
    end
  end)

  it("says that there is no such program", function()
    local child, sentence, errno = process.start { "no-such-program-at-all" }
    assert.is_nil(child)
    assert.is_string(sentence)
    assert.equal(2, errno)
  end)

  it("lets a child see the end of its standard input, and kills what does not end", function()
    local child = assert(process.start({ "sh", "-c", "cat > /dev/null; echo over" }, { capture_output = true }))
    child:release()
    assert.equal("over\n", child:read(5))
    assert.equal(0, child:wait(5))
    local sleeper = assert(process.start { "sleep", "60" })
    assert.same({ nil, "timeout" }, { sleeper:wait(0.05) })
    assert.is_true((sleeper:kill()))
    assert.same({ nil, 15 }, { sleeper:wait(5) })
  end)

  it("refuses a closed child", function()
    local child = assert(process.start { "true" })
    child:close()
    assert.has_error(function()
      child:id()
    end)
  end)
end)
