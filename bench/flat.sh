# The cost and the memory of a send as the number of sends grows.
start_sink

flat_round() {
  for lua in lua5.4 luajit; do
    for count in 1 10 100 1000 10000; do
      LUA=$lua script/lua bench/flat.lua "$endpoint" "$count" >> "$work/flat.$lua.$count"
    done
  done
}
repeat flat_round

column() {
  awk -v n="$2" '{ print $n }' "$1" > "$work/column"
  median "$work/column"
}
echo
echo "Sends that are started at once on the poller, 64 connections, after 100 that made the connections; medians of"
echo "$rounds rounds: processor time and time of one send, and the process's memory before and after"
echo "row              sends   cpu us/send   us/send   KB before   KB after 10 x"
for lua in lua5.4 luajit; do
  for count in 1 10 100 1000 10000; do
    file="$work/flat.$lua.$count"
    printf '%-14s %7d %13.1f %9.1f %11.0f %15.0f\n' "poller, $lua" "$count" "$(column "$file" 1)" "$(column "$file" 2)" \
      "$(column "$file" 3)" "$(column "$file" 4)"
  done
done
