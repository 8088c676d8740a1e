-- Sends one message to everybody in a hub:  script/lua examples/send.lua [HUB [TEXT]]
-- The connection string comes from WEBPUBSUB_CONNECTION_STRING.

local webpubsub = require "webpubsub"

local connection_string = os.getenv "WEBPUBSUB_CONNECTION_STRING"
if not connection_string then
  io.stderr:write "Set WEBPUBSUB_CONNECTION_STRING; lua/bin/webpubsub emulator prints one.\n"
  os.exit(1)
end

local hub = assert(webpubsub.from_connection_string(connection_string, arg[1] or "chat"))
local ok, response = hub:send_to_all { from = "examples/send.lua", data = arg[2] or "Hello world" }
if not ok then
  io.stderr:write(tostring(response), "\n")
  os.exit(1)
end
print("accepted with status " .. response.status .. ", request " .. response.request_id)
