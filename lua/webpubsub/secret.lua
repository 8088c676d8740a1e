--- Takes a secret out of words that somebody else wrote, such as an answer that repeats its request: pure.

local core = require "webpubsub.core"

local secret = {}

--- A JSON string may have any character escaped (RFC 8259, 7); some encoders do it to these.
local function json_escaped(text, format)
  return (text:gsub("[+&<>'`]", function(byte)
    return format:format(byte:byte())
  end))
end

--- Every form in which the secret may stand in a body or a header. A token of base64url has one.
local function forms_of(text)
  if not text:find "[^%w._-]" then
    return { text }
  end
  local encoded = core.percent_encode(text)
  local lower = encoded:gsub("%%%x%x", string.lower)
  return {
    text,
    encoded,
    lower,
    (encoded:gsub("%%20", "+")),
    (lower:gsub("%%20", "+")),
    (text:gsub("/", "\\/")),
    json_escaped(text, "\\u%04X"),
    json_escaped(text, "\\u%04x"),
  }
end

--- The text with `mask` wherever the secret (nil and "" are none) stands in it.
function secret.mask(text, hidden, mask)
  if not hidden or hidden == "" then
    return text
  end
  for _, form in ipairs(forms_of(hidden)) do
    if text:find(form, 1, true) then
      text = text:gsub(form:gsub("%p", "%%%0"), mask)
    end
  end
  return text
end

return secret
