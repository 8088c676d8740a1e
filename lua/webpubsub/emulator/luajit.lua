--- How a LuaJIT child finds this library, whichever Lua starts it.

local luajit = {}

-- The folder that holds `webpubsub/`, as this file was found in it.
local function source_folder()
  local source = debug.getinfo(1, "S").source:gsub("^@", "")
  local folder = source:match "^(.*)[/\\]webpubsub[/\\]emulator[/\\]luajit%.lua$"
  return folder ~= "" and folder or "."
end

-- Where LuaJIT's C modules may lie: `build/luajit` beside `lua` in a working tree, `lib/lua/5.1` of the tree that
-- luarocks installed into (share/lua/VERSION is `folder` then), whichever Lua this is.
local function module_paths(folder)
  local tree = folder:match "^(.*)/lua$" or (folder == "lua" and ".") or folder .. "/.."
  local build = os.getenv "WEBPUBSUB_BUILD" or tree .. "/build"
  local paths = { build .. "/luajit/?.so" }
  local rocks = folder:match "^(.*)/share/lua/[%d.]+$"
  if rocks then
    paths[#paths + 1] = rocks .. "/lib/lua/5.1/?.so"
  end
  return table.concat(paths, ";")
end

--- NAME=value texts for the child. A path that ends in ";;" goes on with LuaJIT's own.
function luajit.environment()
  local folder = source_folder()
  return {
    ("LUA_PATH=%s/?.lua;%s/?/init.lua;;"):format(folder, folder),
    ("LUA_CPATH=%s;;"):format(module_paths(folder)),
  }
end

return luajit
