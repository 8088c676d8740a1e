--- An event handler in lua-http:  onstream = function(_, stream) lua_http.serve(handler, stream) end

local ce = require "cqueues.errno"
local core = require "webpubsub.core"
local host = require "webpubsub.host.lua_http"
local http_headers = require "http.headers"

local lua_http = {}

local seconds = 30

--- lua-http's headers → name → string or array of strings.
local function plain_headers(received)
  local map = {}
  for name, value in received:each() do
    local before = map[name]
    if before == nil then
      map[name] = value
    elseif type(before) == "table" then
      before[#before + 1] = value
    else
      map[name] = { before, value }
    end
  end
  return map
end

--- Reads as far as the limit and not a chunk more, all of it within the seconds.
local function read_body(stream, limit, expects)
  local chunks, size, deadline = {}, 0, core.monotonic() + seconds
  if expects and expects:lower() == "100-continue" then -- RFC 9110, 10.1.1
    stream:write_continue(seconds)
  end
  host.limit_chunks(stream, limit)
  while true do
    local chunk, why, errno = stream:get_next_chunk(math.max(0, deadline - core.monotonic()))
    if not chunk and why then
      return nil, errno == ce.E2BIG and "too_large" or tostring(why)
    elseif not chunk then
      return table.concat(chunks)
    end
    size = size + #chunk
    if size > limit then
      return nil, "too_large"
    end
    chunks[#chunks + 1] = chunk
  end
end

local function respond(stream, method, response)
  local headers = http_headers.new()
  headers:append(":status", tostring(response.status))
  for name, value in pairs(response.headers) do
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      headers:append(name:lower(), each)
    end
  end
  if response.status ~= 204 then -- RFC 9110, 8.6
    headers:append("content-length", tostring(#response.body))
  end
  local silent = response.status == 204 or response.body == "" or method == "HEAD"
  if stream:write_headers(headers, silent, seconds) and not silent then
    stream:write_chunk(response.body, true, seconds)
  end
end

--- Answers the request of a stream. received: its headers, where a router has taken them out already. Nothing happens
-- when its head does not come.
function lua_http.serve(handler, stream, received)
  host.end_with_the_connection(stream)
  received = received or stream:get_headers(seconds)
  if not received then
    return
  end
  local method = received:get ":method"
  respond(
    stream,
    method,
    handler:handle {
      method = method,
      headers = plain_headers(received),
      target = received:get ":path",
      read_body = function(limit)
        return read_body(stream, limit, received:get "expect")
      end,
    }
  )
end

return lua_http
