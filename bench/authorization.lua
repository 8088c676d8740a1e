-- Prints an Authorization header as the client signs it, for the bare loop. Usage: authorization.lua ENDPOINT

local webpubsub = require "webpubsub"

local hub = assert(webpubsub.client {
  endpoint = arg[1],
  hub = "chat",
  credential = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH",
})
local headers = assert(hub:prepare("send_to_all", "x")).headers
print("Authorization: " .. headers[2])
