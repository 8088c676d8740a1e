--- The live page: three files and who may have them.

local guard = require "webpubsub.emulator.guard"
local uri = require "webpubsub.emulator.uri"

local page = {}

local files = {
  ["/"] = { "text/html; charset=utf-8", "html" },
  ["/_emulator/page.css"] = { "text/css; charset=utf-8", "style" },
  ["/_emulator/page.js"] = { "text/javascript; charset=utf-8", "script" },
}

-- Everything comes from here, nothing is inline; the WebSocket is named because not every browser counts it as 'self'.
local policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
  .. "connect-src 'self' ws://%s wss://%s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

local function answer(status, content_type, body, host)
  return {
    status = status,
    headers = {
      { "Content-Type", content_type },
      { "Content-Security-Policy", policy:format(host or "localhost", host or "localhost") },
      { "Cache-Control", "no-store" },
      { "Cross-Origin-Resource-Policy", "same-origin" },
      { "Cross-Origin-Opener-Policy", "same-origin" },
      { "Referrer-Policy", "no-referrer" },
      { "X-Content-Type-Options", "nosniff" },
      { "X-Frame-Options", "DENY" },
    },
    body = body,
  }
end

local refusal = "This page is open to the machine that the emulator runs on, by the names it listens on. "
  .. "From elsewhere, open the URL with the token that the emulator printed.\n"

function page.is_path(path)
  return files[path] ~= nil
end

-- The token stands in the HTML alone, which only the page itself can read.
local function text_of(name, world)
  local text = require("webpubsub.emulator.page." .. name)
  return name == "html" and text:gsub("%%TOKEN%%", world.guard.token) or text
end

--- The answer to GET or HEAD of one of our paths. `request.peer`: the address of the other side.
function page.handle(world, request)
  local content_type, name = files[request.path][1], files[request.path][2]
  local query = uri.query(request.query)
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return answer(405, "text/plain; charset=utf-8", "This is a page; GET it.\n")
  elseif name == "html" and not guard.admits_page(world, request, query and query:last "token") then
    return answer(403, "text/plain; charset=utf-8", refusal)
  end
  return answer(200, content_type, text_of(name, world), request:host())
end

return page
