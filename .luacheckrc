std = "max"
max_line_length = 120
cache = false
exclude_files = { "build", "spec/peers/node_modules" }
ignore = { "212/self" }
files["spec"] = { std = "+busted" }
for _, path in ipairs { "**/*openresty*.lua", "**/openresty/**/*.lua" } do
  files[path] = { read_globals = { "ngx" } }
end
files["lua/webpubsub/emulator/page"] = { ignore = { "631" } } -- texts of other languages
files["examples/testing"] = { std = "+busted" }
files["lua/webpubsub/events/openresty.lua"] = { globals = { "ngx" } } -- the answer is written through it
files["examples/openresty-chat"] = { globals = { "ngx" } }
files["lua/types"] = { ignore = { "21.", "241" } } -- stubs have no bodies
