--- Listing the connections of a group, page by page (contract, paging).

local answers = require "webpubsub.emulator.rest.answers"
local core = require "webpubsub.core"
local versions = require "webpubsub.emulator.rest.versions"

local listing = {}

local default_page = 200
local stamp_bytes = 16

-- A continuation token is the last connection id of the page, stamped for its hub and group.
local function stamp(world, path, last)
  return world.mac:sign(table.concat({ "page", path.hub, path.group, last }, "\n")):sub(1, stamp_bytes)
end

local function write_token(world, path, last)
  return core.base64url_encode(stamp(world, path, last) .. last)
end

local function read_token(world, path, token)
  local bytes = core.base64url_decode(token)
  if not bytes or #bytes <= stamp_bytes then
    return nil
  end
  local last = bytes:sub(stamp_bytes + 1)
  return core.equal(bytes:sub(1, stamp_bytes), stamp(world, path, last)) and last or nil
end

local function ids_after(set, last)
  local ids = {}
  for id in pairs(set) do
    if last == nil or id > last then
      ids[#ids + 1] = id
    end
  end
  table.sort(ids)
  return ids
end

local function item(connection)
  local user = connection.user_id and core.json_encode(connection.user_id) or "null"
  return '{"connectionId":' .. core.json_encode(connection.id) .. ',"userId":' .. user .. "}"
end

local function next_link(world, call, size, last)
  local request = call.request
  local parts = { "api-version=" .. versions.latest }
  if call.query.max_page_size then
    parts[#parts + 1] = ("maxpagesize=%d"):format(call.query.max_page_size)
  end
  if call.query.top then
    parts[#parts + 1] = ("top=%d"):format(call.query.top - size)
  end
  parts[#parts + 1] = "continuationToken=" .. write_token(world, call.path, last)
  return "http://" .. request:host() .. request.path .. "?" .. table.concat(parts, "&")
end

local function page(world, call, set, ids)
  local size = math.min(call.query.max_page_size or default_page, call.query.top or math.huge, #ids)
  local items = {}
  for index = 1, size do
    items[index] = item(set[ids[index]])
  end
  local text = '{"value":[' .. table.concat(items, ",") .. "]"
  if size < #ids and (not call.query.top or call.query.top > size) then
    text = text .. ',"nextLink":' .. core.json_encode(next_link(world, call, size, ids[size]))
  end
  return text .. "}"
end

function listing.list_connections(world, call)
  local set, last = world.state:group(call.path.hub, call.path.group), nil
  if call.query.continuation_token then
    last = read_token(world, call.path, call.query.continuation_token)
    if not last then
      return answers.bad_request("The continuation token is not valid.", "continuationToken")
    end
  end
  return answers.json(200, page(world, call, set, ids_after(set, last)))
end

return listing
