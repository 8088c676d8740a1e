--- Configuration files of the emulator: a Lua file that returns a table of options, or a JSON object of them.

local json = require "webpubsub.json"

local config = {}

local file_bytes = 1048576

-- Text only, in an empty environment: a configuration computes nothing with the world, and bytecode could do anything.
local function load_text(text, name)
  if text:sub(1, 1) == "\27" then
    return nil, "it is not text"
  elseif setfenv then -- 5.1, LuaJIT
    local chunk, why = loadstring(text, name)
    return chunk and setfenv(chunk, {}), why
  end
  return load(text, name, "t", {})
end

local function read_lua(text, path)
  local chunk, why = load_text(text, "=" .. path)
  if not chunk then
    return nil, why
  end
  local ok, value = pcall(chunk)
  if not ok then
    return nil, tostring(value)
  end
  return value
end

local function plain(value)
  if value == json.null then
    return nil
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, member in pairs(value) do
    copy[name] = plain(member)
  end
  return copy
end

local function read_json(text)
  local value, why = json.decode(text)
  if value == nil then
    return nil, why
  end
  return plain(value)
end

--- The options in a file's text, or nil and a sentence. JSON when the path ends in `.json`, otherwise Lua.
function config.parse(text, path)
  local read = path:lower():find "%.json$" and read_json or read_lua
  local value, why = read(text, path)
  if value == nil then
    return nil, ("The configuration %s cannot be read: %s."):format(path, (why or "it returns nothing"):gsub("%.$", ""))
  elseif type(value) ~= "table" then
    return nil, ("The configuration %s must be a table of options."):format(path)
  end
  return value
end

--- As parse, of a file of at most 1 MiB.
function config.read(path)
  local file, why = io.open(path, "rb")
  if not file then
    return nil, ("The configuration cannot be opened: %s."):format(why)
  end
  local text = file:read(file_bytes + 1)
  file:close()
  if not text or #text > file_bytes then
    return nil, ("The configuration %s is empty, no file, or larger than 1 MiB."):format(path)
  end
  return config.parse(text, path)
end

return config
