-- Prints a script for wrk that posts one signed user event. Argument: the access key.

local mac = require "webpubsub.mac"

local connection = "0f5c9e1b7a8d4c6e9b3a2d1f0e8c7b6a"
local hex = mac.new(arg[1]):sign(connection):gsub(".", function(byte)
  return ("%02x"):format(byte:byte())
end)

local headers = {
  ["WebHook-Request-Origin"] = "name.webpubsub.azure.com",
  ["Content-Type"] = "text/plain",
  ["ce-specversion"] = "1.0",
  ["ce-awpsversion"] = "1.0",
  ["ce-type"] = "azure.webpubsub.user.message",
  ["ce-source"] = "/hubs/chat/client/" .. connection,
  ["ce-id"] = "1",
  ["ce-time"] = "2026-01-02T03:04:05Z",
  ["ce-hub"] = "chat",
  ["ce-connectionId"] = connection,
  ["ce-eventName"] = "message",
  ["ce-userId"] = "ann",
  ["ce-connectionState"] = "eyJyb29tIjoibG9iYnkifQ==", -- {"room":"lobby"}
  ["ce-signature"] = "sha256=" .. hex,
}

print 'wrk.method = "POST"\nwrk.body = "hello world, this is a message"'
for name, value in pairs(headers) do
  print(("wrk.headers[%q] = %q"):format(name, value))
end
-- One answer other than 200 makes the row worthless.
print [[
function done(summary)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.stderr:write(("%.0f %d\n"):format(summary.requests / (summary.duration / 1e6), bad))
end]]
