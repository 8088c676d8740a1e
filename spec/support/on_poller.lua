-- Loaded by busted before the client's specs: clients that are given no transport get a poller.
-- WEBPUBSUB_SPEC_CALLS "main": their calls come from the main chunk. "spawned": each runs in a task of its own.

local transport = require "webpubsub.transport"

local calls = assert(os.getenv "WEBPUBSUB_SPEC_CALLS", "WEBPUBSUB_SPEC_CALLS is main or spawned")

--- Sends and sleeps in a spawned function, and polls until that is done.
local function spawning(poller)
  local inside = setmetatable({}, {
    __index = function(_, name)
      return function(_, ...)
        return poller[name](poller, ...)
      end
    end,
  })
  for _, name in ipairs { "send", "sleep" } do
    inside[name] = function(_, a, b)
      local value, err
      local task = poller:spawn(function()
        value, err = poller[name](poller, a, b)
      end)
      poller:run()
      assert(task:status() == "done", task:status())
      return value, err
    end
  end
  return inside
end

function transport.choose(options)
  local poller = require "webpubsub.transport.poller"
  local own = {}
  for name in pairs(poller.schema) do
    own[name] = options[name]
  end
  local made, err = poller.new(own)
  if made and calls == "spawned" then
    return spawning(made)
  end
  return made, err
end
