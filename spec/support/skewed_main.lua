-- A service whose clock is off. Arguments: its access key, seconds that its clock is ahead. Prints its port, then the
-- status of each answer. Tokens are checked by luaossl, with iat taken as nbf, and without any tolerance.

local cjson = require "cjson"
local core = require "webpubsub.core"
local hmac = require "openssl.hmac"
local listen = require "spec.support.listen"

local key, ahead = arg[1], tonumber(arg[2])

local function print_line(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

local function decode(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return core.base64_decode(text .. ("="):rep(-#text % 4))
end

local function is_valid(head, now)
  local header, payload, signature = head:match "Authorization: Bearer ([^.\r]+)%.([^.\r]+)%.([^.\r]+)\r"
  local claims = cjson.decode(decode(payload))
  local genuine = hmac.new(key, "sha256"):final(header .. "." .. payload) == decode(signature)
  return genuine and claims.exp > now and (claims.nbf or claims.iat) <= now
end

local function serve(connection)
  connection:setmode("b", "bf")
  while true do
    local lines = {}
    repeat
      lines[#lines + 1] = connection:read "*L"
    until not lines[#lines] or lines[#lines] == "\r\n"
    local head = table.concat(lines)
    if head == "" then
      return connection:close()
    end
    connection:read(tonumber(head:match "Content%-Length: (%d+)"))
    local now = os.time() + ahead
    local status = is_valid(head, now) and 202 or 401
    print_line(tostring(status))
    local date = os.date("!%a, %d %b %Y %H:%M:%S GMT", now)
    connection:write(("HTTP/1.1 %d Status\r\nDate: %s\r\nContent-Length: 0\r\n\r\n"):format(status, date))
    connection:flush()
  end
end

listen(serve, print_line)
