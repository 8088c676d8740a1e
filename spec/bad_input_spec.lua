-- Bad input and the sentence it gets. "value" answers nil, err before any I/O; "mistake" raises at the caller's line.

local webpubsub = require "webpubsub"

local key = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGH"

-- A transport that must not be reached.
local function no_transport()
  local used = { count = 0 }
  function used.send()
    used.count = used.count + 1
    return nil, { code = "reached", message = "reached", outcome = "maybe_sent" }
  end
  function used.now()
    return 0
  end
  function used.sleep() end
  function used.close() end
  return used
end

local transport = no_transport()

local function hub(more)
  local options = { endpoint = "http://127.0.0.1:1", hub = "chat", credential = key, transport = transport }
  for name, value in pairs(more or {}) do
    options[name] = value
  end
  return assert(webpubsub.client(options))
end

local cyclic = { name = "x" }
cyclic.child = { back = cyclic }

local deep = {}
do
  local level = deep
  for _ = 1, 150 do
    level.next = {}
    level = level.next
  end
end

local slash_hint = " with '/' cannot be addressed in a path; a send with the filter "

-- { title, call, sentence }
local values = {
  -- names
  {
    "an empty group",
    function()
      return hub():send_to_group("", "x")
    end,
    "send_to_group: a group name must have 1 to 1024 characters",
  },
  {
    "a group of white space",
    function()
      return hub():send_to_group(" \t ", "x")
    end,
    "send_to_group: a group name cannot be white space alone",
  },
  {
    "a group of Unicode white space",
    function()
      return hub():send_to_group("\227\128\128\194\160", "x")
    end,
    "send_to_group: a group name cannot be white space alone",
  },
  {
    "a group of 1025 characters",
    function()
      return hub():send_to_group(("é"):rep(1025), "x")
    end,
    "send_to_group: a group name must have 1 to 1024 characters",
  },
  {
    "a group with a line break",
    function()
      return hub():send_to_group("a\r\nX-Evil: 1", "x")
    end,
    "send_to_group: a group name cannot hold a line break",
  },
  {
    "a group that is not UTF-8",
    function()
      return hub():send_to_group("\255\254", "x")
    end,
    "send_to_group: a group name must be UTF-8 text",
  },
  {
    "the group ..",
    function()
      return hub():send_to_group("..", "x")
    end,
    "send_to_group: a group name cannot be '.' or '..', which a path cannot carry",
  },
  {
    "the group .",
    function()
      return hub():group("."):send "x"
    end,
    "send_to_group: a group name cannot be '.' or '..', which a path cannot carry",
  },
  {
    "a group with a slash",
    function()
      return hub():send_to_group("a/b", "x")
    end,
    "send_to_group: a group name" .. slash_hint .. "'…' in groups reaches it",
  },
  {
    "a user with a slash",
    function()
      return hub():send_to_user("a/b", "x")
    end,
    "send_to_user: a user id" .. slash_hint .. "userId eq '…' reaches it",
  },
  {
    "a connection with a slash",
    function()
      return hub():send_to_connection("a/b", "x")
    end,
    "send_to_connection: a connection id" .. slash_hint .. "connectionId eq '…' reaches it",
  },
  {
    "an empty user id",
    function()
      return hub():send_to_user("", "x")
    end,
    "send_to_user: a user id cannot be empty",
  },
  {
    "an empty connection id",
    function()
      return hub():close_connection ""
    end,
    "close_connection: a connection id cannot be empty",
  },
  {
    "the user ..",
    function()
      return hub():close_user_connections ".."
    end,
    "close_user_connections: a user id cannot be '.' or '..', which a path cannot carry",
  },
  {
    "a user id that is not UTF-8",
    function()
      return hub():user_exists "\192\128"
    end,
    "user_exists: a user id must be UTF-8 text",
  },
  {
    "the second argument bad",
    function()
      return hub():add_user_to_group("lobby", "")
    end,
    "add_user_to_group: a user id cannot be empty",
  },
  {
    "an unknown permission",
    function()
      return hub():grant_permission("sendToAll", "c1", { target_name = "g" })
    end,
    "grant_permission: a permission is sendToGroup or joinLeaveGroup",
  },
  {
    "a blank permission target",
    function()
      return hub():check_permission("sendToGroup", "c1", { target_name = " " })
    end,
    "check_permission: target_name cannot be white space alone",
  },
  {
    "no groups to add to",
    function()
      return hub():add_connections_to_groups { groups = {} }
    end,
    "add_connections_to_groups: groups needs at least one group name",
  },
  {
    "an empty name among groups",
    function()
      return hub():remove_connections_from_groups { groups = { "a", "" } }
    end,
    "remove_connections_from_groups: a group name must have 1 to 1024 characters",
  },
  -- messages
  {
    "a message of 1 MB + 1",
    function()
      return hub():send_to_all(("x"):rep(1048577), { content_type = "text/plain" })
    end,
    "send_to_all: a message may have 1048576 bytes, this one has 1048577",
  },
  {
    "JSON that grows over 1 MB",
    function()
      return hub():send_to_all(('"'):rep(600000))
    end,
    "send_to_all: a message may have 1048576 bytes, this one has 1200002",
  },
  {
    "text that is not UTF-8",
    function()
      return hub():send_to_all("\255", { content_type = "text/plain" })
    end,
    "send_to_all: a text/plain message must be UTF-8; send other bytes as application/octet-stream",
  },
  {
    "a JSON string that is not UTF-8",
    function()
      return hub():send_to_all "\237\160\128"
    end,
    "send_to_all: the message is not JSON: data is text that is not UTF-8",
  },
  {
    "NaN",
    function()
      return hub():send_to_all { score = 0 / 0 }
    end,
    "send_to_all: the message is not JSON: data.score is NaN, which JSON cannot express",
  },
  {
    "infinity",
    function()
      return hub():send_to_all { list = { 1, math.huge } }
    end,
    "send_to_all: the message is not JSON: data.list[2] is infinite, which JSON cannot express",
  },
  {
    "negative infinity",
    function()
      return hub():send_to_all(-math.huge)
    end,
    "send_to_all: the message is not JSON: data is infinite, which JSON cannot express",
  },
  {
    "a cycle",
    function()
      return hub():send_to_all(cyclic)
    end,
    "send_to_all: the message is not JSON: data.child.back contains itself",
  },
  {
    "a sparse array",
    function()
      return hub():send_to_all { [1] = "a", [3] = "c" }
    end,
    "send_to_all: the message is not JSON: data is a sparse array; fill its holes with webpubsub.null",
  },
  {
    "a table that is both array and object",
    function()
      return hub():send_to_all { "a", b = 1 }
    end,
    "send_to_all: the message is not JSON: data has both positions and text keys, so it is neither array nor object",
  },
  {
    "a boolean key",
    function()
      return hub():send_to_all { [true] = 1 }
    end,
    "send_to_all: the message is not JSON: data has a key that is neither text nor a position from 1",
  },
  {
    "a key that is not UTF-8",
    function()
      return hub():send_to_all { ["\255"] = 1 }
    end,
    "send_to_all: the message is not JSON: data has a key that is not UTF-8",
  },
  {
    "a function inside",
    function()
      return hub():send_to_all { callback = print }
    end,
    "send_to_all: the message is not JSON: data.callback is a function, which JSON cannot express",
  },
  {
    "a coroutine inside",
    function()
      return hub():send_to_all { { coroutine.create(function() end) } }
    end,
    "send_to_all: the message is not JSON: data[1][1] is a thread, which JSON cannot express",
  },
  {
    "150 tables inside each other",
    function()
      return hub():send_to_all(deep)
    end,
    nil,
    "is nested deeper than 100 tables$",
  },
  {
    "an unknown content type",
    function()
      return hub():send_to_all("x", { content_type = "text/html" })
    end,
    "send_to_all: content_type must be application/json, text/plain or application/octet-stream",
  },
  {
    "a line break in the content type",
    function()
      return hub():send_to_all("x", { content_type = "text/plain\r\nX-Evil: 1" })
    end,
    nil,
    "^send_to_all: .*header",
  },
  -- options
  {
    "a TTL of 301",
    function()
      return hub():send_to_all("x", { message_ttl_seconds = 301 })
    end,
    "send_to_all: message_ttl_seconds must be a whole number from 0 to 300",
  },
  {
    "a negative TTL",
    function()
      return hub():send_to_all("x", { message_ttl_seconds = -1 })
    end,
    "send_to_all: message_ttl_seconds must be a whole number from 0 to 300",
  },
  {
    "half a second of TTL",
    function()
      return hub():send_to_user("ann", "x", { message_ttl_seconds = 0.5 })
    end,
    "send_to_user: message_ttl_seconds must be a whole number from 0 to 300",
  },
  {
    "a TTL that is NaN",
    function()
      return hub():send_to_user("ann", "x", { message_ttl_seconds = 0 / 0 })
    end,
    "send_to_user: message_ttl_seconds must be a whole number from 0 to 300",
  },
  {
    "a page of 201",
    function()
      return hub():list_connections("g", { max_page_size = 201 })
    end,
    "list_connections: max_page_size must be a whole number from 1 to 200",
  },
  {
    "a top of 0",
    function()
      return hub():list_connections("g", { top = 0 })
    end,
    "list_connections: top must be a whole number from 1 to 2147483647",
  },
  {
    "the page of another list",
    function()
      return hub():list_connections("g", { continuation_token = "/api/hubs/other/:send?x=1" })
    end,
    "list_connections: the continuation_token belongs to another list",
  },
  {
    "a continuation token with a line break",
    function()
      return hub():list_connections("g", { continuation_token = "/api/hubs/chat/groups/g/connections?x=1\r\nX: 1" })
    end,
    nil,
    "^list_connections: .*URL",
  },
  {
    "a filter that is not UTF-8",
    function()
      return hub():send_to_all("x", { filter = "\255" })
    end,
    "send_to_all: filter must be UTF-8 text",
  },
  {
    "an excluded id that is not UTF-8",
    function()
      return hub():send_to_all("x", { excluded = { "a", "\255" } })
    end,
    "send_to_all: excluded must be UTF-8 text",
  },
  {
    "a line break in a header value",
    function()
      return hub():send_to_all("x", { headers = { ["X-A"] = "a\r\nX-Evil: 1" } })
    end,
    nil,
    "^send_to_all: .*header",
  },
  {
    "a line break in a header name",
    function()
      return hub():send_to_all("x", { headers = { ["X-A\r\nX-Evil"] = "1" } })
    end,
    nil,
    "^send_to_all: .*header",
  },
  {
    "a line break in the request id",
    function()
      return hub():send_to_all("x", { request_id = "a\nb" })
    end,
    nil,
    "^send_to_all: .*header",
  },
  {
    "an Authorization header",
    function()
      return hub():send_to_all("x", { headers = { Authorization = "Bearer x" } })
    end,
    "send_to_all: the header authorization is written by the library",
  },
  {
    "a Content-Length header",
    function()
      return hub():send_to_all("x", { headers = { ["content-length"] = "1" } })
    end,
    "send_to_all: the header content-length is written by the library",
  },
  {
    "a line break in metadata",
    function()
      return hub():send_to_all("x", { metadata = { a = "1\r\nX-Evil: 1" } })
    end,
    "send_to_all: a metadata value must be printable ASCII of at most 1024 bytes",
  },
  {
    "metadata of 1025 bytes",
    function()
      return hub():send_to_all("x", { metadata = { a = ("v"):rep(1025) } })
    end,
    "send_to_all: a metadata value must be printable ASCII of at most 1024 bytes",
  },
  {
    "a metadata key with a space",
    function()
      return hub():send_to_all("x", { metadata = { ["a b"] = "1" } })
    end,
    "send_to_all: a metadata key must have 1 to 256 characters of an HTTP token",
  },
  {
    "a comma in metadata",
    function()
      return hub():send_to_all("x", { metadata = { a = "1,2" } })
    end,
    "send_to_all: a metadata value cannot hold a comma or begin or end with a space",
  },
  {
    "metadata keys that differ in case",
    function()
      return hub():send_to_all("x", { metadata = { a = "1", A = "2" } })
    end,
    "send_to_all: two metadata keys differ only in letter case",
  },
  {
    "a negative timeout",
    function()
      return hub():send_to_all("x", { timeout = -1 })
    end,
    "send_to_all: timeout must be a number from 0.001 to 86400",
  },
  {
    "a retry_mode nobody knows",
    function()
      return hub():send_to_all("x", { retry_mode = "linear" })
    end,
    "send_to_all: retry_mode must be one of exponential, fixed",
  },
  {
    "a path with a query in send_request",
    function()
      return hub():send_request { method = "GET", path = "/api/health?x=1" }
    end,
    "send_request: path must begin with '/' and hold neither '?' nor '#'; use query for parameters",
  },
  {
    "a line break in the method of send_request",
    function()
      return hub():send_request { method = "GET\r\n", path = "/api/health" }
    end,
    nil,
    "^send_request: .*method",
  },
  {
    "a space in the path of send_request",
    function()
      return hub():send_request { method = "GET", path = "/api/he alth" }
    end,
    nil,
    "^send_request: .*URL",
  },
  -- client access tokens
  {
    "a token for an empty user",
    function()
      return hub():get_client_access_token { user_id = "" }
    end,
    "get_client_access_token: a user id cannot be empty",
  },
  {
    "a token for 0 minutes",
    function()
      return hub():get_client_access_token { minutes_to_expire = 0 }
    end,
    "get_client_access_token: minutes_to_expire must be a whole number from 1 to 2147483647",
  },
  {
    "a token for a blank group",
    function()
      return hub():get_client_access_token { groups = { " " } }
    end,
    "get_client_access_token: a group name cannot be white space alone",
  },
  {
    "a token for an unknown protocol",
    function()
      return hub():get_client_access_token { client_protocol = "AMQP" }
    end,
    "get_client_access_token: client_protocol must be Default, MQTT or SocketIO",
  },
  {
    "a token header that changes the algorithm",
    function()
      return hub():get_client_access_token { jwt_headers = { alg = "none" } }
    end,
    "get_client_access_token: jwt_headers cannot set alg",
  },
  -- clients
  {
    "a hub that begins with a digit",
    function()
      return webpubsub.client { endpoint = "http://h", hub = "1chat", credential = key }
    end,
    "webpubsub.client: a hub name is a letter followed by up to 127 letters, digits or any of _ ` , . [ ]",
  },
  {
    "a hub with a slash",
    function()
      return webpubsub.client { endpoint = "http://h", hub = "a/b", credential = key }
    end,
    "webpubsub.client: a hub name is a letter followed by up to 127 letters, digits or any of _ ` , . [ ]",
  },
  {
    "a hub of 129 characters",
    function()
      return webpubsub.client { endpoint = "http://h", hub = ("h"):rep(129), credential = key }
    end,
    "webpubsub.client: a hub name is a letter followed by up to 127 letters, digits or any of _ ` , . [ ]",
  },
  {
    "an endpoint of another scheme",
    function()
      return webpubsub.client { endpoint = "ftp://h", hub = "chat", credential = key }
    end,
    nil,
    "^webpubsub.client: endpoint: .*http",
  },
  {
    "an endpoint with a query",
    function()
      return webpubsub.client { endpoint = "http://h?x=1", hub = "chat", credential = key }
    end,
    nil,
    "^webpubsub.client: endpoint: .*query",
  },
  {
    "an empty access key",
    function()
      return webpubsub.client { endpoint = "http://h", hub = "chat", credential = "" }
    end,
    "webpubsub.client: the access key is empty",
  },
  {
    "an access key with a line break",
    function()
      return webpubsub.key "abc\n"
    end,
    "the access key has white space around it or a control character inside",
  },
  {
    "an application id that is too long",
    function()
      return webpubsub.client {
        endpoint = "http://h",
        hub = "chat",
        credential = key,
        application_id = ("a"):rep(25),
      }
    end,
    "webpubsub.client: application_id may have 24 characters: letters, digits and any of . _ / -",
  },
  {
    "a bearer token over plain http",
    function()
      return hub({
        credential = {
          get_token = function()
            return "secret"
          end,
        },
      }):send_to_all "x"
    end,
    "over plain http a bearer token goes to loopback alone, with allow_insecure_connection",
  },
  {
    "a connection string without endpoint",
    function()
      return webpubsub.from_connection_string("AccessKey=abc;", "chat")
    end,
    nil,
    "^from_connection_string: .*Endpoint",
  },
  {
    "a connection string without key",
    function()
      return webpubsub.from_connection_string("Endpoint=https://h;Version=1.0;", "chat")
    end,
    nil,
    "^from_connection_string: .*AccessKey",
  },
  {
    "a connection string with a bad port",
    function()
      return webpubsub.from_connection_string("Endpoint=http://h;AccessKey=a;Port=70000", "chat")
    end,
    nil,
    "^from_connection_string: .*Port",
  },
  {
    "a connection string with a part twice",
    function()
      return webpubsub.from_connection_string("Endpoint=http://h;AccessKey=a;accesskey=b", "chat")
    end,
    nil,
    "^from_connection_string: .*AccessKey",
  },
}

-- { title, call, sentence behind the file and line }
local mistakes = {
  {
    "an unknown option near a known one",
    function()
      hub():send_to_all("x", { contenttype = "text/plain" })
    end,
    "send_to_all: unknown option 'contenttype'; did you mean 'content_type'?",
  },
  {
    "an option of another method",
    function()
      hub():send_to_user("ann", "x", { excluded = { "c1" } })
    end,
    nil,
    "send_to_user: unknown option 'excluded'; ",
  },
  {
    "an unknown client option",
    function()
      webpubsub.client { endpoint = "http://h", hub = "chat", credentials = key }
    end,
    "webpubsub.client: unknown option 'credentials'; did you mean 'credential'?",
  },
  {
    "a positional option",
    function()
      hub():send_to_all("x", { "text/plain" })
    end,
    nil,
    "send_to_all: unknown option '1'; known are: ",
  },
  {
    "options that are no table",
    function()
      hub():send_to_all("x", "text/plain")
    end,
    "send_to_all: options must be a table, got string",
  },
  {
    "an option of the wrong type",
    function()
      hub():send_to_all("x", { message_ttl_seconds = "5" })
    end,
    "send_to_all: message_ttl_seconds must be a number, got string",
  },
  {
    "excluded that is one id",
    function()
      hub():send_to_all("x", { excluded = "c1" })
    end,
    "send_to_all: excluded must be an array of strings, got string",
  },
  {
    "excluded with a number",
    function()
      hub():send_to_all("x", { excluded = { "a", 7 } })
    end,
    "send_to_all: excluded must be an array of strings, got table",
  },
  {
    "no message",
    function()
      hub():send_to_all()
    end,
    "the message is missing; webpubsub.null sends a JSON null",
  },
  {
    "a file handle as message",
    function()
      hub():send_to_all(io.stdout)
    end,
    "the message is a file handle; read the file and send what it holds",
  },
  {
    "a function as message",
    function()
      hub():send_to_all(print)
    end,
    "the message must be a string, number, boolean, table or webpubsub.null, got function",
  },
  {
    "a table as text",
    function()
      hub():send_to_all({}, { content_type = "text/plain" })
    end,
    "a message of type text/plain must be a string, got table",
  },
  {
    "a number as bytes",
    function()
      hub():send_to_all(1, { content_type = "application/octet-stream" })
    end,
    "a message of type application/octet-stream must be a string, got number",
  },
  {
    "no group",
    function()
      hub():send_to_group(nil, "x")
    end,
    "send_to_group: argument 1 (group) is missing",
  },
  {
    "a number as user",
    function()
      hub():send_to_user(42, "x")
    end,
    "send_to_user: argument 1 (user_id) must be a string, got number",
  },
  {
    "no second argument",
    function()
      hub():add_connection_to_group "lobby"
    end,
    "add_connection_to_group: argument 2 (connection_id) is missing",
  },
  {
    "a permission without target",
    function()
      hub():revoke_permission("sendToGroup", "c1")
    end,
    "revoke_permission: the option target_name is missing",
  },
  {
    "options behind the options",
    function()
      hub():send_to_all("x", nil, { excluded = { "c1" } })
    end,
    "send_to_all: takes 1 argument and one table of options",
  },
  {
    "options behind the options of many sends",
    function()
      hub():send_to_groups({ "lobby" }, "x", nil, { excluded = { "c1" } })
    end,
    "send_to_groups: takes 2 arguments and one table of options",
  },
  {
    "options that are false",
    function()
      hub():send_to_all("x", false)
    end,
    "send_to_all: options must be a table, got boolean",
  },
  {
    "options that are false where nothing else is given",
    function()
      hub():close_all_connections(false)
    end,
    "close_all_connections: options must be a table, got boolean",
  },
  {
    "options of many sends that are false",
    function()
      hub():send_to_users({ "ann" }, "x", false)
    end,
    "send_to_users: options must be a table, got boolean",
  },
  {
    "options of an iterator that are false",
    function()
      hub():each_connection("lobby", false)
    end,
    "each_connection: options must be a table, got boolean",
  },
  {
    "options of a client access token that are false",
    function()
      hub():get_client_access_token(false)
    end,
    "get_client_access_token: options must be a table, got boolean",
  },
  {
    "options with a metatable",
    function()
      hub():send_to_all("x", setmetatable({}, { __index = { excluded = { "c1" } } }))
    end,
    "send_to_all: options must be a plain table, without a metatable",
  },
  {
    "excluded with a hole",
    function()
      hub():send_to_all("x", { excluded = { nil, "b", [0] = "z" } })
    end,
    "send_to_all: excluded must be an array of strings, got table",
  },
  {
    "a filter's list with a hole",
    function()
      webpubsub.filter("not (userId in %s)", { "a", nil, "c" })
    end,
    "filter: a list must have the positions 1 to n without holes; webpubsub.null stands for null",
  },
  {
    "a closed client",
    function()
      local closed = hub()
      closed:close()
      closed:send_to_all "x"
    end,
    "the client is closed",
  },
  {
    "a dot in place of the colon on a group",
    function()
      hub():group("g").send "x"
    end,
    "call the method with a colon on a group",
  },
  {
    "an iterator's options that are no table",
    function()
      hub():each_connection("g", "x")
    end,
    "each_connection: options must be a table, got string",
  },
  {
    "an iterator without group",
    function()
      hub():each_connection()
    end,
    "each_connection: argument 1 (group) must be a string, got nil",
  },
  {
    "a clock that gives no number",
    function()
      hub({ clock = function() end }):send_to_all "x"
    end,
    "the option clock must give epoch seconds",
  },
  {
    "an array of nothing",
    function()
      webpubsub.array(nil)
    end,
    "array: a table is needed, got nil",
  },
  {
    "a query value that is no whole number",
    function()
      hub():send_request { method = "GET", path = "/x", query = { x = 1e300 } }
    end,
    "query values are strings, booleans, whole numbers or lists of these",
  },
  {
    "no groups option",
    function()
      hub():add_connections_to_groups()
    end,
    "add_connections_to_groups: the option groups is missing",
  },
  {
    "a dot in place of the colon",
    function()
      hub().send_to_all "x"
    end,
    "call the method with a colon on a client",
  },
  {
    "an unknown method to prepare",
    function()
      hub():prepare("send_to_al", "x")
    end,
    "prepare: unknown method 'send_to_al'; did you mean 'send_to_all'?",
  },
  {
    "no endpoint",
    function()
      webpubsub.client { hub = "chat", credential = key }
    end,
    "webpubsub.client: the option endpoint is missing",
  },
  {
    "a credential that cannot sign",
    function()
      webpubsub.client { endpoint = "http://h", hub = "chat", credential = {} }
    end,
    "webpubsub.client: credential must be an access key, webpubsub.key(text) or an object with get_token",
  },
  {
    "a transport without methods",
    function()
      hub { transport = {} }
    end,
    "webpubsub.client: transport has no method send",
  },
  {
    "a logger that cannot log",
    function()
      hub { logger = {} }
    end,
    "webpubsub.client: logger must be a function or have the methods debug, info, warn and error",
  },
  {
    "proxy = true",
    function()
      hub { proxy = true }
    end,
    "webpubsub.client: proxy is the URL of a proxy, or false for none",
  },
  {
    "no connection string",
    function()
      webpubsub.from_connection_string(nil, "chat")
    end,
    "from_connection_string: argument 1 must be the connection string, got nil",
  },
  {
    "no hub",
    function()
      webpubsub.from_connection_string "Endpoint=http://h;AccessKey=a"
    end,
    "from_connection_string: argument 2 must be the hub, got nil",
  },
  {
    "a filter with too few values",
    function()
      webpubsub.filter("userId eq %s or userId eq %s", "a")
    end,
    "filter: the template wants more values than the 1 given",
  },
  {
    "a filter with too many values",
    function()
      webpubsub.filter("userId eq %s", "a", "b")
    end,
    "filter: the template takes 1 values, 2 were given",
  },
  {
    "a filter with %d",
    function()
      webpubsub.filter("length(userId) gt %d", 3)
    end,
    "filter: '%d' is not known; use %s for a value and %% for a percent sign",
  },
  {
    "a fraction in a filter",
    function()
      webpubsub.filter("length(userId) gt %s", 1.5)
    end,
    "filter: a number must be a whole number of at most 64 bits",
  },
  {
    "an empty list in a filter",
    function()
      webpubsub.filter("userId in %s", {})
    end,
    "filter: a list needs at least one value",
  },
  {
    "a function in a filter",
    function()
      webpubsub.filter("userId eq %s", print)
    end,
    "filter: a function cannot stand in a filter",
  },
  {
    "bytes in a filter",
    function()
      webpubsub.filter("userId eq %s", "\255")
    end,
    "filter: a text value is not UTF-8",
  },
  {
    "metadata that is no map of strings",
    function()
      hub():send_to_all("x", { metadata = { a = 1 } })
    end,
    "metadata must map strings to strings",
  },
}

describe("bad input", function()
  it("is tried at least 60 ways", function()
    assert.is_true(#values + #mistakes >= 60, #values + #mistakes)
  end)

  for _, row in ipairs(values) do
    local title, call, sentence, pattern = row[1], row[2], row[3], row[4]
    it("as a value is refused before any I/O: " .. title, function()
      transport.count = 0
      local result, err = call()
      assert.is_nil(result)
      assert.equal("invalid_argument", err.code)
      assert.equal("not_sent", err.outcome)
      if sentence then
        assert.equal(sentence, err.message)
      else
        assert.matches(pattern, err.message)
      end
      assert.is_nil(err.message:find "[\r\n]")
      assert.is_nil(tostring(err):find(key, 1, true))
      assert.equal(0, transport.count)
    end)
  end

  for _, row in ipairs(mistakes) do
    local title, call, sentence, pattern = row[1], row[2], row[3], row[4]
    it("as a mistake raises at the caller's line: " .. title, function()
      transport.count = 0
      local ok, raised = pcall(call)
      assert.is_false(ok)
      assert.matches("bad_input_spec%.lua:%d+: ", raised)
      local said = raised:gsub("^.-:%d+: ", "")
      if sentence then
        assert.equal(sentence, said)
      else
        assert.equal(pattern, said:sub(1, #pattern))
      end
      assert.equal(0, transport.count)
    end)
  end
end)
