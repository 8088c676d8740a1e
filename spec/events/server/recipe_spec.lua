-- The recipe of docs/webhooks.md for hosts without an adapter, run as it stands there under the real WSAPI.

local common = require "wsapi.common"
local support = require "spec.events.support"

local function read_recipe()
  local file = assert(io.open("docs/webhooks.md", "rb"))
  local text = file:read "*a"
  file:close()
  return assert(text:match "```lua\n(local names = .-)\n```")
end

--- The application of the recipe with a handler of ours.
local function application(handler)
  return assert(loadstring("local handler = ...\n" .. read_recipe()))(handler)
end

--- What a CGI server's environment says of a request.
local function environment(request)
  local map = { REQUEST_METHOD = request.method, CONTENT_LENGTH = tostring(#request.body), PATH_INFO = "/" }
  for name, value in pairs(request.headers) do
    map["HTTP_" .. name:upper():gsub("-", "_")] = value
  end
  map.CONTENT_TYPE, map.HTTP_CONTENT_TYPE = request.headers["Content-Type"], nil
  return function(name)
    return map[name]
  end
end

--- Runs one request through WSAPI. Everything that it wrote.
local function run(handler, request)
  local parts, body = {}, request.body
  local input = {
    read = function(_, count)
      local part = body:sub(1, count)
      body = body:sub(#part + 1)
      return part ~= "" and part or nil
    end,
  }
  local output = {
    write = function(_, ...)
      for i = 1, select("#", ...) do
        parts[#parts + 1] = tostring((select(i, ...)))
      end
      return true
    end,
    flush = function() end,
  }
  common.run(application(handler), { input = input, output = output, error = output, env = environment(request) })
  return table.concat(parts)
end

describe("the recipe for WSAPI", function()
  it("hands events on and gives the answer back", function()
    local made = support.handler {
      handle_user_event = function(event, response)
        response:set_state("seen", true)
        response:success { echo = event.data }
      end,
    }
    local answer = run(made.handler, support.request("message", '{"a":"ü"}'))
    assert.match("^Status: 200", answer)
    assert.match('{"echo":{"a":"ü"}}$', answer)
    assert.match("ce%-connectionState: eyJzZWVuIjp0cnVlfQ==", answer)
  end)

  it("refuses what is forged, and answers the validation handshake", function()
    local made = support.handler()
    assert.match("^Status: 401", run(made.handler, support.request("message", "{}", { ["ce-signature"] = false })))
    local request = { method = "OPTIONS", headers = { ["WebHook-Request-Origin"] = "h" }, body = "" }
    assert.match("WebHook%-Allowed%-Origin: %*", run(made.handler, request))
    assert.equal(0, made.calls)
  end)
end)
