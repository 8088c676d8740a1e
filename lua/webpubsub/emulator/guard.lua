--- Who may see the page and use its calls without the access key: this machine, by a name that is ours, from the page
-- itself.
--
-- A site that rebinds its own name to 127.0.0.1 sends its own name as Host, and is refused. A site that sends requests
-- across origins has an Origin that is not ours, does not know the page's token (it cannot read our answers), and
-- cannot add the token's header without a permission that is never given.

local core = require "webpubsub.core"

local guard = {}

local loopback_names = { localhost = true, ["127.0.0.1"] = true, ["[::1]"] = true }

local function name_of(authority)
  return (authority:lower():gsub(":%d+$", ""))
end

local wildcards = { ["0.0.0.0"] = true, ["::"] = true }

--- What the server knows: `token` (a secret of this run), `names` (a set of host names that are ours), and whether it
-- listens everywhere: then it has names that it does not know, and who has the token may use any.
function guard.new(token, host, endpoints)
  local names = {}
  for name in pairs(loopback_names) do
    names[name] = true
  end
  if host then
    names[host:find ":" and "[" .. host:lower() .. "]" or host:lower()] = true
  end
  for _, endpoint in ipairs(endpoints) do
    names[name_of(endpoint:match "^https?://([^/]*)")] = true
  end
  return { token = token, names = names, everywhere = wildcards[host] or false }
end

local function is_loopback(peer)
  return peer == "::1" or (peer and (peer:find "^127%." or peer:find "^::ffff:127%.")) and true or false
end

local function is_own_origin(request)
  local origin, count = request:header "origin"
  local site = request:header "sec-fetch-site"
  if origin and (count > 1 or origin:lower():gsub("^https?://", "") ~= request:host():lower()) then
    return false
  end
  return site == nil or site == "same-origin" or site == "none"
end

local function has_token(world, given)
  return given ~= nil and core.equal(given, world.guard.token)
end

local function is_own_name(world, host)
  return world.guard.names[name_of(host)] == true
end

--- May this request have the page? `given`: the token that its URL carries, or nil. Others than this machine need it.
function guard.admits_page(world, request, given)
  local host = request:host()
  if host == nil then
    return false
  elseif has_token(world, given) then
    return is_own_name(world, host) or world.guard.everywhere
  end
  return is_own_name(world, host) and is_loopback(request.peer)
end

--- Does a call come from our page?
function guard.admits_call(world, request)
  local host = request:host()
  if host == nil or not (is_own_name(world, host) or world.guard.everywhere) then
    return false
  end
  return is_own_origin(request) and has_token(world, (request:header "x-emulator-page"))
end

return guard
