# The local service with many clients.
crowd_round() {
  (ulimit -n 8192; LUA=luajit script/lua bench/crowd.lua 2000 50) >> "$work/crowd"
}
repeat crowd_round

awk '{ print $2 }' "$work/crowd" > "$work/crowd.memory"
awk '{ print $3 }' "$work/crowd" > "$work/crowd.rate"
echo
echo "The local service: 2,000 simple clients in one hub, 50 broadcasts, medians of $rounds rounds"
printf '%-44s %8.1f\n' "resident kB of an idle client" "$(median "$work/crowd.memory")"
printf '%-44s %8.0f\n' "deliveries a second" "$(median "$work/crowd.rate")"
