# What the parts of script/bench share. $work is a temporary folder, $rounds and $requests the size of each measurement.

# median FILE: of one number a line.
median() {
  sort -n "$1" | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# all FILE: every number in the order in which it was measured.
all() {
  awk '{ printf "%.2f ", $1 }' "$1"
}

# repeat COMMAND…: in every round, so that rows that are compared are measured side by side.
repeat() {
  round=0
  while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    "$@"
  done
}

# wait_for SENTENCE COMMAND…: until it succeeds, for ten seconds.
wait_for() {
  sentence=$1
  shift
  tries=0
  until "$@" 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "script/bench: $sentence" >&2; exit 1; }
    sleep 0.1
  done
}

pids=""
# What is started in the background is stopped at the end, by its process id.
started() {
  pids="$pids $1"
}

endpoint=http://127.0.0.1:18202
target="/api/hubs/chat/:send?api-version=2024-12-01"

# The sink: nginx that answers 202 to everything.
start_sink() {
  [ -z "${sink:-}" ] || return 0
  nginx -p "$work" -c "$PWD/bench/nginx.conf" 2> "$work/nginx.log" &
  sink=$!
  started "$sink"
  wait_for "nginx did not start" curl -s -o /dev/null "$endpoint"
  authorization=$(LUA=lua5.4 script/lua bench/authorization.lua "$endpoint")
}

# compile NAME: bench/NAME.c to $work/NAME.
compile() {
  # shellcheck disable=SC2046
  cc -O2 -o "$work/$1" "bench/$1.c" $(pkg-config --cflags --libs libcurl)
}
