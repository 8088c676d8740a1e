--- An event handler in nginx:  content_by_lua_block { require("webpubsub.events.openresty").serve(handler) }

local openresty = {}

local header_lines = 100

local levels = { error = ngx.ERR, warn = ngx.WARN, info = ngx.INFO, debug = ngx.DEBUG }

local function write(level, line)
  ngx.log(levels[level] or ngx.INFO, "webpubsub: ", line)
end

--- A body that did not fit into client_body_buffer_size lies in a file. It is looked at before it is read: a chunked
-- one has announced no length.
local function read_file(path, limit)
  local file, sentence = io.open(path, "rb")
  if not file then
    return nil, sentence
  end
  local body
  if file:seek "end" > limit then
    sentence = "too_large"
  else
    file:seek "set"
    body = file:read "*a"
  end
  file:close()
  return body, sentence
end

local function read_body(limit)
  ngx.req.read_body()
  local path = ngx.req.get_body_file()
  if path then
    return read_file(path, limit)
  end
  return ngx.req.get_body_data() or ""
end

local function respond(response)
  ngx.status = response.status
  for name, value in pairs(response.headers) do
    ngx.header[name] = value
  end
  if response.status ~= 204 then -- RFC 9110, 8.6
    ngx.header["Content-Length"] = #response.body
    ngx.print(response.body)
  else
    ngx.send_headers()
  end
end

--- Answers the current request.
function openresty.serve(handler)
  local headers, truncated = ngx.req.get_headers(header_lines)
  if truncated then
    return ngx.exit(431)
  end
  respond(handler:handle({
    method = ngx.req.get_method(),
    headers = headers,
    target = ngx.var.request_uri,
    read_body = read_body,
  }, write))
end

return openresty
