--- The transport contract, and which transport a client gets.
--
-- A transport is a table with four methods:
--
--   transport:send(request, deadline) → response | nil, err
--       request: { method, url, headers = { name, value, … }, body or nil, idempotent }; headers are complete but
--       for Host and
--       Content-Length. deadline: a value of transport:now(). Any HTTP status is a response:
--       a new table { status = 202, body = "…", headers = { ["lower-case name"] = "value" } }, or header_block in
--       place of
--       headers.
--       err: a table with code (a stable word), message and outcome: "not_sent" as long as no byte of the request can
--       have been
--       processed, afterwards "maybe_sent". A started request is never repeated unless it is idempotent.
--       err.permanent = true when trying again cannot help.
--   transport:sleep(seconds, outcome), which answers nil, err only when something cut it short; outcome: what is known
--       of the waiting call's attempts so far, for whoever cancels it meanwhile. request.outcome says the same of the
--       attempts before a repeated one.
--   transport:now() → seconds, monotonic; only for deadlines
--   transport:close()
--
-- and may have
--   transport.yields_in_iterators = false when a call cannot wait inside a `for` iterator
--   transport:map(list, limit, f) → results, as of the poller, when it can do many things at once
--
-- A transport that is given as the client's `transport` option stays its owner's: client:close() leaves it open.

local host = require "webpubsub.host.openresty"

local transport = {}

--- The transport for a client with these (checked) options. transport | nil, err.
function transport.choose(options)
  if host.inside then
    return require("webpubsub.transport.openresty").new(options)
  end
  return require("webpubsub.transport.blocking").new(options)
end

return transport
