std = "min"
max_line_length = 130
cache = false
exclude_files = { "build", "spec/peers/node_modules" }
-- What exists on some Luas only.
read_globals = { "jit", "table.unpack", "utf8" }
files["spec"] = { std = "+busted" }
files["**/*openresty*.lua"] = { read_globals = { "ngx" } }
