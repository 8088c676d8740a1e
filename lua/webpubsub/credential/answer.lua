--- What token endpoints answer → an entry of the cache, or an error without any secret in it: pure.

local cache = require "webpubsub.credential.cache"
local errors = require "webpubsub.error"
local http_date = require "webpubsub.http_date"
local json = require "webpubsub.json"
local secret = require "webpubsub.secret"

local answer = {}

--- Nothing to ask here: a chain goes on to its next credential. Everything else stops it.
function answer.unavailable(name, sentence)
  return nil, errors.new { code = "credential_unavailable", message = name .. ": " .. sentence, outcome = "not_sent" }
end

function answer.failed(name, sentence, status)
  local message = name .. ": " .. sentence
  return nil, errors.new { code = "authentication_failed", message = message, status = status, outcome = "not_sent" }
end

local function text_or_nil(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- Takes secrets that a server repeats out of its sentence.
local function scrub(text, secrets)
  for _, each in ipairs(secrets or {}) do
    text = secret.mask(text, each, "(masked)")
  end
  return errors.line(text)
end

--- The server's own words: error_description, or the object under error, or message.
local function sentence_of(body)
  local inner = type(body.error) == "table" and body.error or {}
  return text_or_nil(body.error_description)
    or text_or_nil(inner.message)
    or text_or_nil(body.message)
    or text_or_nil(inner.code)
    or text_or_nil(body.error)
end

--- The error of a status that is no success. secrets: texts that must not be repeated.
function answer.failure(name, raw, secrets)
  local body = json.decode(raw.body)
  local words = type(body) == "table" and sentence_of(body)
  local sentence = words and scrub(words, secrets) or ("the token endpoint answered with status " .. raw.status)
  return answer.failed(name, sentence, raw.status)
end

--- Epoch seconds of an RFC 3339 time; without an offset it counts as UTC. | nil
function answer.moment(text)
  local year, month, day, hour, minute, second, rest =
    text:match "^(%d%d%d%d)-(%d%d)-(%d%d)[Tt ](%d%d):(%d%d):(%d%d)(.*)$"
  if not year then
    return nil
  end
  local sign, hours, minutes = rest:match "([+-])(%d%d):?(%d%d)$"
  local offset = sign and (tonumber(hours) * 3600 + tonumber(minutes) * 60) * (sign == "-" and -1 or 1) or 0
  local days = http_date.days(tonumber(year), tonumber(month), tonumber(day))
  return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second) - offset
end

local function seconds_of(value)
  local number = tonumber(value)
  return number and number == number and number > 0 and number < 2 ^ 53 and math.floor(number) or nil
end

--- Contract: expires_on (epoch seconds or a date), else expires_in.
local function expiry_of(body, now)
  local expires_on = seconds_of(body.expires_on)
    or (type(body.expires_on) == "string" and answer.moment(body.expires_on))
  if expires_on then
    return expires_on
  end
  local expires_in = seconds_of(body.expires_in)
  return expires_in and now + expires_in
end

--- A token with its expiry → entry | nil, err.
function answer.entry(name, token, now, expires_on, refresh_in)
  if not text_or_nil(token) or not token:find "^[%w._~+/=-]+$" then -- RFC 6750 section 2.1
    return answer.failed(name, "the answer holds no bearer token")
  elseif not expires_on then
    return answer.failed(name, "the answer does not say how long the token lives")
  elseif expires_on <= now then
    return answer.failed(name, "the token had expired when it came")
  end
  return cache.entry(token, now, expires_on, refresh_in)
end

--- read(name, response, now, secrets) → entry | nil, err.
function answer.read(name, raw, now, secrets)
  if raw.status ~= 200 then
    return answer.failure(name, raw, secrets)
  end
  local body = json.decode(raw.body)
  if type(body) ~= "table" then
    return answer.failed(name, "the answer is not JSON", raw.status)
  end
  return answer.entry(name, body.access_token, now, expiry_of(body, now), seconds_of(body.refresh_in))
end

return answer
