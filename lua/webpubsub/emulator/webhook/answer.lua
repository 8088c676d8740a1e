--- Answers of event handlers: HTTP response → what becomes of the connection (contract, event handlers, section 6).
--
-- A response is { status, headers = { { name, value }, … } with names in lower case, body }.

local core = require "webpubsub.core"
local metadata = require "webpubsub.emulator.metadata"

local answer = {}

local json_depth = 64
local cookie_limit, cookie_bytes, state_bytes = 50, 4096, 16384

local data_types = {
  ["text/plain"] = "text",
  ["application/json"] = "json",
  ["application/octet-stream"] = "binary",
  [""] = "binary",
}

local function last_header(response, name)
  local found
  for _, header in ipairs(response.headers) do
    if header[1] == name then
      found = header[2]
    end
  end
  return found
end

function answer.is_success(response)
  return response.status >= 200 and response.status <= 299
end

local function count_of(set)
  local count = 0
  for _ in pairs(set) do
    count = count + 1
  end
  return count
end

-- RFC 6265 section 5.2: name and value stand before the first semicolon; Max-Age=0 takes a cookie back. With many
-- cookies no new one finds a place; those that are there can be replaced.
local function set_cookie(cookies, line)
  local name, value = line:match "^%s*([^=;%s]+)%s*=%s*([^;]*)"
  if not name or #name + #value > cookie_bytes then
    return
  end
  local gone = line:lower():find ";%s*max%-age%s*=%s*%-?0*%s*;?" ~= nil
  if cookies[name] or count_of(cookies) < cookie_limit then
    cookies[name] = not gone and value:match "^(.-)%s*$" or nil
  end
end

--- Keeps the cookies that a handler sets for the connection.
function answer.keep_cookies(connection, response)
  for _, header in ipairs(response.headers) do
    if header[1] == "set-cookie" then
      connection.cookies = connection.cookies or {}
      set_cookie(connection.cookies, header[2])
    end
  end
end

--- Keeps the connection state of a blocking event's successful answer: an empty value clears it, an absent header
-- leaves it (contract, connection state). false when it is too long.
function answer.keep_state(connection, response)
  local state = last_header(response, "ce-connectionstate")
  if state and #state > state_bytes then
    return false
  elseif state then
    connection.state = state ~= "" and state or nil
  end
  return true
end

local function check_data(data_type, body)
  if data_type ~= "binary" and not core.utf8_length(body) then
    return nil, "the handler's answer is not UTF-8"
  elseif data_type == "json" and not core.json_check(body, json_depth) then
    return nil, "the handler's answer is not JSON"
  end
  return true
end

local function message_of(response, entries)
  if response.body == "" then
    return entries and { data_type = "text", data = "", metadata = entries }
  end
  local media = (last_header(response, "content-type") or ""):lower():match "^%s*([^;%s]*)"
  local data_type = data_types[media]
  if not data_type then
    return nil, ("the handler answered with the content type %s"):format(media)
  end
  local ok, why = check_data(data_type, response.body)
  if not ok then
    return nil, why
  end
  return { data_type = data_type, data = response.body, metadata = entries }
end

--- The outcome of a user event: `handled`, `answer` (a message or nil), or `handled = false` and `why`.
function answer.of_user_event(connection, response)
  if response.status ~= 200 and response.status ~= 204 then
    return { handled = false, why = ("the event handler answered %d"):format(response.status) }
  end
  local entries, bad_metadata = metadata.from_headers(response.headers)
  local message, why = message_of(response, entries)
  if bad_metadata or why then
    return { handled = false, why = bad_metadata or why }
  elseif not answer.keep_state(connection, response) then
    return { handled = false, why = "the handler's connection state is too long" }
  end
  answer.keep_cookies(connection, response)
  return { handled = true, answer = message }
end

return answer
