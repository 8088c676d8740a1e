-- Webhook requests as the service makes them (contract: event handlers, section 3), signed by openssl's results.

local webpubsub = require "webpubsub"
local json = require "webpubsub.json"

local support = {}

local file = assert(io.open("spec/vectors/signatures.json", "rb"))
support.signatures = assert(json.decode(file:read "*a")).cases
file:close()

support.first, support.second = support.signatures[1], support.signatures[2]
support.keys = { support.first.key, support.second.key }

local types = {
  connect = "azure.webpubsub.sys.connect",
  connected = "azure.webpubsub.sys.connected",
  disconnected = "azure.webpubsub.sys.disconnected",
  joined = "azure.webpubsub.gp.joined",
  left = "azure.webpubsub.gp.left",
}

--- A signed request. name: an event of the table above, or that of a user event. changes: header → value, false to
-- leave it out.
function support.request(name, body, changes)
  local headers = {
    ["WebHook-Request-Origin"] = "name.webpubsub.azure.com",
    ["Content-Type"] = "application/json; charset=utf-8",
    ["ce-specversion"] = "1.0",
    ["ce-awpsversion"] = "1.0",
    ["ce-type"] = types[name] or "azure.webpubsub.user." .. name,
    ["ce-source"] = "/hubs/chat/client/" .. support.first.connection_id,
    ["ce-id"] = "7",
    ["ce-time"] = "2026-01-02T03:04:05Z",
    ["ce-hub"] = "chat",
    ["ce-connectionId"] = support.first.connection_id,
    ["ce-eventName"] = name,
    ["ce-userId"] = "ann",
    ["ce-signature"] = "sha256=" .. support.first.hex,
  }
  for header, value in pairs(changes or {}) do
    headers[header] = value or nil
  end
  return { method = "POST", headers = headers, body = body or "{}" }
end

--- A handler with both keys that keeps its log lines in `lines` and counts in `calls` what was called.
function support.handler(options)
  local made = { lines = {}, calls = 0, events = {} }
  local given = { hub = "chat", access_keys = support.keys }
  given.logger = function(level, line)
    made.lines[#made.lines + 1] = level .. ": " .. line
  end
  local names =
    { "handle_connect", "handle_user_event", "on_connected", "on_disconnected", "on_group_joined", "on_group_left" }
  for _, name in ipairs(names) do
    given[name] = function(event)
      made.calls = made.calls + 1
      made.events[#made.events + 1] = event
    end
  end
  for name, value in pairs(options or {}) do
    given[name] = value or nil
  end
  made.handler = assert(webpubsub.event_handler(given))
  function made.send(...)
    return made.handler:handle(support.request(...))
  end
  return made
end

--- The message that f raises, without its position.
function support.raised(f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "nothing was raised")
  return (tostring(message):gsub("^.-:%d+: ", ""))
end

return support
