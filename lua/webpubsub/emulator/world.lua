--- What requests, messages and handshakes are decided by: state, key, settings, and what watches and disturbs.

local core = require "webpubsub.core"
local faults = require "webpubsub.emulator.faults"
local guard = require "webpubsub.emulator.guard"
local journal = require "webpubsub.emulator.journal"
local watch = require "webpubsub.emulator.watch"

local world = {}

local function new_faults(texts)
  local ordered = faults.new()
  for _, text in ipairs(texts or {}) do
    assert(ordered:add(text)) -- checked among the options
  end
  return ordered
end

--- `options`: those of emulator.options with `endpoints`; `key`: the keyed mac; `origin`: the host that event handlers
-- hear; `changed()` is called when the journal has grown.
function world.new(options, key, origin, changed)
  local entries = journal.new(options.history_entries, options.history_bytes, changed)
  return {
    mac = key,
    endpoints = options.endpoints,
    hubs = options.hubs,
    origin = origin,
    unvalidated_entra_tokens = options.unvalidated_entra_tokens,
    journal = entries,
    state = watch.state(entries, core.time),
    faults = new_faults(options.faults),
    guard = guard.new(core.uuid(), options.host, options.endpoints),
  }
end

return world
