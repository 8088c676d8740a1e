std = "max"
max_line_length = 120
cache = false
exclude_files = { "build", "spec/peers/node_modules" }
ignore = { "212/self" }
files["spec"] = { std = "+busted" }
files["**/*openresty*.lua"] = { read_globals = { "ngx" } }
files["lua/types"] = { ignore = { "21.", "241" } } -- stubs have no bodies
