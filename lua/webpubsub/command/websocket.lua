--- A WebSocket client on lua-http, under LuaJIT.

local websocket = {}
websocket.__index = websocket

--- nil, or a sentence that says what is missing.
function websocket.obstacle()
  if type(jit) ~= "table" then
    return "WebSockets need LuaJIT; the Debian package is luajit2."
  elseif not pcall(require, "http.websocket") then
    return "WebSockets need lua-http for LuaJIT; the Debian package is lua-http."
  end
  return nil
end

-- lua-http names the URL in some of its errors, and the URL holds a token.
local function sentence_of(why)
  local text = why == nil and "the connection ended" or tostring(why)
  return (text:gsub("access_token=[^%s&'\"]*", "access_token=***"))
end

--- client | nil, sentence.
function websocket.connect(url, seconds)
  require("cqueues.socket").setmaxline(65536)
  local socket = require("http.websocket").new_from_uri(url, { "json.webpubsub.azure.v1" })
  local ok, connected, why = pcall(socket.connect, socket, seconds)
  if ok and connected then
    return setmetatable({ socket = socket }, websocket)
  end
  return nil, sentence_of(ok and why or connected)
end

--- The next text; nil and a sentence at the end; nil, "timeout" when none came within the seconds.
function websocket:receive(seconds)
  local started = require("cqueues").monotime()
  local ok, text, why = pcall(self.socket.receive, self.socket, seconds)
  if ok and text then
    return text
  elseif seconds and require("cqueues").monotime() - started >= seconds then
    return nil, "timeout"
  end
  return nil, sentence_of(ok and self.socket.got_close_message or ok and why or text)
end

function websocket:close()
  pcall(self.socket.close, self.socket, 1000, "", 1)
end

return websocket
