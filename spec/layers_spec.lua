-- Who may use whom. The table is that of docs/design.md; a file that is in no room of it fails.

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- Modules that a Lua file requires, comments left out.
local function required_by(path)
  local found = {}
  for line in read(path):gmatch "[^\n]+" do
    local code = line:gsub("%-%-.*$", "")
    for name in code:gmatch "require%s*%(?%s*[\"']([%w_.]+)[\"']" do
      found[#found + 1] = name
    end
  end
  return found
end

local ground = {
  "error",
  "json",
  "log",
  "options",
  "names",
  "keys",
  "version",
  "core",
  "http_date",
  "loopback",
  "secret",
}

-- room (pattern of the file below lua/webpubsub) → what it may use besides the ground
local rooms = {
  { "^init$", { "client", "credential.*", "events", "filter", "metrics", "transport.poller" } },
  {
    "^client$",
    { "attempt", "client.*", "client_options", "client_state", "exchange", "fan_out", "group", "operations", "pages" },
  },
  { "^client%.call$", { "arguments", "client_options", "operations", "pages", "pipeline.*", "trace_context" } },
  {
    "^client%.access_token$",
    { "attempt", "client.call", "client_options", "client_token", "exchange", "operations", "pipeline.signer" },
  },
  { "^client_state$", { "client_options", "credential.key", "hooks", "metrics", "transport" } },
  { "^client_options$", { "client_token", "operations" } },
  { "^client_token$", {} },
  { "^arguments$", { "pipeline.message" } },
  { "^attempt$", { "pipeline.*" } },
  { "^exchange$", { "attempt", "hooks", "pipeline.*" } },
  { "^hooks$", {} },
  { "^metrics$", {} },
  { "^trace_context$", {} },
  { "^fan_out$", { "client_options", "filter", "operations", "pipeline.message" } },
  { "^group$", {} },
  { "^pages$", {} },
  { "^pipeline%.", {} },
  { "^operations$", {} },
  { "^filter$", {} },
  { "^credential%.key$", { "mac" } },
  { "^credential%.", { "certificate", "credential.*", "host.openresty", "pipeline.response", "process" } },
  { "^certificate$", { "certificate.openresty", "host.openresty", "openssl" } },
  { "^certificate%.openresty$", {} },
  { "^host%.openresty$", {} },
  { "^host%.lua_http$", {} },
  { "^transport$", { "host.openresty", "transport.*" } },
  { "^transport%.blocking$", { "curl" } },
  { "^transport%.openresty", { "host.openresty", "transport.openresty.*" } },
  { "^mac$", { "host.openresty", "mac.openresty", "openssl" } },
  { "^mac%.openresty$", {} },
  { "^outbox$", { "host.openresty", "outbox.openresty" } },
  { "^outbox%.queue$", {} },
  { "^outbox%.openresty", { "client", "outbox.queue", "outbox.openresty.sender" } },
  { "^transport%.poller", { "curl", "transport.poller.*" } },
  { "^events", { "events.*", "host.lua_http", "mac" } },
  { "^emulator", { "emulator", "emulator.*", "host.lua_http", "operations", "mac", "process", "transport.blocking" } },
  -- The command line: everything public, and what a check of names and tokens needs.
  {
    "^command",
    {
      "webpubsub",
      "command.*",
      "emulator.config",
      "emulator.luajit",
      "emulator.main",
      "mac",
      "openssl",
      "operations",
      "pipeline.message",
      "pipeline.response",
      "process",
    },
  },
  { "^error$", {} },
  { "^json$", {} },
  { "^log$", {} },
  { "^options$", {} },
  { "^names$", {} },
  { "^keys$", {} },
  { "^version$", {} },
  { "^http_date$", {} },
  { "^loopback$", {} },
  { "^secret$", {} },
}

local outside = {
  ["^json$"] = { "cjson" },
  ["^mac%.openresty$"] = { "ffi" },
  ["^certificate%.openresty$"] = { "ffi" },
  ["^outbox%.openresty%.sender$"] = { "ngx.semaphore" },
  -- Under LuaJIT alone; lua-http brings luaossl along.
  ["^events%.lua_http$"] = { "cqueues.*", "http.headers" },
  ["^host%.lua_http$"] = { "cqueues.*" },
  ["^emulator%.server"] = { "cqueues.*", "http.*", "openssl.*", "ffi", "bit" },
  ["^command$"] = { "argparse" },
  ["^command%.luajit$"] = { "argparse", "http.websocket" }, -- in the trial that LuaJIT runs
  ["^command%.websocket$"] = { "cqueues.*", "http.websocket" },
  ["^command%.listen$"] = { "cqueues" },
  ["^emulator%.main$"] = { "cqueues.*", "http.*" },
}

local function matches(name, allowed)
  for _, pattern in ipairs(allowed) do
    if pattern == name or (pattern:sub(-2) == ".*" and (name .. "."):sub(1, #pattern - 1) == pattern:sub(1, -2)) then
      return true
    end
  end
  return false
end

local function room_of(module)
  for _, room in ipairs(rooms) do
    if module:find(room[1]) then
      return room
    end
  end
end

local function may_use(module, room, name)
  local own = name == "webpubsub" and name or name:match "^webpubsub%.(.+)$"
  if own then
    return matches(own, ground) or matches(own, room[2])
  end
  for pattern, allowed in pairs(outside) do
    if module:find(pattern) and matches(name, allowed) then
      return true
    end
  end
  return false
end

local lua_files = lines_of "find lua/webpubsub -name '*.lua' | sort"

describe("the house", function()
  it("is looked at whole", function()
    assert.is_true(#lua_files > 30)
  end)

  for _, path in ipairs(lua_files) do
    local module = path:gsub("^lua/webpubsub/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")

    it("lets " .. module .. " use only what its room allows", function()
      local room = assert(room_of(module), module .. " is in no room")
      for _, name in ipairs(required_by(path)) do
        assert(may_use(module, room, name), module .. " may not use " .. name)
      end
    end)

    it("has no word of nginx, goto, bit operators or globals set in " .. module, function()
      local code = read(path):gsub("%-%-[^\n]*", "")
      if not path:find "openresty" then
        assert.is_nil(code:find "%f[%w_]ngx%f[^%w_]", module)
      end
      assert.is_nil(code:find "%f[%w_]goto%s+[%a_]", module)
      assert.is_nil(code:find "%f[%w_]_G%f[^%w_]", module)
    end)
  end

  local c_rooms = {
    { "core/src", {} },
    { "core/process", {} },
    { "core/openssl", { openssl = true } },
    { "core/curl", { curl = true } },
    { "lua/binding", { lua = true } },
  }

  for _, room in ipairs(c_rooms) do
    it("keeps outside libraries out of " .. room[1], function()
      local files = lines_of("find " .. room[1] .. " -name '*.[ch]'")
      assert.is_true(#files > 0)
      for _, path in ipairs(files) do
        local text = read(path)
        for _, library in ipairs { "openssl", "curl" } do
          if text:find("#include <" .. library .. "/") then
            assert.is_true(room[2][library] == true, path .. " includes " .. library)
          end
        end
        if text:find "#include <l?ua[%w]*%.h>" or text:find "#include <lauxlib%.h>" then
          assert.is_true(room[2].lua == true, path .. " includes Lua")
        end
        if room[2].lua then
          assert.is_nil(text:find '#include "%.%./%.%./core', path .. " includes a private header")
        end
      end
    end)
  end

  it("links webpubsub.core and webpubsub.process with libc alone", function()
    local count = 0
    for _, path in ipairs(lines_of "find build -path 'build/lua*/webpubsub/*.so' | sort") do
      if path:find "/core%.so$" or path:find "/process%.so$" then
        for _, line in ipairs(lines_of("env -u LD_PRELOAD ldd " .. path)) do
          local library = line:match "^%s*(%S+)"
          assert(library:find "^linux%-vdso" or library:find "^libc%.so" or library:find "ld%-linux", path .. line)
        end
        count = count + 1
      end
    end
    assert.is_true(count >= 2)
  end)

  it("loads without setting a global", function()
    local before = {}
    for name in pairs(_G) do
      before[name] = true
    end
    for _, name in ipairs { "webpubsub", "webpubsub.client", "webpubsub.emulator", "webpubsub.filter" } do
      require(name)
    end
    for name in pairs(_G) do
      assert.is_true(before[name], "the global " .. tostring(name))
    end
  end)
end)
