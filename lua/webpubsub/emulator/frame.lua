--- WebSocket frames as a server writes and reads them (RFC 6455 section 5). Bytes and values, no sockets.

local core = require "webpubsub.core"

local frame = {}

local opcodes = { continuation = 0x0, text = 0x1, binary = 0x2, close = 0x8, ping = 0x9, pong = 0xA }

local names = {}
for name, opcode in pairs(opcodes) do
  names[opcode] = name
end

local reason_bytes = 123 -- RFC 6455 section 5.5: control payloads have at most 125 bytes, two of them the code

local function big_endian(value, bytes)
  local digits = {}
  for index = bytes, 1, -1 do
    digits[index] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  return table.concat(digits)
end

local function number_of(bytes)
  local value = 0
  for index = 1, #bytes do
    value = value * 256 + bytes:byte(index)
  end
  return value
end

--- A whole unfragmented, unmasked frame.
function frame.build(name, payload)
  local size = #payload
  local first = string.char(0x80 + opcodes[name])
  if size <= 125 then
    return first .. string.char(size) .. payload
  elseif size <= 0xFFFF then
    return first .. "\126" .. big_endian(size, 2) .. payload
  end
  return first .. "\127" .. big_endian(size, 8) .. payload
end

-- Cut at a character boundary: the reason of a close frame must be UTF-8.
local function shortened(reason)
  if #reason <= reason_bytes then
    return reason
  end
  local cut = reason_bytes
  while reason:find("^[\128-\191]", cut + 1) do
    cut = cut - 1
  end
  return reason:sub(1, cut)
end

--- A close frame; code nil: a frame without a code.
function frame.close(code, reason)
  if not code then
    return frame.build("close", "")
  end
  return frame.build("close", big_endian(code, 2) .. shortened(reason or ""))
end

local function violation(why)
  return nil, 1002, why
end

--- The first two bytes of a client's frame: `{ opcode, final, extra }`, where `extra` is how many bytes of length
-- follow before the four of the mask and `length` is there when none do. Or nil, a close code and a sentence.
function frame.start(two)
  local first, second = two:byte(1, 2)
  local final, masked = first >= 0x80, second >= 0x80
  local name = names[first % 16]
  local short = second % 128
  if math.floor(first / 16) % 8 ~= 0 then
    return violation "Reserved bits are set."
  elseif not name then
    return violation "The opcode is reserved."
  elseif not masked then
    return violation "A client's frames must be masked."
  elseif opcodes[name] >= 0x8 and (short > 125 or not final) then
    return violation "A control frame is too long or fragmented."
  end
  local extra = short == 126 and 2 or short == 127 and 8 or 0
  return { opcode = name, final = final, extra = extra, length = extra == 0 and short or nil }
end

--- The length in the bytes that follow the first two. Exact up to 2^53, and large enough beyond to be refused.
function frame.length(extra)
  return number_of(extra)
end

-- RFC 6455 section 7.4: codes that may appear in a frame.
local function is_close_code(code)
  return (code >= 1000 and code <= 1014 and code ~= 1004 and code ~= 1005 and code ~= 1006)
    or (code >= 3000 and code <= 4999)
end

--- The code that answers a client's close payload: its own, nil when it had none, or 1002 / 1007 when it is malformed.
function frame.close_answer(payload)
  if payload == "" then
    return nil
  elseif #payload < 2 or not is_close_code(number_of(payload:sub(1, 2))) then
    return 1002
  elseif not core.utf8_length(payload:sub(3)) then
    return 1007
  end
  return number_of(payload:sub(1, 2))
end

local assembler = {}
assembler.__index = assembler

--- Puts data frames together to messages of at most `limit` bytes.
function frame.assembler(limit)
  return setmetatable({ limit = limit, size = 0 }, assembler)
end

--- May a data frame of that length come now? true, or nil, a close code and a sentence. Asked before the payload is
-- read.
function assembler:admits(start, length)
  if (start.opcode == "continuation") ~= (self.parts ~= nil) then
    return violation "A continuation frame was expected or came unexpected."
  elseif self.size + length > self.limit then
    return nil, 1009, "The message is too big."
  end
  return true
end

--- One admitted frame: a complete message `{ opcode, data }`; false when more is to come; or nil, a close code and a
-- sentence.
function assembler:add(start, payload)
  if not self.parts then
    self.parts, self.opcode = {}, start.opcode
  end
  if payload ~= "" then
    self.parts[#self.parts + 1] = payload
    self.size = self.size + #payload
  end
  if not start.final then
    return false
  end
  local message = { opcode = self.opcode, data = table.concat(self.parts) }
  self.parts, self.size = nil, 0
  if message.opcode == "text" and not core.utf8_length(message.data) then
    return nil, 1007, "A text message must be UTF-8."
  end
  return message
end

return frame
