--- What credentials have inside nginx: a refresh in a timer of its own, and tokens that all workers share.

local cache = require "webpubsub.credential.cache"
local errors = require "webpubsub.error"
local json = require "webpubsub.json"

local openresty = {}

local timer = {}
timer.__index = timer

function timer:status()
  return self.state
end

--- Runs work in a timer; a premature one has the same work to do. Something with status() | nil when nginx has no timer
-- left: the request then does the work itself.
function openresty.detach(work)
  local self = setmetatable({ state = "running" }, timer)
  local ok = ngx.timer.at(0, function()
    local done, sentence = pcall(work)
    self.state = done and "done" or "failed"
    if not done then
      ngx.log(ngx.ERR, "webpubsub: a token request failed: ", errors.line(tostring(sentence)))
    end
  end)
  return ok and self or nil
end

local function stored(dict, key, now)
  local text = dict:get(key)
  local entry = text and json.decode(text)
  return entry and cache.judge(entry, now) == "fresh" and entry or nil
end

--- forget({ shared_dict, shared_key }, text): removes the token if it is the stored one. Was it? Where another worker
-- stores its successor between the two steps, that costs one more token request.
function openresty.forget(parts, text)
  local dict = ngx.shared[parts.shared_dict]
  local entry = json.decode(dict:get(parts.shared_key) or "")
  if type(entry) ~= "table" or entry.token ~= text then
    return false
  end
  dict:delete(parts.shared_key)
  return true
end

--- The one worker that holds the lock asks the source.
local function fetch_locked(dict, parts, context)
  local known = stored(dict, parts.shared_key, context.now)
  if known then
    return known
  end
  local ok, entry, err = pcall(parts.source, context)
  if not ok then
    return nil, entry
  elseif entry then
    dict:set(parts.shared_key, json.encode(entry), math.max(1, entry.expires_on - context.now))
  end
  return entry, err
end

local function timed_out(parts)
  return nil,
    errors.new { code = "timeout", message = parts.name .. ": another worker gave no token", outcome = "not_sent" }
end

--- share { name, source, timeout, shared_dict, shared_key } → a source. The lock ends by itself, so that a worker that
-- dies in between strands nobody.
function openresty.share(parts)
  local dict = ngx.shared[parts.shared_dict]
  if not dict then
    errors.misuse("%s: there is no lua_shared_dict %s", parts.name, parts.shared_dict)
  end
  local lock = parts.shared_key .. " lock"
  return function(context)
    while true do
      local entry = stored(dict, parts.shared_key, context.now)
      if entry then
        return entry
      elseif dict:add(lock, true, (parts.timeout or 30) + 1) then
        local fetched, err = fetch_locked(dict, parts, context)
        dict:delete(lock)
        return fetched, err
      elseif context.transport:now() >= context.deadline then
        return timed_out(parts)
      end
      context.transport:sleep(0.02)
    end
  end
end

return openresty
