# A game loop, and event loops with a frame timer of their own.
LUA=luajit script/lua bench/slow_stub.lua 0.05 > "$work/stub.port" &
started $!
wait_for "the slow stub did not start" test -s "$work/stub.port"
slow=http://127.0.0.1:$(cat "$work/stub.port")

# frames_row NAME LUA HOST [small]
frames_row() {
  # shellcheck disable=SC2046,SC2086
  printf '%-24s %10s %11s %9s %19s %9s\n' "$1" $(LUA=$2 script/lua bench/frames.lua "$slow" 1000 20 $3 ${4:-})
}

echo
echo "1,000 sends outstanding, answers after 50 ms, 64 connections, 60 frames a second for 20 s: poll(0)"
echo "row                      longest ms   99.9 % ms   50 % ms   most processor ms   sends/s"
frames_row "game loop, lua5.4" lua5.4 plain
frames_row "game loop, luajit" luajit plain
frames_row "collects between, lua5.4" lua5.4 collecting
frames_row "collects between, luajit" luajit collecting
frames_row "small steps, lua5.4" lua5.4 plain small
frames_row "luv, lua5.4" lua5.4 luv
frames_row "luv, small steps, lua5.4" lua5.4 luv small
frames_row "luv, luajit" luajit luv
frames_row "cqueues, lua5.4" lua5.4 cqueues
frames_row "cqueues, small, lua5.4" lua5.4 cqueues small
frames_row "cqueues, luajit" luajit cqueues
frames_row "copas, luajit" luajit copas
