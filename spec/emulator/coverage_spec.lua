-- Every "yes" and "differs" of docs/emulator-coverage.md names a spec that is there.

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close() ~= nil
end

describe("the coverage table", function()
  local rows = {}
  for line in io.lines "docs/emulator-coverage.md" do
    local what, here, theirs, spec = line:match "^| (.-) | (.-) | (.-) | ?(.-) ?|$"
    if what and what ~= "what" and not what:find "^%-" then
      rows[#rows + 1] = { what = what, here = here, theirs = theirs, spec = spec:match "^`(.-)`$" }
    end
  end

  it("has the rows of REST, clients and event handlers", function()
    assert.is_true(#rows >= 60, tostring(#rows))
  end)

  it("says yes, differs or no in every row", function()
    for _, row in ipairs(rows) do
      assert(row.here:find "^yes" or row.here:find "^differs: " or row.here:find "^no", row.what)
    end
  end)

  it("names a spec that exists wherever something is there", function()
    for _, row in ipairs(rows) do
      if not row.here:find "^no" then
        assert(row.spec and exists(row.spec), row.what)
      else
        assert.is_nil(row.spec, row.what)
      end
    end
  end)
end)
