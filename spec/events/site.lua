-- The application of the adapter specs: notes every event, answers each in its own way.

local json = require "webpubsub.json"
local webpubsub = require "webpubsub"

local site = {}

--- The notes as JSON lines: what has reached a function, in order.
local notes = {}

local function note(event)
  notes[#notes + 1] = json.encode {
    kind = event.kind,
    name = event.name,
    user = event.user_id or false,
    connection = event.connection_id,
    data = event.data_type == "binary" and #event.data or event.data,
    states = event.states,
    reason = event.reason,
  }
end

local function on_connect(event, response)
  note(event)
  if event.query.refuse then
    return response:fail(403, "not you")
  elseif event.query.raise then
    error "on purpose"
  end
  response:set_state("visits", 1)
  response:success { user_id = "named", groups = { "lobby" }, roles = { "webpubsub.sendToGroup.lobby" } }
end

local function on_user_event(event, response)
  note(event)
  if event.name == "refuse" then
    return response:fail(400, "no")
  elseif event.data_type == "binary" then
    return response:success(event.data:reverse(), { content_type = "application/octet-stream" })
  end
  response:set_state("visits", (event.states.visits or 0) + 1)
  response:success({ visits = event.states.visits or 0 }, { metadata = { mark = "1" } })
end

--- make(options) → handler.
function site.make(options)
  local given = {
    hub = "chat",
    handle_connect = on_connect,
    handle_user_event = on_user_event,
    on_connected = note,
    on_disconnected = note,
  }
  for name, value in pairs(options) do
    given[name] = value
  end
  return assert(webpubsub.event_handler(given))
end

function site.notes()
  return table.concat(notes, "\n")
end

return site
