--- JSON: written by our exact encoder, read by lua-cjson with settings of our own.

local core = require "webpubsub.core"

local json = {}

json.null = core.null
json.array = core.array

--- value → text | nil, sentence that names the place. See webpubsub.array and webpubsub.null.
json.encode = core.json_encode

local decoder

--- lua-cjson's settings are global to a decoder; a private one leaves the host's alone.
local function private_decoder()
  local cjson = require("cjson").new()
  cjson.decode_invalid_numbers(false) -- RFC 8259 knows no NaN, Infinity or hexadecimal
  return cjson
end

--- text → value | nil, sentence. Arrays come back as plain tables, null as webpubsub.null.
function json.decode(text)
  decoder = decoder or private_decoder()
  local ok, value = pcall(decoder.decode, text)
  if ok then
    return value
  end
  return nil, (tostring(value):gsub("^.-:%d+: ", ""))
end

return json
