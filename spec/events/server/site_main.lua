-- The application behind lua-http, in a child. Arguments: access keys. Prints its port.

local http_headers = require "http.headers"
local http_server = require "http.server"
local lua_http = require "webpubsub.events.lua_http"
local site = require "spec.events.site"

local handler = site.make { access_keys = { arg[1], arg[2] }, logger = function() end }

local function serve_notes(stream)
  local headers = http_headers.new()
  headers:append(":status", "200")
  stream:write_headers(headers, false)
  stream:write_chunk(site.notes(), true)
end

local server = assert(http_server.listen {
  host = "127.0.0.1",
  port = 0,
  onstream = function(_, stream)
    local headers = stream:get_headers(10)
    if headers and headers:get ":path" == "/notes" then
      return serve_notes(stream)
    end
    lua_http.serve(handler, stream, headers)
  end,
  onerror = function() end,
})
assert(server:listen())
local _, _, port = server:localname()
io.stdout:write(port, "\n")
io.stdout:flush()
assert(server:loop())
