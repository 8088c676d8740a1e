#!/bin/sh
# Makes the rock into an empty tree for Lua 5.4 and 5.1, as a user would, and sends with it to the local service.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

# luarocks builds in the current folder; a copy keeps its objects out of the tree.
mkdir "$work/source"
git ls-files -z | xargs -0 tar -cf - | tar -xf - -C "$work/source"
cd "$work/source"

for version in 5.1 5.4; do
  luarocks --lua-version "$version" --tree "$work/tree" make --deps-mode=none rockspec/webpubsub-scm-1.rockspec
done

unset LUA_PATH LUA_CPATH WEBPUBSUB_BUILD
cd "$work"
for lua in lua5.4 luajit lua5.1; do
  version=$("$lua" -e 'print(_VERSION:match("%d.%d"))')
  LUA_PATH="$work/tree/share/lua/$version/?.lua;$work/tree/share/lua/$version/?/init.lua;;" \
  LUA_CPATH="$work/tree/lib/lua/$version/?.so;;" "$lua" - <<'LUA'
    local service = assert(require("webpubsub.emulator").start { port = 0 })
    local hub = assert(require("webpubsub").from_connection_string(service.connection_string, "chat"))
    assert(hub:send_to_all { n = 1 })
    assert(service:messages()[1].data.n == 1)
    assert(service:stop())
    print("sent with the rock on " .. _VERSION)
LUA
done
LUA_PATH="$work/tree/share/lua/5.4/?.lua;$work/tree/share/lua/5.4/?/init.lua;;" \
  LUA_CPATH="$work/tree/lib/lua/5.4/?.so;;" "$work/tree/bin/webpubsub" --version

# The installed command line, its emulator handed over to LuaJIT, and the page.
LUA_PATH="$work/tree/share/lua/5.4/?.lua;$work/tree/share/lua/5.4/?/init.lua;;" \
  LUA_CPATH="$work/tree/lib/lua/5.4/?.so;;" lua5.4 - "$work/tree/bin/webpubsub" <<'LUA'
  local process = require "webpubsub.process"
  local child = assert(process.start({ arg[1], "emulator", "--port", "0", "--log-level", "off", "--lifeline" }, { capture_output = true }))
  local text = ""
  while not text:find "client to try: [^\n]*\n" do
    text = text .. assert(child:read(15))
  end
  local connection_string = text:match "connection string: +(%S+)"
  local settings = { capture_output = true, environment = { "WEBPUBSUB_CONNECTION_STRING=" .. connection_string } }
  local doctor = assert(process.start({ arg[1], "doctor" }, settings))
  local said = assert(doctor:read(15))
  assert(doctor:wait(15) == 0, said)
  local transport = require("webpubsub.transport.blocking").new {}
  local page = { method = "GET", url = text:match "live page: +(%S+)", headers = {} }
  local answer = assert(transport:send(page, require("webpubsub.core").monotonic() + 10))
  assert(answer.status == 200 and answer.body:find("Web PubSub emulator", 1, true))
  child:release()
  assert(child:wait(15) == 0)
  print "the installed command line works"
LUA
