--- Lists that come in pages. A page's continuation_token is the path and query of the service's nextLink, which is
-- followed as it is (contract: paging): its own top and page size count, not those of the call.

local errors = require "webpubsub.error"

local pages = {}

local function path_of(url)
  return url:match "^([^?]*)"
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
  if path_of(site.audience_base .. token) ~= path_of(made.audience) then
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

--- An iterator over the items of all pages that fetch(options) gives.
function pages.each(fetch, given)
  local call, page, position = copy(given), nil, 0
  return function()
    while true do
      if page then
        position = position + 1
        if page[position] then
          return page[position]
        elseif not page.continuation_token then
          return nil
        end
        call.continuation_token = page.continuation_token
      end
      local err
      page, err = fetch(call)
      if not page then
        error(err, 0)
      end
      position = 0
    end
  end
end

return pages
