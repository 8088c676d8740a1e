local webpubsub = require "webpubsub"

-- Expected texts follow the service's OData grammar: quotes doubled inside single quotes, null, true, lists in
-- parentheses.
describe("webpubsub.filter", function()
  it("quotes texts, doubling the quotes inside", function()
    assert.equal("userId ne 'user''1'", webpubsub.filter("userId ne %s", "user'1"))
    assert.equal("userId eq ''' or true or '''", webpubsub.filter("userId eq %s", "' or true or '"))
  end)

  it("writes numbers, booleans, null and lists", function()
    assert.equal("length(userId) gt 3", webpubsub.filter("length(userId) gt %s", 3))
    assert.equal("length(userId) gt -3", webpubsub.filter("length(userId) gt %s", -3.0))
    assert.equal("true and false", webpubsub.filter("%s and %s", true, false))
    assert.equal("userId eq null", webpubsub.filter("userId eq %s", nil))
    assert.equal("userId ne null", webpubsub.filter("userId ne %s", webpubsub.null))
    assert.equal("userId in ('a','b''c',3,null)", webpubsub.filter("userId in %s", { "a", "b'c", 3, webpubsub.null }))
  end)

  it("keeps %% as a percent sign and everything else as it stands", function()
    assert.equal("endswith(userId, '100%')", webpubsub.filter "endswith(userId, '100%%')")
    assert.equal("'%s' in groups", webpubsub.filter("%s in groups", "%s"))
    assert.equal("'a' in groups or 'b' in groups", webpubsub.filter("%s in groups or %s in groups", "a", "b"))
  end)
end)
