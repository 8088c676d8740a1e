--- What is known of a token at a moment: pure. An entry is { token, expires_on, refresh_on }, times in epoch seconds.

local cache = {}

local early = 120 -- contract: refreshing begins two minutes before the end,
local margin = 1 -- a caller waits from one second before it,
local pause = 3 -- and a refresh that failed is tried again after three seconds.
local long_life = 7200 -- contract: what lives longer is refreshed at half of its life

--- A complete entry of a token with its lifetime; refresh_in is what the server recommends, or nil.
function cache.entry(token, now, expires_on, refresh_in)
  local life = expires_on - now
  local refresh_on = life > long_life and now + life / 2 or expires_on - early
  if refresh_in and refresh_in > 0 and refresh_in < life then
    refresh_on = now + refresh_in
  end
  return { token = token, expires_on = expires_on, refresh_on = refresh_on }
end

--- Can the entry still be sent?
function cache.is_valid(entry, now)
  return entry ~= nil and now < entry.expires_on - margin
end

--- Did it happen within the last three seconds? A clock that was set back since then says no.
function cache.is_recent(moment, now)
  return moment ~= nil and now ~= nil and now >= moment and now < moment + pause
end

--- "fresh", "due" (usable, but to be replaced) or "expired". failed_at: when the last refresh failed, or nil.
function cache.judge(entry, now, failed_at)
  if not cache.is_valid(entry, now) then
    return "expired"
  elseif now < entry.refresh_on or cache.is_recent(failed_at, now) then
    return "fresh"
  end
  return "due"
end

return cache
