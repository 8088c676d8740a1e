--- Failures as values, and mistakes as raised sentences.
-- A failure is `nil, err`; err has code, message and outcome, and where they apply status, service_code, request_id,
-- attempts and retry_after (seconds). A programmer's mistake raises at the line that called into the library.

local errors = {}

local failure = {}
failure.__index = failure

--- One readable line. Holds no header, no query and no body that went out.
function failure:__tostring()
  local parts = {}
  if self.status then
    parts[#parts + 1] = "HTTP " .. self.status
  end
  parts[#parts + 1] = self.outcome
  if self.request_id then
    parts[#parts + 1] = "request " .. self.request_id
  end
  return ("%s: %s (%s)"):format(self.code, self.message, table.concat(parts, ", "))
end

--- Makes an error value of these fields (taken over, not copied).
function errors.new(fields)
  return setmetatable(fields, failure)
end

--- Text that came from outside, as one line of bounded length.
function errors.line(text)
  return (text:sub(1, 1000):gsub("%c+", " "))
end

local copied =
  { "code", "message", "outcome", "status", "service_code", "target", "retry_after", "attempts", "permanent" }

--- An error of our own for whatever a transport or a credential of the user's gave as one; theirs is not written to.
function errors.adopt(given, code, outcome)
  local fields = {}
  if type(given) == "table" then
    for _, name in ipairs(copied) do
      fields[name] = given[name]
    end
  end
  fields.code = type(fields.code) == "string" and fields.code or code
  fields.outcome = type(fields.outcome) == "string" and fields.outcome or outcome
  if type(fields.message) ~= "string" then
    fields.message = errors.line(given == nil and "no reason was given" or tostring(given))
  end
  return errors.new(fields)
end

--- Is the value one of this library's errors?
function errors.is(value)
  return getmetatable(value) == failure
end

--- nil, err for a value that breaks a rule; nothing was sent.
function errors.invalid(message)
  return nil, errors.new { code = "invalid_argument", message = message, outcome = "not_sent" }
end

local certainty = { not_sent = 1, rejected = 2, maybe_sent = 3 }

--- The outcome of a call from those of two attempts, the first of which may be nil: the one that excludes less. A later
-- refusal does not undo what an earlier attempt may have done.
function errors.worse(before, now)
  if before and (certainty[before] or 3) > (certainty[now] or 3) then
    return before
  end
  return now
end

local own_source = debug.getinfo(1, "S").source:match "^(.*)error%.lua$"

local function is_ours(source)
  return own_source and source:sub(1, #own_source) == own_source
end

--- The stack level of the first frame outside this library, counted for `error` inside misuse.
local function caller_level()
  local level = 3
  while true do
    local info = debug.getinfo(level, "S")
    if not info then
      return 0 -- nobody outside is on this stack: no position is better than a wrong one
    end
    if info.what ~= "C" and info.what ~= "tail" and not is_ours(info.source) then
      return level - 1
    end
    level = level + 1
  end
end

--- Raises the sentence at the line that called into the library.
function errors.misuse(message, ...)
  if select("#", ...) > 0 then
    message = message:format(...)
  end
  error(message, caller_level())
end

return errors
