--- HTTP/1.1 as values over a stream (RFC 9112): a request's bytes out, a response in.
-- A stream has receive(self, most) → at least one byte and at most that many | nil, why ("closed", "timeout" or a
-- sentence). Errors of this file are a code and a sentence.

local readers = require "webpubsub.transport.openresty.reader"

local http = {}

local function malformed(sentence)
  return nil, "bad_response", "no HTTP answer: " .. sentence
end

--- The bytes of a request: its line, Host, its headers and Content-Length, and the body.
-- target: in origin or absolute form; extra: header lines that only the next hop sees, each with CRLF.
function http.bytes(request, target, host, extra)
  local lines = { request.method, " ", target, " HTTP/1.1\r\nHost: ", host, "\r\n", extra or "" }
  for i = 1, #request.headers, 2 do
    lines[#lines + 1] = request.headers[i] .. ": " .. request.headers[i + 1] .. "\r\n"
  end
  local body = request.body
  -- A method with a defined meaning for content says its length even when there is none (RFC 9110, 8.6).
  if body or request.method == "POST" or request.method == "PUT" or request.method == "PATCH" then
    lines[#lines + 1] = "Content-Length: " .. #(body or "") .. "\r\n"
  end
  lines[#lines + 1] = "\r\n"
  lines[#lines + 1] = body
  return table.concat(lines)
end

--- Header lines up to the empty one → map by lower-case name; repeated ones joined | nil, code, sentence.
local function read_headers(self)
  local headers = {}
  while true do
    local line, code, sentence = self:line()
    if not line then
      return nil, code, sentence
    elseif line == "" then
      return headers
    end
    local name, value = line:match "^([^%s:]+):[ \t]*(.-)[ \t]*$"
    if not name then
      return malformed "a header line cannot be read"
    end
    name = name:lower()
    headers[name] = headers[name] and (headers[name] .. ", " .. value) or value
  end
end

--- One status line and its headers → { minor, status, headers } | nil, code, sentence.
local function read_head(self)
  local line, code, sentence = self:line()
  if not line then
    return nil, code, sentence
  end
  local minor, status = (line .. " "):match "^HTTP/1%.([01]) (%d%d%d) "
  if not minor then
    return malformed "its first line is not a status line"
  end
  local headers
  headers, code, sentence = read_headers(self)
  if not headers then
    return nil, code, sentence
  end
  return { minor = minor, status = tonumber(status), headers = headers }
end

--- The head of the final answer; interim ones (RFC 9110, 15.2) are read and forgotten.
local function read_final_head(self)
  local head, code, sentence
  repeat
    head, code, sentence = read_head(self)
  until not head or head.status >= 200 or head.status == 101
  if head and head.status == 101 then
    return malformed "nobody asked to switch protocols"
  end
  return head, code, sentence
end

--- The size in a chunk's line, extensions left out | nil, code, sentence.
local function read_chunk_size(self)
  local line, code, sentence = self:line()
  if not line then
    return nil, code, sentence
  end
  local digits = line:match "^(%x+)[ \t]*$" or line:match "^(%x+)[ \t]*;"
  if not digits or #digits > 12 then
    return malformed "a chunk's size cannot be read"
  end
  return tonumber(digits, 16)
end

--- A chunk's bytes and the line end after them | nil, code, sentence.
local function read_chunk(self, size)
  local bytes, code, sentence = self:take(size)
  if not bytes then
    return nil, code, sentence
  end
  local ending
  ending, code, sentence = self:line()
  if not ending then
    return nil, code, sentence
  elseif ending ~= "" then
    return malformed "a chunk is longer than it says"
  end
  return bytes
end

--- A chunked body (RFC 9112, 7.1); its trailers are dropped.
local function read_chunked(self, limit)
  local pieces, have = {}, 0
  while true do
    local size, code, sentence = read_chunk_size(self)
    if not size then
      return nil, code, sentence
    elseif size == 0 then
      local trailers
      trailers, code, sentence = read_headers(self)
      return trailers and table.concat(pieces), code, sentence
    end
    have = have + size
    if have > limit then
      return readers.too_large("body", limit)
    end
    pieces[#pieces + 1], code, sentence = read_chunk(self, size)
    if code then
      return nil, code, sentence
    end
    self:renew_lines() -- a long body may have many chunks, each with lines of its own
  end
end

--- "5" → 5; "5, 5" too (RFC 9112, 6.3) | nil.
local function read_length(text)
  local first = text:match "^%d+"
  for each in (text .. ","):gmatch "[ \t]*([^,]-)[ \t]*," do
    if each ~= first or #each > 15 then
      return nil
    end
  end
  return tonumber(first)
end

local function has_no_body(method, status)
  return method == "HEAD" or status == 204 or status == 304 or (method == "CONNECT" and status < 300)
end

--- The body as the head frames it (RFC 9112, 6.3). body, is the connection's next byte the next answer's | nil, code,
-- sentence.
local function read_body(self, method, head, limit)
  local coding, length = head.headers["transfer-encoding"], head.headers["content-length"]
  if has_no_body(method, head.status) then
    return "", true
  elseif coding and coding:lower():find "chunked[ \t]*$" then
    local body, code, sentence = read_chunked(self, limit)
    return body, body and not length or code, sentence
  elseif coding or not length then
    local body, code, sentence = self:rest(limit)
    return body, code or false, sentence
  end
  length = read_length(length)
  if not length then
    return malformed "its Content-Length cannot be read"
  elseif length > limit then
    return readers.too_large("body", limit)
  end
  local body, code, sentence = self:take(length)
  return body, code or true, sentence
end

--- May the connection carry another request (RFC 9112, 9.3)?
local function is_kept(head)
  local connection = ("," .. (head.headers.connection or ""):lower():gsub("[ \t]", "") .. ",")
  if connection:find(",close,", 1, true) then
    return false
  end
  return head.minor == "1" or connection:find(",keep-alive,", 1, true) ~= nil
end

--- receive(stream, method, most body bytes) → { status, headers, body }, is the connection fit for reuse |
-- nil, code, sentence, has a byte of the answer come.
function http.receive(stream, method, limit)
  local self = readers.new(stream)
  local head, code, sentence = read_final_head(self)
  if not head then
    return nil, code, sentence, self.started
  end
  local body, framed
  body, framed, sentence = read_body(self, method, head, limit)
  if not body then
    return nil, framed, sentence, true
  end
  local reusable = framed and self:is_empty() and is_kept(head)
  return { status = head.status, headers = head.headers, body = body }, reusable
end

return http
