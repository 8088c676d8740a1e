--- Lines and counted bytes out of a stream, bounded. See webpubsub.transport.openresty.http for what a stream is.

local readers = {}

local reader = {}
reader.__index = reader

--- Bytes of one answer's status lines and header lines together, interim answers included.
local most_line_bytes = 65536

local block = 16384

local function failure_of(why)
  if why == "timeout" then
    return "timeout", "no complete answer in time"
  end
  return "connection_lost", "the connection ended before the answer was complete"
end

--- nil, code, sentence.
function readers.too_large(what, limit)
  return nil, "response_too_large", ("the answer's %s has more than %d bytes"):format(what, limit)
end

--- Reads what has come into the buffer. true | nil, why.
function reader:fill()
  local bytes, why = self.stream:receive(block)
  if not bytes then
    return nil, why
  end
  self.started = true
  self.buffer = self.buffer .. bytes
  return true
end

--- The next line without its end | nil, code, sentence.
function reader:line()
  local from = 1
  while true do
    local at = self.buffer:find("\n", from, true)
    if (at or #self.buffer) > self.line_bytes then
      return readers.too_large("head", most_line_bytes)
    elseif at then
      local line = self.buffer:sub(1, at - 1):gsub("\r$", "")
      self.buffer = self.buffer:sub(at + 1)
      self.line_bytes = self.line_bytes - at
      return line
    end
    from = #self.buffer + 1
    local ok, why = self:fill()
    if not ok then
      return nil, failure_of(why)
    end
  end
end

--- The next n bytes | nil, code, sentence.
function reader:take(n)
  local pieces, have = { self.buffer }, #self.buffer
  while have < n do
    local bytes, why = self.stream:receive(math.min(block, n - have))
    if not bytes then
      return nil, failure_of(why)
    end
    pieces[#pieces + 1] = bytes
    have = have + #bytes
  end
  local all = table.concat(pieces)
  self.buffer = all:sub(n + 1)
  return all:sub(1, n)
end

--- Everything until the connection ends | nil, code, sentence.
function reader:rest(limit)
  local pieces, have = { self.buffer }, #self.buffer
  self.buffer = ""
  while have <= limit do
    local bytes, why = self.stream:receive(block)
    if why == "closed" then
      return table.concat(pieces)
    elseif not bytes then
      return nil, failure_of(why)
    end
    pieces[#pieces + 1] = bytes
    have = have + #bytes
  end
  return readers.too_large("body", limit)
end

--- Lines may take their whole allowance again.
function reader:renew_lines()
  self.line_bytes = most_line_bytes
end

--- Has nothing come that was not asked for?
function reader:is_empty()
  return self.buffer == ""
end

--- new(stream) → reader; its field started says whether a byte has come.
function readers.new(stream)
  return setmetatable({ stream = stream, buffer = "", line_bytes = most_line_bytes }, reader)
end

return readers
