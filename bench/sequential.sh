# One send after another, beside a bare libcurl easy loop.
compile easy_loop
start_sink

sequential_round() {
  limit=$("$work/easy_loop" "$endpoint$target" "$requests" "$authorization")
  echo "$limit" >> "$work/limit"
  for lua in lua5.4 luajit; do
    ours=$(LUA=$lua script/lua bench/send.lua "$endpoint" "$requests")
    echo "$ours" >> "$work/$lua"
    awk -v a="$ours" -v b="$limit" 'BEGIN { print a / b }' >> "$work/$lua.ratio"
  done
}
repeat sequential_round

echo
echo "One send after another, POST of 38 bytes to nginx on loopback, medians of $rounds rounds of $requests requests"
echo "row                      us/request   ratio to bare libcurl   all ratios"
printf '%-24s %10.1f   %21s\n' "bare libcurl easy, C" "$(median "$work/limit")" "1.00"
for lua in lua5.4 luajit; do
  printf '%-24s %10.1f   %21.2f   %s\n' "send_to_all, $lua" "$(median "$work/$lua")" "$(median "$work/$lua.ratio")" \
    "$(all "$work/$lua.ratio")"
done
