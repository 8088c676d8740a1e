--- The functions of filters: what they take, what they give, and what they do with null (contract, OData filter
-- language).
--
-- types: kinds of the arguments, those behind `needed` being optional; result: the kind of the value; null: the value
-- when an argument is null (absent: null itself).

local text = require "webpubsub.emulator.filter.text"

local functions = {}

local longest = 1048576 -- a concatenation that would grow beyond is null, so that no filter fills the memory

local function concat(first, second)
  local joined = #(first or "") + #(second or "")
  return joined <= longest and (first or "") .. (second or "") or nil
end

local one, two = { "string" }, { "string", "string" }

functions.list = {
  tolower = { types = one, result = "string", call = string.lower },
  toupper = { types = one, result = "string", call = string.upper },
  trim = { types = one, result = "string", call = text.trim },
  concat = { types = two, result = "string", call = concat, takes_null = true },
  substring = { types = { "string", "integer", "integer" }, needed = 2, result = "string", call = text.substring },
  startswith = { types = two, result = "boolean", call = text.startswith, null = false },
  endswith = { types = two, result = "boolean", call = text.endswith, null = false },
  contains = { types = two, result = "boolean", call = text.contains, null = false },
  indexof = { types = two, result = "integer", call = text.indexof, null = -1 },
  length = { types = one, result = "integer", call = text.length },
}

return functions
