--- Lists that come in pages. A page's continuation_token is the path and query of the service's nextLink, which is
-- followed as it is (contract: paging): its own top and page size count, not those of the call.

local core = require "webpubsub.core"
local errors = require "webpubsub.error"

local pages = {}

local function path_of(url)
  return url:match "^([^?]*)"
end

--- The service may spell the hub in another case and escape other characters than we do.
local function is_same_list(a, b)
  local function spelled(url)
    return ((core.percent_decode(url) or url):gsub("^(.-/api/hubs/[^/]*)", string.lower))
  end
  return spelled(a) == spelled(b)
end

local function is_link(token)
  return token:sub(1, 1) == "/"
end

--- Turns a built list request into one for the page that call.continuation_token names. request | nil, err.
function pages.continue(site, row, call, made)
  local token = call.continuation_token
  if row.answer ~= "page" or token == nil or not is_link(token) then
    return made
  end
  if not is_same_list(path_of(site.audience_base .. token), path_of(made.audience)) then
    return errors.invalid "the continuation_token belongs to another list"
  end
  if not token:find "[?&]api%-version=" then
    token = token .. (token:find("?", 1, true) and "&" or "?") .. "api-version=" .. site.api_version
  end
  made.url = site.base .. token
  made.audience = site.audience_base .. token
  return made
end

local function copy(given)
  local result = {}
  for name, value in pairs(given or {}) do
    result[name] = value
  end
  return result
end

--- The options of the next page | nil when this was the last. A page that names itself as the next would never end.
local function next_page(call, page)
  local token = page.continuation_token
  if token and token == call.continuation_token then
    error(
      errors.new {
        code = "bad_response",
        message = "a page of the list names itself as the next one",
        outcome = "maybe_sent",
      },
      0
    )
  end
  call.continuation_token = token
  return token and call
end

local function fetch_page(fetch, call)
  local page, err = fetch(call)
  if not page then
    error(err, 0)
  end
  return page
end

--- An iterator over the items of all pages that fetch(options) gives, `top` of them at the most.
function pages.each(fetch, given)
  local call, page, position, left = copy(given), nil, 0, given and given.top or math.huge
  return function()
    while left > 0 do
      page = page or fetch_page(fetch, call)
      position = position + 1
      if page[position] then
        left = left - 1
        return page[position]
      elseif not next_page(call, page) then
        return nil
      end
      page, position = nil, 0
    end
  end
end

return pages
