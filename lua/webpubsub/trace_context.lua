--- The values of W3C Trace Context (Level 1, sections 3.2 and 3.3), checked before they go out as headers.

local errors = require "webpubsub.error"

local trace_context = {}

local parent_rule = "traceparent must read version-traceid-parentid-flags in lower-case hexadecimal "
  .. "(2, 32, 16 and 2 digits), with neither id all zeros"
local state_rule = "tracestate must be up to 32 key=value members with different keys, separated by commas"

local function is_parent(text)
  if text:find "[^0-9a-z-]" or #text > 512 then
    return false
  end
  local version, trace, parent, flags, rest = text:match "^(%x%x)%-(%x+)%-(%x+)%-(%x%x)(.*)$"
  if not flags or version == "ff" or #trace ~= 32 or #parent ~= 16 then
    return false
  end
  -- A later version may have more fields (3.2.4).
  local ends = rest == "" or (version ~= "00" and rest:sub(1, 1) == "-")
  return ends and trace:find "[^0]" ~= nil and parent:find "[^0]" ~= nil
end

--- The key of a member that keeps the rules | nil.
local function key_of(member)
  local key, value = member:match "^([a-z0-9][a-z0-9_%-*/@]*)=([\32-\43\45-\60\62-\126]+)$"
  return key and #key <= 256 and #value <= 256 and not key:find "@.*@" and key or nil
end

local function is_state(text)
  local seen, count = {}, 0
  for member in (text .. ","):gmatch "[ \t]*([^,]-)[ \t]*," do
    if member ~= "" then
      local key = key_of(member)
      count = count + 1
      if not key or seen[key] or count > 32 then
        return false
      end
      seen[key] = true
    end
  end
  return count > 0
end

local function has_own(headers)
  for name in pairs(headers or {}) do
    local lower = type(name) == "string" and name:lower()
    if lower == "traceparent" or lower == "tracestate" then
      return true
    end
  end
  return false
end

--- Appends the headers of the options traceparent and tracestate of a call. true | nil, err.
function trace_context.add(headers, given)
  local parent, state = given.traceparent, given.tracestate
  if not parent then
    return errors.invalid "tracestate goes out only together with traceparent"
  elseif not is_parent(parent) then
    return errors.invalid(parent_rule)
  elseif state and not is_state(state) then
    return errors.invalid(state_rule)
  elseif has_own(given.headers) then
    return errors.invalid "give traceparent and tracestate as options or as headers, not both ways"
  end
  headers[#headers + 1] = "traceparent"
  headers[#headers + 1] = parent
  if state then
    headers[#headers + 1] = "tracestate"
    headers[#headers + 1] = state
  end
  return true
end

return trace_context
