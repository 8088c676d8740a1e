--- Text in the few character sets that HTTP clients still send → UTF-8.

local charset = {}

local function encode(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
  end
  local high, middle = 0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64
  return string.char(high, middle, 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function same(text)
  return text
end

local function ascii(text)
  return not text:find "[\128-\255]" and text or nil
end

local function latin1(text)
  return (text:gsub("[\128-\255]", function(byte)
    return encode(byte:byte())
  end))
end

local function is_high(unit)
  return unit >= 0xD800 and unit < 0xDC00
end

local function is_low(unit)
  return unit >= 0xDC00 and unit < 0xE000
end

-- unit_at answers the 16-bit unit at a byte position, nil behind the end. nil for unpaired surrogates (RFC 2781
-- section 2.2).
local function utf16(unit_at, from)
  local parts, at = {}, from
  local unit = unit_at(at)
  while unit do
    local low = is_high(unit) and unit_at(at + 2)
    if low and is_low(low) then
      parts[#parts + 1] = encode((unit - 0xD800) * 1024 + low - 0xDC00 + 0x10000)
      at = at + 4
    elseif is_high(unit) or is_low(unit) then
      return nil
    else
      parts[#parts + 1] = encode(unit)
      at = at + 2
    end
    unit = unit_at(at)
  end
  return table.concat(parts)
end

local function units(text, high, low)
  return function(at)
    if at + 1 > #text then
      return nil
    end
    return text:byte(at + high) * 256 + text:byte(at + low)
  end
end

local function utf16_big(text, from)
  return #text % 2 == 0 and utf16(units(text, 0, 1), from or 1) or nil
end

local function utf16_little(text, from)
  return #text % 2 == 0 and utf16(units(text, 1, 0), from or 1) or nil
end

-- RFC 2781 section 4.3: a byte order mark decides and is no part of the text; without one the order is big-endian.
local function utf16_marked(text)
  if text:sub(1, 2) == "\255\254" then
    return utf16_little(text, 3)
  end
  return utf16_big(text, text:sub(1, 2) == "\254\255" and 3 or 1)
end

local converters = {
  ["utf-8"] = same,
  utf8 = same,
  ["us-ascii"] = ascii,
  ascii = ascii,
  ["iso-8859-1"] = latin1,
  latin1 = latin1,
  ["utf-16"] = utf16_marked,
  ["utf-16le"] = utf16_little,
  ["utf-16be"] = utf16_big,
}

function charset.is_known(name)
  return converters[name:lower()] ~= nil
end

--- UTF-8, or nil when the text is not in that character set.
function charset.convert(name, text)
  return converters[name:lower()](text)
end

return charset
