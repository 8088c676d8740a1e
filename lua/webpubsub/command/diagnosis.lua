--- What facts about a connection mean. Values in, findings out: { check, state = "ok", "problem" or "unknown", text }.

local core = require "webpubsub.core"
local http_date = require "webpubsub.http_date"

local diagnosis = {}

local tolerated, noticeable = 300, 30 -- seconds; contract: 5 minutes of skew are allowed

function diagnosis.finding(check, state, text, ...)
  return { check = check, state = state, text = select("#", ...) > 0 and text:format(...) or text }
end

local finding = diagnosis.finding

--- Our clock beside the service's Date header.
function diagnosis.clock(date, now)
  local theirs = http_date.read(date or "")
  if not theirs then
    return finding("clock", "unknown", "The service's answer has no Date to compare this machine's clock with.")
  end
  local ahead = math.floor(now - theirs + 0.5)
  local size = math.abs(ahead)
  local text = ("This machine's clock is %d seconds %s the service's"):format(
    size,
    ahead > 0 and "ahead of" or "behind"
  )
  if size > tolerated then
    return finding("clock", "problem", text .. ", so its tokens are refused with 401; set the clock.")
  elseif size > noticeable then
    return finding("clock", "ok", text .. "; up to 300 are tolerated.")
  end
  return finding("clock", "ok", "The clocks agree.")
end

local function shown(text, position)
  local character = text:sub(position, position)
  return character == "" and "the end" or "'" .. character:gsub("%c", "?") .. "'"
end

--- Where an audience first differs from the expected one, without letter case; nil when it does not.
function diagnosis.difference(expected, given)
  local left, right = expected:lower(), given:lower()
  if left == right then
    return nil
  end
  local position = 1
  while left:byte(position) == right:byte(position) do
    position = position + 1
  end
  return ("it differs at character %d, where it has %s and %s is expected"):format(
    position,
    shown(given, position),
    shown(expected, position)
  ),
    position
end

local function text_claim(claims, name)
  local raw = claims[name]
  return raw and raw:sub(1, 1) == '"' and core.json_string(raw) or nil
end

local function check_audience(claims, expected)
  local given = text_claim(claims, "aud")
  if not given then
    return finding("aud", "problem", "The token has no aud; it must be %s.", expected)
  end
  local sentence, position = diagnosis.difference(expected, given)
  if not sentence then
    return finding("aud", "ok", "The token's aud is right: %s", given)
  end
  local text = "The token's aud is wrong: %s.\n    expected %s\n    found    %s\n             %s^"
  return finding("aud", "problem", text, sentence, expected, given, (" "):rep(position - 1))
end

local function check_times(claims, now)
  local expires, starts = tonumber(claims.exp or ""), tonumber(claims.nbf or "")
  if not expires then
    return finding("time", "problem", "The token has no exp.")
  elseif expires + tolerated < now then
    return finding("time", "problem", "The token expired %d seconds ago.", now - expires)
  elseif starts and starts - tolerated > now then
    return finding("time", "problem", "The token is not valid for another %d seconds (nbf).", starts - now)
  end
  return finding("time", "ok", "The token is valid for another %d seconds.", math.max(0, expires - now))
end

local function check_signature(header, input, signature, mac)
  local algorithm = text_claim(header, "alg")
  if algorithm ~= "HS256" then
    return finding("signature", "problem", "The token's alg is %s; it must be HS256.", algorithm or "missing")
  elseif not core.equal(mac:sign(input), signature) then
    return finding(
      "signature",
      "problem",
      "The token is not signed with this access key; the key is used as text, not base64-decoded."
    )
  end
  return finding("signature", "ok", "The token is signed with this access key.")
end

-- A claim that is a string or an array of strings, as a set.
local function set_of(raw)
  local set = {}
  local list = raw and raw:sub(1, 1) == "[" and core.json_elements(raw) or { raw }
  for _, element in ipairs(list) do
    if element:sub(1, 1) == '"' then
      set[core.json_string(element)] = true
    end
  end
  return set
end

local function has_pattern(roles)
  for role in pairs(roles) do
    if role:find("webpubsub.joinLeaveGroups.", 1, true) == 1 then
      return true
    end
  end
  return false
end

-- Whether a client with the token can be in the group (contract, roles).
local function check_membership(claims, group)
  local roles = set_of(claims.role)
  if set_of(claims["webpubsub.group"])[group] then
    return finding("membership", "ok", "The token puts its client into the group %s.", group)
  elseif roles["webpubsub.joinLeaveGroup"] or roles["webpubsub.joinLeaveGroup." .. group] then
    return finding("membership", "ok", "The token lets its client join the group %s; it has to do so itself.", group)
  elseif has_pattern(roles) then
    return finding("membership", "unknown", "The token has a role with a pattern, which may fit the group %s.", group)
  end
  local text = "The token neither puts its client into the group %s nor lets it join: it hears nothing of the group. "
    .. "Give it the group, or the role webpubsub.joinLeaveGroup."
  return finding("membership", "problem", text, group)
end

--- Findings about a token: `mac` of the key, `audience` that is expected, `now`, and `group` to be in, or nil.
function diagnosis.token(token, facts)
  local header_text, claims_text, signature, input = core.token_split(token)
  local readable = header_text and core.json_check(header_text) and core.json_check(claims_text)
  local header = readable and core.json_members(header_text)
  local claims = header and core.json_members(claims_text)
  if not claims then
    local text = "The token is not a JWT, three parts of base64url with JSON objects in them."
    return { finding("token", "problem", text) }
  end
  return {
    check_signature(header, input, signature, facts.mac),
    check_times(claims, facts.now),
    check_audience(claims, facts.audience),
    facts.group and check_membership(claims, facts.group) or nil,
  }
end

local network = {
  resolve_failed = "The name of the endpoint is not known here; is it spelled right, and is there a network?",
  connect_failed = "Nothing accepts connections at the endpoint; is the service running, and are host and port right?",
  tls_failed = "The endpoint is reached, but TLS fails; is it https, and whom does this machine trust?",
  timeout = "The endpoint did not answer in time; a firewall or a proxy may be in the way.",
}

--- A health call that got no answer.
function diagnosis.unreachable(err)
  local text = network[err.code] or "The service could not be asked."
  return finding("reachability", "problem", "%s (%s)", text, err.message)
end

--- A signed call that was refused; `url` is its audience, `clock_off` whether the clock is known to be off.
function diagnosis.refused(err, url, clock_off)
  if err.status == 401 and clock_off then
    return finding("key", "problem", "The service answers 401, which the clock explains; the key may be right.")
  elseif err.status == 401 then
    return finding(
      "key",
      "problem",
      "The service answers 401 to a token with aud %s, so the access key is not one of its "
        .. "two keys, or something in between changes the URL, and the service sees another one.",
      url
    )
  elseif err.status == 403 then
    return finding("key", "problem", "The service answers 403: it knows who calls, and forbids the call.")
  end
  return finding("key", "unknown", "Whether the key is right could not be seen: %s", tostring(err))
end

return diagnosis
