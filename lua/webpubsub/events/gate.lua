--- Who is let in: the origin, the signature and the user's own check, before a byte of the body is read.

local core = require "webpubsub.core"
local protect = require "webpubsub.events.protect"
local signature = require "webpubsub.events.signature"

local gate = {}

--- Is the origin one of the allowed hosts? true | nil, status, sentence.
function gate.check_origin(hosts, map)
  local origin = map["webhook-request-origin"]
  if not origin or origin == "" then
    return nil, 400, "WebHook-Request-Origin is missing"
  elseif hosts and not hosts[origin:lower()] then
    return nil, 403, "the origin is not an allowed endpoint"
  end
  return true
end

local function check_signature(sources, map)
  local id = map["ce-connectionid"] or ""
  local matches, sentence = false, nil
  if id ~= "" then
    matches, sentence = signature.check(sources, map["ce-signature"] or "", id)
  end
  if sentence then
    return nil, 500, "the signature could not be checked", sentence
  elseif not matches then
    return nil, 401, "the signature is missing or does not match"
  end
  return true
end

local function check_own(authenticate, request)
  local ran, ok, status = protect.call(authenticate, request)
  if not ran then
    return nil, 500, "the request could not be checked", tostring(ok)
  elseif ok == true then
    return true
  elseif type(status) ~= "number" or status < 400 or status > 599 or status % 1 ~= 0 then
    status = 401
  end
  return nil, status, "the request is not authenticated"
end

--- true | nil, status, sentence for the caller, detail for the log. Keys and authenticate must both agree where both
-- are given.
function gate.authenticate(settings, map, request)
  local ok, status, sentence, detail = true, nil, nil, nil
  if #settings.sources > 0 then
    ok, status, sentence, detail = check_signature(settings.sources, map)
  end
  if ok and settings.authenticate then
    return check_own(settings.authenticate, request)
  end
  return ok, status, sentence, detail
end

--- Contract: every event names its hub, compared without regard to case, and its connection.
function gate.check_names(hub, map)
  local id = map["ce-connectionid"] or ""
  if (map["ce-hub"] or ""):lower() ~= hub:lower() then
    return nil, 404, "no handler of this hub"
  elseif id == "" or not core.utf8_length(id) then
    return nil, 400, "ce-connectionId is missing"
  end
  return true
end

return gate
