# User events through the webhook handler in nginx, beside the official middleware.
key=bench-key-0123456789-0123456789-0123456789
script/lua bench/webhooks.lua "$key" > "$work/webhooks.wrk"
BENCH_ROOT=$PWD BENCH_KEY=$key nginx -p "$work" -c "$PWD/bench/webhooks.conf" 2> "$work/webhooks.log" &
started $!
NODE_ENV=production node bench/webhooks.mjs > "$work/express.log" &
started $!
wait_for "express did not start" test -s "$work/express.log"
wait_for "the event handler in nginx did not start" curl -s -o /dev/null http://127.0.0.1:18203

# events_a_second PORT: raises its voice when a request was not answered 200.
events_a_second() {
  wrk -t1 -c32 -d"$seconds"s -s "$work/webhooks.wrk" "http://127.0.0.1:$1/eventhandler" 2>&1 > /dev/null | {
    read -r rate bad
    [ "$bad" = 0 ] || echo "script/bench: $bad events were not answered 200" >&2
    echo "$rate"
  }
}

seconds=3
webhooks_round() {
  theirs=$(events_a_second 18204)
  ours=$(events_a_second 18203)
  echo "$theirs" >> "$work/events.theirs"
  echo "$ours" >> "$work/events.ours"
  awk -v a="$ours" -v b="$theirs" 'BEGIN { print a / b }' >> "$work/events.ratio"
}
repeat webhooks_round

echo
echo "User events of 31 bytes, signed with one of two keys, 32 connections, medians of $rounds rounds of $seconds s"
echo "row                               events/s   rate to express   all rates"
printf '%-33s %8.0f   %15s\n' "express middleware, one process" "$(median "$work/events.theirs")" "1.00"
printf '%-33s %8.0f   %15.1f   %s\n' "ours, nginx, one worker" "$(median "$work/events.ours")" \
  "$(median "$work/events.ratio")" "$(awk '{ printf "%.1f ", $1 }' "$work/events.ratio")"
