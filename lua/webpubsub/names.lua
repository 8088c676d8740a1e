--- The rules for hub, group, user and connection names, and their form as a path segment.
-- Each check answers true, or nil and a sentence without the name's own text. Lengths count Unicode characters.

local core = require "webpubsub.core"

local names = {}

--- Bytes that \s matches in the contract's group rule beyond ASCII: the Unicode spaces.
local unicode_spaces = {
  "\194\133",
  "\194\160",
  "\225\154\128",
  "\226\128[\128-\138]",
  "\226\128[\168\169\175]",
  "\226\129\159",
  "\227\128\128",
  "\239\187\191",
}

local function is_blank(text)
  if text:find "[%w%p]" then
    return false
  end
  for _, pattern in ipairs(unicode_spaces) do
    text = text:gsub(pattern, "")
  end
  return not text:find "%S"
end

--- Contract: hub names are a letter and up to 127 of letters, digits and _ ` , . [ ].
function names.check_hub(name)
  if #name <= 128 and name:find "^%a[%w_`,.%[%]]*$" then
    return true
  end
  return nil, "a hub name is a letter followed by up to 127 letters, digits or any of _ ` , . [ ]"
end

--- Contract: 1 to 1024 characters, not only white space, no line feed. Names in tokens, bodies and target_name may
-- hold "/".
function names.check_group(name)
  local length = core.utf8_length(name)
  if not length then
    return nil, "a group name must be UTF-8 text"
  elseif length < 1 or length > 1024 then
    return nil, "a group name must have 1 to 1024 characters"
  elseif is_blank(name) then
    return nil, "a group name cannot be white space alone"
  elseif name:find "[\r\n]" then
    return nil, "a group name cannot hold a line break"
  end
  return true
end

function names.check_user_id(id)
  if id == "" then
    return nil, "a user id cannot be empty"
  elseif not core.utf8_length(id) then
    return nil, "a user id must be UTF-8 text"
  end
  return true
end

function names.check_connection_id(id)
  if id == "" then
    return nil, "a connection id cannot be empty"
  elseif not core.utf8_length(id) then
    return nil, "a connection id must be UTF-8 text"
  end
  return true
end

--- Contract: an access key is text, used as it stands.
function names.check_key(text)
  if text == "" then
    return nil, "the access key is empty"
  elseif text:find "^%s" or text:find "%s$" or text:find "%c" then
    return nil, "the access key has white space around it or a control character inside"
  elseif not core.utf8_length(text) then
    return nil, "the access key is not UTF-8 text"
  end
  return true
end

--- Permissions in the service's spelling, by their lower-case form.
local permissions = { sendtogroup = "sendToGroup", joinleavegroup = "joinLeaveGroup" }

function names.check_permission(name)
  if permissions[name:lower()] then
    return true
  end
  return nil, "a permission is sendToGroup or joinLeaveGroup"
end

local kinds = {
  hub = { check = names.check_hub },
  group = {
    check = names.check_group,
    word = "a group name",
    filter = "'…' in groups",
  },
  user_id = {
    check = names.check_user_id,
    word = "a user id",
    filter = "userId eq '…'",
  },
  connection_id = {
    check = names.check_connection_id,
    word = "a connection id",
    filter = "connectionId eq '…'",
  },
  permission = { check = names.check_permission },
}

--- What no path can carry: dots that URL normalisation removes, so that a send to the group ".." would reach the
-- whole hub, and "/", which the service reads as the three characters %2F (contract: path parameters).
local function check_addressable(kind, value)
  if value == "." or value == ".." then
    return nil, kind.word .. " cannot be '.' or '..', which a path cannot carry"
  elseif value:find("/", 1, true) then
    return nil,
      ("%s with '/' cannot be addressed in a path; a send with the filter %s reaches it"):format(kind.word, kind.filter)
  end
  return true
end

--- value → path segment | nil, sentence.
function names.path_segment(name, value)
  local kind = kinds[name]
  local ok, sentence = kind.check(value)
  if ok and kind.word then
    ok, sentence = check_addressable(kind, value)
  end
  if not ok then
    return nil, sentence
  end
  if name == "permission" then
    return permissions[value:lower()]
  end
  return core.percent_encode(value)
end

return names
