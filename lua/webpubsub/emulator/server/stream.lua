--- A connected cqueues socket: whole lines, exact reads and writes with time limits. Nothing here raises on network
-- errors.

local ce = require "cqueues.errno"
local cqueues = require "cqueues"
local ffi = require "ffi"

local stream = {}
stream.__index = stream

local line_bytes = 131072
local write_slice = 0.5

local function return_error(_, _, why)
  return why
end

--- Takes over an accepted socket.
function stream.new(socket)
  socket:onerror(return_error)
  socket:setmode("b", "bf")
  socket:setmaxline(line_bytes)
  socket:setvbuf("full", math.huge) -- output waits in memory until `flush`, so that a frame is never written in part
  return setmetatable({ socket = socket }, stream)
end

--- A line without its end; nil at the end of input, on errors and time-outs; false when it is longer than 131,072
-- bytes.
function stream:read_line(timeout)
  local line = self.socket:xread("*L", "b", timeout)
  local text = line and line:match "^(.-)\r?\n$"
  if line and not text and #line >= line_bytes then
    return false
  end
  return text
end

--- Exactly that many bytes, or nil; with "timeout" when the connection is still good but nothing came.
function stream:read(count, timeout)
  if count == 0 then
    return ""
  end
  local bytes, why = self.socket:xread(count, "b", timeout)
  if bytes and #bytes == count then
    return bytes
  elseif not bytes and why == ce.ETIMEDOUT then
    self.socket:clearerr "r"
    return nil, "timeout"
  end
  return nil, "end"
end

-- `abandon()` is asked between slices of waiting.
local function flush(self, deadline, abandon)
  while true do
    local ok, why = self.socket:flush("n", write_slice)
    if ok then
      return true
    elseif why ~= ce.ETIMEDOUT or cqueues.monotime() >= deadline or (abandon and abandon()) then
      return false
    end
    self.socket:clearerr "w"
  end
end

--- Writes everything within the time, or answers false; then the connection is not good for anything any more.
function stream:write(bytes, timeout, abandon)
  local ok = self.socket:xwrite(bytes, "bf", 0)
  return ok ~= nil and flush(self, cqueues.monotime() + timeout, abandon)
end

--- Ends both directions; a coroutine that reads sees the end of input.
function stream:shutdown(how)
  self.socket:shutdown(how or "rw")
end

--- Reads and forgets until the other side ends, so that what was written is not lost to a reset.
function stream:drain(limit, seconds)
  local deadline = cqueues.monotime() + seconds
  local left = limit
  while left > 0 do
    local bytes = self.socket:xread(-math.min(left, 65536), "b", math.max(0, deadline - cqueues.monotime()))
    if not bytes then
      return
    end
    left = left - #bytes
  end
end

--- The address of the other side.
function stream:peer()
  local _, address = self.socket:peername()
  return address
end

ffi.cdef [[
  struct wps_linger { int on; int seconds; };
  int setsockopt(int, int, int, const void *, unsigned int);
]]

local sol_socket, so_linger = 1, 13
if ffi.os ~= "Linux" then
  sol_socket, so_linger = 0xFFFF, 0x80 -- BSD and macOS
end

--- Cuts the connection: the other side sees a reset, not an end.
function stream:reset()
  local linger = ffi.new("struct wps_linger", 1, 0)
  ffi.C.setsockopt(self.socket:pollfd(), sol_socket, so_linger, linger, ffi.sizeof(linger))
end

function stream:close()
  self.socket:close()
end

return stream
