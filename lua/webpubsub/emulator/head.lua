--- The head of an HTTP/1.1 request: lines → a value (RFC 9112).

local head = {}

local token = "^[%w!#$%%&'*+%-.^_`|~]+$"

local function bad()
  return nil, 400
end

local function parse_field(line)
  local name, value = line:match "^([^:]+):[ \t]*(.-)[ \t]*$"
  -- RFC 9112 section 5.1 and 5.2: no space before the colon, no folded lines.
  if not name or not name:find(token) or value:find "[%z\1-\8\10-\31\127]" then
    return nil
  end
  return { name:lower(), value }
end

local function parse_fields(lines)
  local fields = {}
  for index = 2, #lines do
    fields[index - 1] = parse_field(lines[index])
    if not fields[index - 1] then
      return nil
    end
  end
  return fields
end

local function values_of(fields, name)
  local values = {}
  for _, field in ipairs(fields) do
    if field[1] == name then
      values[#values + 1] = field[2]
    end
  end
  return values
end

-- RFC 9112 section 6: one length, or chunks, never both. Lengths beyond 15 digits are as good as infinite.
local function framing(fields)
  local lengths, encodings = values_of(fields, "content-length"), values_of(fields, "transfer-encoding")
  if #encodings > 0 then
    return #lengths == 0 and { chunked = true } or nil
  elseif #lengths == 0 then
    return {}
  end
  for _, length in ipairs(lengths) do
    if not length:find "^%d+$" or length ~= lengths[1] then
      return nil
    end
  end
  return { length = #lengths[1] <= 15 and tonumber(lengths[1]) or math.huge }
end

local function has_token(fields, name, wanted)
  for _, value in ipairs(values_of(fields, name)) do
    for element in value:gmatch "[^,%s]+" do
      if element:lower() == wanted then
        return true
      end
    end
  end
  return false
end

local function persists(fields, version)
  if version == 1.1 then
    return not has_token(fields, "connection", "close")
  end
  return has_token(fields, "connection", "keep-alive")
end

--- From the lines without their ends: `{ method, target, version, headers, length, chunked, keep_alive,
-- expects_continue }`, or nil and a status. `length` is nil when the request says nothing about a body.
function head.parse(lines)
  local method, target, minor = (lines[1] or ""):match "^(%S+) (%S+) HTTP/1%.([01])$"
  if not method or not method:find(token) or target:find "[%z\1-\32\127-\255]" then
    return bad()
  end
  local fields = parse_fields(lines)
  local body = fields and framing(fields)
  if not body then
    return bad()
  end
  local version = minor == "1" and 1.1 or 1.0
  return {
    method = method,
    target = target,
    version = version,
    headers = fields,
    length = body.length,
    chunked = body.chunked,
    keep_alive = persists(fields, version),
    expects_continue = has_token(fields, "expect", "100-continue"),
  }
end

return head
