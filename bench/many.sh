# 32 in flight: the poller beside a bare curl_multi loop; the cosockets beside wrk; the official JavaScript package.
compile multi_loop
start_sink
width=32
WIDTH=$width BENCH_ROOT=$PWD nginx -p "$work" -c "$PWD/bench/cosockets.conf" 2> "$work/cosockets.log" &
started $!
wait_for "nginx with Lua did not start" curl -s -o /dev/null http://127.0.0.1:18205/
cat > "$work/post.lua" <<LUA
wrk.method, wrk.body = "POST", '{"data":"Hello world","from":"user1"}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "${authorization#Authorization: }"
LUA

# row NAME MICROSECONDS, ratio NAME OURS LIMIT: rates, so the limit's time over ours.
row() {
  echo "$2" >> "$work/many.$1"
}
ratio() {
  awk -v a="$2" -v b="$3" 'BEGIN { print b / a }' >> "$work/many.$1.ratio"
}

many_round() {
  limit=$("$work/multi_loop" "$endpoint$target" "$requests" "$width" "$authorization")
  row curl "$limit"
  parsed=$("$work/multi_loop" "$endpoint$target" "$requests" "$width" "$authorization" parsed)
  row parsed "$parsed"
  ratio parsed "$parsed" "$limit"
  for lua in lua5.4 luajit; do
    ours=$(LUA=$lua script/lua bench/send_many.lua "$endpoint" "$requests" "$width")
    row "$lua" "$ours"
    ratio "$lua" "$ours" "$limit"
  done
  wrk=$(wrk -t1 -c"$width" -d2s -s "$work/post.lua" "$endpoint$target" | awk '/Requests\/sec/ { print 1e6 / $2 }')
  row wrk "$wrk"
  ours=$(curl -s "http://127.0.0.1:18205/run?count=$requests")
  row cosockets "$ours"
  ratio cosockets "$ours" "$wrk"
  theirs=$(node bench/send_many.mjs "$endpoint" $((requests / 10)) "$width")
  row javascript "$theirs"
  ratio javascript "$theirs" "$limit"
}
repeat many_round

print_many() {
  printf '%-26s %10.1f   %-20s %6.2f   %s\n' "$2" "$(median "$work/many.$1")" "$3" "$(median "$work/many.$1.ratio")" \
    "$(all "$work/many.$1.ratio")"
}
print_limit() {
  printf '%-26s %10.1f   %-20s %6.2f\n' "$2" "$(median "$work/many.$1")" "itself" 1
}

echo
echo "$width in flight, the same POST, medians of $rounds rounds of $requests requests (JavaScript a tenth)"
echo "row                        us/request   rate beside            ratio   all ratios"
print_limit curl "bare curl_multi, C"
print_many parsed "the same, URLs parsed once" "bare curl_multi"
print_many lua5.4 "poller, lua5.4" "bare curl_multi"
print_many luajit "poller, luajit" "bare curl_multi"
print_limit wrk "wrk"
print_many cosockets "cosockets, one worker" "wrk"
print_many javascript "@azure/web-pubsub" "bare curl_multi"
