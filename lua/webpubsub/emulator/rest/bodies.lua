--- Request bodies: messages, and the object of the group operations.

local answers = require "webpubsub.emulator.rest.answers"
local charset = require "webpubsub.emulator.rest.charset"
local core = require "webpubsub.core"
local metadata = require "webpubsub.emulator.metadata"
local rules = require "webpubsub.emulator.rules"

local bodies = {}

local depth = 64
local data_types = { ["text/plain"] = "text", ["application/json"] = "json", ["application/octet-stream"] = "binary" }

-- media type in lower case, character set.
local function content_type(request)
  local header = request:header "content-type"
  if not header or header == "" then
    return nil, "utf-8"
  end
  local media = header:match "^%s*([^;%s]*)"
  local set = header:lower():match ';%s*charset%s*=%s*"?([^;"%s]+)'
  return media:lower(), set or "utf-8"
end

-- Contract, message bodies: a known Content-Length not over the limit.
local function complete(request)
  if request.body_problem == "too_large" then
    return nil, answers.bad_request "The body is larger than 1048576 bytes."
  elseif request.body_problem then
    return nil, answers.bad_request "The request needs a Content-Length."
  end
  return request.body
end

local function to_text(body, set)
  local text = charset.convert(set, body)
  if not text or not core.utf8_length(text) then
    return nil, answers.bad_request "The body is not text in its character set."
  end
  return text
end

local function to_json(body, set)
  local text, refusal = to_text(body, set)
  if not text then
    return nil, refusal
  end
  local ok, why = core.json_check(text, depth)
  if not ok then
    return nil, answers.bad_request("The body is not JSON: " .. why)
  end
  return text
end

local function as_it_is(body)
  return body
end

local readers = { text = to_text, json = to_json, binary = as_it_is }

--- `data_type`, `data` and `metadata` of a send, or nil and the answer that refuses it. No content type means binary.
function bodies.message(request)
  local media, set = content_type(request)
  local data_type = not media and "binary" or data_types[media]
  if not data_type or not charset.is_known(set) then
    return nil, answers.empty(415)
  end
  local body, refusal = complete(request)
  if not body then
    return nil, refusal
  end
  local data, bad_body = readers[data_type](body, set)
  if not data then
    return nil, bad_body
  end
  local entries, why = metadata.from_headers(request.headers)
  if why then
    return nil, answers.bad_request("The metadata headers are not valid: " .. why .. ".")
  end
  return { data_type = data_type, data = data, metadata = entries }
end

local function string_of(raw)
  return raw:sub(1, 1) == '"' and core.json_string(raw) or nil
end

local function read_groups(raw)
  local elements = raw and raw:sub(1, 1) == "[" and core.json_elements(raw)
  if not elements or #elements == 0 then
    return nil, answers.problem("The groups are missing or empty.", "Groups")
  end
  local names = {}
  for index, element in ipairs(elements) do
    names[index] = string_of(element)
    if not names[index] or not rules.is_group(names[index]) then
      return nil, answers.problem("A group name is not valid.", "Groups")
    end
  end
  return names
end

local function read_filter(raw)
  if raw == nil or raw == "null" then
    return ""
  end
  local text = string_of(raw)
  if not text then
    return nil, answers.problem("The filter must be a string.", "Filter")
  end
  return text
end

local function object_of(text)
  return text:find "^[ \t\r\n]*{" and core.json_members(text)
end

--- `{ groups, filter }` of the two operations that take them, or nil and the answer that refuses it.
function bodies.groups(request)
  local media, set = content_type(request)
  if media ~= "application/json" or not charset.is_known(set) then
    return nil, answers.empty(415)
  end
  local body, refusal = complete(request)
  if not body then
    return nil, refusal
  end
  local text, not_json = to_json(body, set)
  local members = text and object_of(text)
  if not members then
    return nil, not_json or answers.bad_request "The body must be a JSON object."
  end
  local groups, bad_groups = read_groups(members.groups)
  if not groups then
    return nil, bad_groups
  end
  local filter, bad_filter = read_filter(members.filter)
  if not filter then
    return nil, bad_filter
  end
  return { groups = groups, filter = filter }
end

return bodies
