--- Answers of the REST data plane: `{ status, headers = { { name, value }, … }, body }`, with the error bodies of
-- the service.

local core = require "webpubsub.core"

local answers = {}

local quote = core.json_encode

function answers.empty(status)
  return { status = status, headers = {}, body = "" }
end

function answers.json(status, text)
  return { status = status, headers = { { "Content-Type", "application/json; charset=utf-8" } }, body = text }
end

-- Contract, error body: flat, `details` and `innererror` null.
local function error_text(code, message, target, extra)
  return table.concat {
    '{"code":',
    quote(code),
    ',"message":',
    quote(message),
    ',"target":',
    target and quote(target) or "null",
    ',"details":null,"innererror":null',
    extra or "",
    "}",
  }
end

--- An error with its code in body and header; without a body on the wire for HEAD, which the server sees to.
function answers.error(status, code, message, target)
  local answer = answers.json(status, error_text(code, message, target))
  answer.headers[2] = { "x-ms-error-code", code }
  return answer
end

function answers.bad_request(message, target)
  return answers.error(400, "Error.BadRequest", message, target or "Request")
end

--- Contract, error body: bad groups and filters answer as application/problem+json, without the list of API versions.
function answers.problem(message, target)
  local errors = ',"errors":{' .. quote(target) .. ":[" .. quote(message) .. "]}"
  return {
    status = 400,
    headers = { { "Content-Type", "application/problem+json" }, { "x-ms-error-code", "Error.BadRequest" } },
    body = error_text("Error.BadRequest", message, target, errors),
    bare = true,
  }
end

--- `level` is the first word of the code, which differs by operation (contract, known codes).
function answers.missing(level, kind, id)
  local message = ("%s `%s` does not exist."):format(kind, id)
  return answers.error(404, ("%s.%s.NotExisted"):format(level, kind), message, kind)
end

return answers
