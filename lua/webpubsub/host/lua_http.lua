--- What lua-http leaves to its users.

local ce = require "cqueues.errno"
local cqueues = require "cqueues"

local lua_http = {}

--- Bounds the chunks of a stream's body: lua-http takes a chunk into memory whole, and a chunk may announce 4 GB, so
-- its size is looked at before it is read. Reading the body then ends with nil, a sentence, E2BIG.
-- HTTP/1.1 alone; the frames of HTTP/2 are small.
function lua_http.limit_chunks(stream, limit)
  local connection = stream.connection
  local read_chunk = getmetatable(connection).__index.read_body_chunk
  if not read_chunk then
    return
  end
  function connection:read_body_chunk(timeout)
    local deadline = timeout and cqueues.monotime() + timeout
    local line, why, errno = self.socket:xread("*L", timeout)
    if not line then
      return nil, why, errno
    elseif (tonumber(line:match "^%x+" or "", 16) or 0) > limit then
      return nil, "the chunk is too large", ce.E2BIG
    end
    self.socket:unget(line)
    return read_chunk(self, deadline and math.max(0, deadline - cqueues.monotime()))
  end
end

return lua_http
