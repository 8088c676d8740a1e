-- Where the cosocket transport connects, as values.

local routes = require "webpubsub.transport.openresty.route"

describe("a route", function()
  it("has the scheme's port unless the URL says one, and Host leaves that one out (RFC 9110, 7.2)", function()
    local plain, secure =
      routes.of("http://name.example/a?b=c", nil, true), routes.of("https://name.example", nil, true)
    assert.same({ 80, "name.example", "/a?b=c" }, { plain.port, plain.host_header, plain.target })
    assert.same({ 443, "name.example", "/" }, { secure.port, secure.host_header, secure.target })
    local other = routes.of("https://name.example:8443/x#part", nil, true)
    assert.same({ 8443, "name.example:8443", "/x" }, { other.port, other.host_header, other.target })
  end)

  it("connects to an IPv6 address in brackets and names it without them", function()
    local route = routes.of("https://[::1]:8443/", nil, true)
    assert.same(
      { "[::1]", "[::1]:8443", "::1", 8443 },
      { route.address, route.host_header, route.server_name, route.port }
    )
  end)

  it("takes localhost for 127.0.0.1 and still says the name", function()
    local route = routes.of("https://LocalHost:1/", nil, true)
    assert.same({ "127.0.0.1", "LocalHost:1", "LocalHost" }, { route.address, route.host_header, route.server_name })
  end)

  it("is none for what is no http URL", function()
    for _, url in ipairs { "", "ftp://h/", "http://", "http://h:x/", "http://:80/", "h" } do
      assert.is_nil(routes.of(url, nil, true), url)
    end
  end)

  it("has a pool of its own for all that makes connections different", function()
    local one, two = assert(routes.proxy "http://proxy:1"), assert(routes.proxy "http://ann:x@proxy:1")
    local seen = {}
    for _, route in ipairs {
      routes.of("https://h/", nil, true),
      routes.of("http://h:443/", nil, true),
      routes.of("https://h2/", nil, true),
      routes.of("https://h:444/", nil, true),
      routes.of("https://h/", nil, false),
      routes.of("https://h/", one, true),
      routes.of("https://h/", two, true),
    } do
      assert.is_nil(seen[route.pool], route.pool)
      seen[route.pool] = true
    end
    assert.is_true(seen[routes.of("https://h/other?path", nil, true).pool])
  end)

  it("asks a proxy in absolute form for http and in origin form behind a tunnel", function()
    local proxy = assert(routes.proxy "http://127.0.0.1:3128")
    assert.equal("http://h:8080/p?q", routes.of("http://h:8080/p?q", proxy, true).target)
    assert.equal("/p?q", routes.of("https://h/p?q", proxy, true).target)
  end)
end)
