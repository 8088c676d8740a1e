--- What lua-http leaves to its users.

local ce = require "cqueues.errno"
local cqueues = require "cqueues"

local lua_http = {}

--- What a step of a stream moves.
local function progress_of(stream)
  return ("%d %s %s %d"):format(
    stream.stats_recv,
    stream.state,
    tostring(stream.body_read_left),
    stream.headers_fifo:length()
  )
end

--- lua-http reads what a handler left of a body before it closes the stream. Where the connection ended before the
-- announced length it would read nothing for ever, at full speed, so that ends with the first step that moves nothing.
-- For every stream of HTTP/1.1 that a server takes.
function lua_http.end_with_the_connection(stream)
  if not getmetatable(stream.connection).__index.read_body_chunk then
    return
  end
  local shutdown, step = stream.shutdown, stream.step
  function stream:shutdown()
    self.step = function(_, timeout)
      local before = progress_of(stream)
      return step(stream, timeout) and progress_of(stream) ~= before
    end
    return shutdown(self)
  end
end

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
