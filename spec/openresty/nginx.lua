-- A real nginx with its Lua module, unprivileged, in a folder of its own, ended by its process.
--   local nginx = require("spec.openresty.nginx").start { http = "directives", server = "locations" }

local blocking = require "webpubsub.transport.blocking"
local core = require "webpubsub.core"
local files = require "spec.support.files"
local process = require "webpubsub.process"
local run = require "spec.support.run"

local nginx = {}
nginx.__index = nginx

local root = os.getenv "PWD"

local template = [[
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off;
worker_processes $workers;
pid $folder/nginx.pid;
$user
error_log $folder/error.log notice;
env PWD;
env PATH;
$main
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  lua_package_path "$root/lua/?.lua;$root/lua/?/init.lua;$root/?.lua;;";
  lua_package_cpath "$root/build/luajit/?.so;;";
  lua_max_running_timers 64;
  $http
  server {
    listen 127.0.0.1:$port;
    location = /pid { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
    $server
  }
}
]]

local function fill(text, values)
  return (text:gsub("%$(%l+)", function(name)
    return values[name]
  end))
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "*a" or ""
  if file then
    file:close()
  end
  return text
end

--- A port that was free a moment ago.
function nginx.free_port()
  local recorder = require "spec.support.recorder"
  local server = recorder.start()
  server:stop()
  return server.port
end

--- Waits until check() is truthy; raises the sentence when the seconds are over.
function nginx.wait_for(seconds, sentence, check)
  local deadline = core.monotonic() + seconds
  while true do
    local value = check()
    if value then
      return value
    end
    if core.monotonic() > deadline then
      error(sentence, 2)
    end
  end
end

function nginx:get(path, seconds)
  local request =
    { method = "GET", url = self.endpoint .. path, headers = { "Connection", "close" }, idempotent = true }
  return self.transport:send(request, core.monotonic() + (seconds or 10))
end

--- The body that a location answers; raises on any other status than 200.
function nginx:body(path, seconds)
  local response, err = self:get(path, seconds)
  if not response then
    error(tostring(err) .. "\n" .. self:log(), 2)
  elseif response.status ~= 200 then
    error(("%s answered %d: %s\n%s"):format(path, response.status, response.body, self:log()), 2)
  end
  return response.body
end

--- The error log so far.
function nginx:log()
  return read(self.folder .. "/error.log")
end

--- Sends nginx a signal by its own command: "reload", "quit" or "stop".
function nginx:signal(name)
  return run { "nginx", "-p", self.folder, "-c", self.folder .. "/nginx.conf", "-s", name }
end

--- Waits for its end after a signal. Exit code | nil.
function nginx:wait(seconds)
  return self.handle:wait(seconds)
end

--- Ends the master by SIGTERM, which it passes on: a killed one would leave its workers behind.
function nginx:stop()
  self.handle:kill()
  self.handle:wait(10)
  self.handle:close()
  self.transport:close()
  run { "rm", "-r", self.folder }
end

local function is_root()
  local _, output = run { "id", "-u" }
  return output:match "^0%s" ~= nil
end

local function prepare(settings)
  local folder = os.tmpname()
  os.remove(folder)
  assert(run { "mkdir", folder } == 0)
  local values = {
    folder = folder,
    root = root,
    port = tostring(nginx.free_port()),
    main = settings.main or "",
    workers = tostring(settings.workers or 1),
    user = is_root() and "user root;" or "", -- workers must be able to read the working tree
    http = settings.http or "",
    server = settings.server or "",
  }
  values.http, values.server = fill(values.http, values), fill(values.server, values)
  files.write(folder .. "/nginx.conf", fill(template, values))
  return setmetatable({
    folder = folder,
    endpoint = "http://127.0.0.1:" .. values.port,
    transport = assert(blocking.new { proxy = false, max_response_body = 1073741824 }),
  }, nginx)
end

--- start { main, http, server, workers = 1 }: directives. `$root`, `$folder` and `$port` in http and server
-- are filled in.
function nginx.start(settings)
  local self = prepare(settings)
  self.handle = assert(process.start({
    "nginx",
    "-p",
    self.folder,
    "-c",
    self.folder .. "/nginx.conf",
    "-e",
    self.folder .. "/error.log",
  }, { capture_output = true, merge_error = true }))
  local ok, sentence = pcall(nginx.wait_for, 10, "nginx did not start", function()
    return self:get("/pid", 1)
  end)
  if not ok then
    error(sentence .. ": " .. self:log(), 2)
  end
  return self
end

return nginx
