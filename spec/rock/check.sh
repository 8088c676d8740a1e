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
    assert(service:stop())
    print("sent with the rock on " .. _VERSION)
LUA
done
LUA_PATH="$work/tree/share/lua/5.4/?.lua;$work/tree/share/lua/5.4/?/init.lua;;" \
  LUA_CPATH="$work/tree/lib/lua/5.4/?.so;;" "$work/tree/bin/webpubsub" --version
