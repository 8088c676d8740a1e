-- A DNS server (RFC 1035) as a child process, for LuaJIT: names that begin with "silent" get no answer, with "missing"
-- the answer that there is no such name, all others the address 127.0.0.1. Prints its port.

local ffi = require "ffi"

ffi.cdef [[
struct spec_address { unsigned short family; unsigned char port[2]; unsigned char address[4]; unsigned char zero[8]; };
int socket(int domain, int type, int protocol);
int bind(int fd, const struct spec_address *address, unsigned length);
int getsockname(int fd, struct spec_address *address, unsigned *length);
long recvfrom(int fd, void *buffer, size_t size, int flags, struct spec_address *from, unsigned *length);
long sendto(int fd, const void *bytes, size_t size, int flags, const struct spec_address *to, unsigned length);
]]

local inet, datagram = 2, 2
local fd = ffi.C.socket(inet, datagram, 0)
local own = ffi.new("struct spec_address", { family = inet, address = { 127, 0, 0, 1 } })
local size = ffi.new("unsigned[1]", ffi.sizeof(own))
assert(ffi.C.bind(fd, own, ffi.sizeof(own)) == 0)
assert(ffi.C.getsockname(fd, own, size) == 0)
io.stdout:write(own.port[0] * 256 + own.port[1], "\n")
io.stdout:flush()

--- The answer to a query, or nil for silence. The question stands after twelve bytes, its name's first label first.
local function answer(query)
  local id, question = query:sub(1, 2), query:sub(13):match "^.-%z...."
  local label = question:sub(2, 1 + question:byte())
  if label:find "^silent" then
    return nil
  elseif label:find "^missing" then
    return id .. "\129\131\0\1\0\0\0\0\0\0" .. question -- RCODE 3
  end
  local record = "\192\12\0\1\0\1\0\0\0\60\0\4\127\0\0\1" -- the question's name, A, IN, 60 s
  return id .. "\129\128\0\1\0\1\0\0\0\0" .. question .. record
end

local buffer, from = ffi.new "unsigned char[512]", ffi.new "struct spec_address"
while true do
  size[0] = ffi.sizeof(from)
  local length = ffi.C.recvfrom(fd, buffer, 512, 0, from, size)
  local bytes = length > 12 and answer(ffi.string(buffer, length))
  if bytes then
    ffi.C.sendto(fd, bytes, #bytes, 0, from, size[0])
  end
end
