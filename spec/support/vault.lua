-- Secrets, and everything that a program can see: none of them may stand in any of it, in no form.

local core = require "webpubsub.core"

local vault = {}
vault.__index = vault

function vault.new()
  return setmetatable({ secrets = {}, strings = {} }, vault)
end

--- Every form in which the text could be written.
function vault:hide(text)
  local hex = text:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
  local base64 = core.base64_encode(text):gsub("=+$", "")
  for _, form in ipairs { text, core.percent_encode(text), base64, core.base64url_encode(text), hex } do
    self.secrets[form] = text
  end
  self.secrets[text:gsub("/", "\\/")] = text -- as some JSON encoders write it
end

--- The credentials in requests that a server recorded: tokens and their signatures, keys in headers, forms' fields.
function vault:hide_requests(requests)
  for _, request in ipairs(requests) do
    local token = (request.headers.authorization or ""):match "^%a+ (.+)$"
    if token then
      self:hide(token)
      self:hide(token:match "^[^.]+%.[^.]+%.([^.]+)$" or token)
    end
    for _, field in ipairs { "client_secret", "client_assertion" } do
      local value = ("&" .. request.body):match("&" .. field .. "=([^&]+)")
      if value then
        self:hide(core.percent_decode(value))
      end
    end
  end
end

local function walk(self, value, seen)
  if seen[value] then
    return
  end
  self.strings[#self.strings + 1] = tostring(value)
  if type(value) == "table" then
    seen[value] = true
    for name, each in pairs(value) do
      walk(self, name, seen)
      walk(self, each, seen)
    end
  end
end

--- Notes everything in the values: tables are walked through, keys and what they print included. A table that is noted
-- again is walked again, since its values may have changed.
function vault:note(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if value ~= nil then
      walk(self, value, {})
    end
  end
end

--- All that was noted. Raises where a secret stands in it.
function vault:check()
  local text = table.concat(self.strings, "\n")
  for form, secret in pairs(self.secrets) do
    local at = text:find(form, 1, true)
    if at then
      error(("%s came out: …%s…"):format(secret, text:sub(math.max(1, at - 80), at + #form + 20)), 2)
    end
  end
  return text
end

return vault
