--- What all credentials take, and the texts that go into their requests.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"
local keys = require "webpubsub.keys"
local options = require "webpubsub.options"

local common = {}

local shared = {
  scope = { type = "string", default = "https://webpubsub.azure.com/.default" },
  timeout = { type = "number", minimum = 0.001, maximum = 86400, default = 30 },
  shared_dict = { type = "string" },
  getenv = { type = "function", default = os.getenv },
}

--- A schema of the common options and these.
function common.schema(own)
  local schema = {}
  for _, part in ipairs { shared, own } do
    for name, rule in pairs(part) do
      schema[name] = rule
    end
  end
  return schema
end

--- read(schema, given, where) → checked options | nil, err. Contract: a scope has letters, digits and - _ . : / alone.
function common.read(schema, given, where)
  local read, err = options.read(schema, given or {}, where)
  if read and not read.scope:find "^[%w_.:/-]+$" then
    return errors.invalid(where .. ": scope may have letters, digits and any of - _ . : /")
  end
  return read, err
end

function common.refuse(where, sentence)
  return errors.invalid(where .. ": " .. sentence)
end

--- The resource of a scope.
function common.resource(scope)
  return (scope:gsub("/%.default$", ""))
end

--- { name = value } as a form or a query, by name order.
function common.form(fields)
  local list = {}
  for _, name in ipairs(keys.sorted(fields)) do
    list[#list + 1] = core.percent_encode(name) .. "=" .. core.percent_encode(fields[name])
  end
  return table.concat(list, "&")
end

--- A variable that is set and not empty.
function common.variable(getenv, name)
  local value = getenv(name)
  return type(value) == "string" and value ~= "" and value or nil
end

--- The text of a file, at most limit bytes | nil, sentence.
function common.read_file(path, limit)
  local file, sentence = io.open(path, "rb")
  if not file then
    return nil, sentence
  end
  local text = file:read(limit + 1) or ""
  file:close()
  if #text > limit then
    return nil, ("the file is longer than %d bytes"):format(limit)
  end
  return text
end

return common
