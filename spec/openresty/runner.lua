-- Runs busted spec files inside a request of nginx: describe, it, setup, teardown, before_each, after_each, finally,
-- and luassert's assert. Each result is one line of JSON in the answer, { name, ok, detail }; the last has { done }.

local cjson = require "cjson"
local luassert = require "luassert"

local runner = {}

local hooks = { "setup", "teardown", "before_each", "after_each" }

local function new_block(name, parent)
  local block = { name = name, parent = parent, children = {} }
  for _, hook in ipairs(hooks) do
    block[hook] = {}
  end
  return block
end

--- The globals of a spec file, collecting into the tree at root. finally belongs to the check that runs.
local function environment(root)
  local current = root
  local env = setmetatable({ assert = luassert }, { __index = getfenv(0) })
  function env.describe(name, body)
    local block = new_block(name, current)
    table.insert(current.children, block)
    current = block
    body()
    current = block.parent
  end
  env["it"] = function(name, body)
    table.insert(current.children, { name = name, check = body })
  end
  function env.finally(body)
    table.insert(root.last, body)
  end
  for _, hook in ipairs(hooks) do
    env[hook] = function(body)
      table.insert(current[hook], body)
    end
  end
  return env
end

local function describe_failure(reason)
  return debug.traceback(tostring(type(reason) == "table" and reason.message or reason), 2)
end

local function run_hooks(block, hook)
  for _, body in ipairs(block[hook]) do
    body()
  end
end

local function run_around(block, hook, outermost_first)
  if not block then
    return
  end
  if outermost_first then
    run_around(block.parent, hook, true)
  end
  run_hooks(block, hook)
  if not outermost_first then
    run_around(block.parent, hook, false)
  end
end

local function report(sink, name, ok, detail)
  sink.count = sink.count + 1
  sink.write(cjson.encode { name = name, ok = ok, detail = detail } .. "\n")
end

local function run_after(root, block)
  for _, body in ipairs(root.last) do
    body()
  end
  root.last = {}
  run_around(block, "after_each", false)
end

local function run_check(sink, block, name, check)
  local ok, detail = xpcall(function()
    run_around(block, "before_each", true)
    check()
  end, describe_failure)
  local cleaned, trouble = xpcall(run_after, describe_failure, sink.root, block)
  report(sink, name, ok and cleaned, detail or trouble)
end

local function run_block(sink, block, prefix)
  local ok, detail = xpcall(run_hooks, describe_failure, block, "setup")
  if not ok then
    report(sink, prefix .. "setup", false, detail)
  end
  for _, child in ipairs(ok and block.children or {}) do
    local name = prefix .. child.name
    if child.check then
      run_check(sink, block, name, child.check)
    else
      run_block(sink, child, name .. " ")
    end
  end
  ok, detail = xpcall(run_hooks, describe_failure, block, "teardown")
  if not ok then
    report(sink, prefix .. "teardown", false, detail)
  end
end

--- Runs the file and hands each line to write.
function runner.run(path, write)
  local root = new_block(nil, nil)
  root.last = {}
  local sink = { count = 0, write = write, root = root }
  local chunk, sentence = loadfile(path)
  if not chunk then
    report(sink, path, false, sentence)
  else
    local ok, detail = xpcall(setfenv(chunk, environment(root)), describe_failure)
    if ok then
      run_block(sink, root, "")
    else
      report(sink, path, false, detail)
    end
  end
  write(cjson.encode { done = sink.count } .. "\n")
end

return runner
