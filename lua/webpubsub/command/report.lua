--- What commands print, and how they end.

local json = require "webpubsub.json"

local report = {}

report.done, report.no, report.usage = 0, 1, 2
local codes = { not_sent = 3, rejected = 4, maybe_sent = 5 }

--- Text from elsewhere, fit for a terminal: control characters would move its cursor or worse.
function report.printable(text)
  return (tostring(text):gsub("[%z\1-\8\11-\31\127]", "?"):gsub("\194[\128-\159]", "?"))
end

--- Ends the process with one sentence on standard error.
function report.fail(code, sentence)
  io.stderr:write("webpubsub: " .. report.printable(sentence) .. "\n")
  os.exit(code)
end

function report.line(text)
  io.stdout:write(report.printable(text), "\n")
  io.stdout:flush()
end

function report.json(value)
  io.stdout:write(json.encode(value), "\n")
  io.stdout:flush()
end

--- The exit code of an error. What the caller gave is the caller's matter, whatever its outcome.
local function code_of(err)
  return err.code == "invalid_argument" and report.usage or codes[err.outcome] or report.no
end

--- Tells of a failed call and answers the exit code.
function report.failure(read, err)
  if not read.json then
    io.stderr:write("webpubsub: " .. report.printable(tostring(err)):gsub("\n", " ") .. "\n")
  else
    report.json {
      ok = false,
      code = err.code,
      message = err.message,
      outcome = err.outcome,
      status = err.status,
      serviceCode = err.service_code,
      requestId = err.request_id,
      retryAfter = err.retry_after,
    }
  end
  return code_of(err)
end

--- Tells of a call that went well: `value` for --json, `text` for people (nil: nothing).
function report.success(read, value, text)
  if read.json then
    value.ok = true
    report.json(value)
  elseif text then
    report.line(text)
  end
  return report.done
end

return report
