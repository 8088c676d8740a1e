local pattern = require "webpubsub.emulator.pattern"
local permissions = require "webpubsub.emulator.permissions"

local function matches(text, name)
  return assert(pattern.compile(text)):matches(name)
end

describe("role patterns", function()
  it("let ? stand for one character except a dot", function()
    assert.is_true(matches("a?c", "abc"))
    assert.is_true(matches("a?c", "aüc"))
    assert.is_false(matches("a?c", "a.c"))
    assert.is_false(matches("a?c", "ac"))
  end)

  it("let * stand for any run without a dot", function()
    assert.is_true(matches("room.*.chat", "room.1.chat"))
    assert.is_true(matches("room.*.chat", "room..chat"))
    assert.is_false(matches("room.*.chat", "room.1.2.chat"))
    assert.is_true(matches("*", ""))
  end)

  it("let ** and longer runs of asterisks stand for any run", function()
    assert.is_true(matches("room.**", "room.1.2"))
    assert.is_true(matches("a***b", "a.x.b"))
    assert.is_false(matches("room.**", "room"))
  end)

  it("cover the whole name and respect letter case", function()
    assert.is_false(matches("ab*", "xab"))
    assert.is_false(matches("*ab", "abx"))
    assert.is_false(matches("AB", "ab"))
  end)

  it("escape with a backslash only backslash, asterisk and question mark", function()
    assert.is_true(matches("a\\*b", "a*b"))
    assert.is_false(matches("a\\*b", "axb"))
    assert.is_true(matches("a\\?\\\\", "a?\\"))
    assert.is_nil((pattern.compile "a\\b"))
    assert.is_nil((pattern.compile "a\\"))
  end)

  it("have at most 5 asterisks and 1024 characters", function()
    assert.is_table(pattern.compile "**.**.*")
    assert.is_nil((pattern.compile "**.**.**"))
    assert.is_table(pattern.compile(("ü"):rep(1024)))
    assert.is_nil((pattern.compile(("ü"):rep(1025))))
  end)

  it("answer long names against many asterisks without delay", function()
    assert.is_false(matches("*a*a*a*a*b", ("a"):rep(1024)))
  end)
end)

describe("permissions", function()
  it("come from roles for every group, for one group and for patterns", function()
    local rights = permissions.from_roles {
      "webpubsub.sendToGroup",
      "webpubsub.joinLeaveGroup.one",
      "webpubsub.joinLeaveGroups.team.*",
      "admin",
    }
    assert.is_true(rights:allows("sendToGroup", "anything"))
    assert.is_true(rights:allows("joinLeaveGroup", "one"))
    assert.is_true(rights:allows("joinLeaveGroup", "team.red"))
    assert.is_false(rights:allows("joinLeaveGroup", "two"))
  end)

  it("take asterisks in the literal role and in grants literally", function()
    local rights = permissions.from_roles { "webpubsub.sendToGroup.*" }
    assert.is_true(rights:allows("sendToGroup", "*"))
    assert.is_false(rights:allows("sendToGroup", "a"))
    rights:grant("joinLeaveGroup", "*")
    assert.is_false(rights:allows("joinLeaveGroup", "a"))
  end)

  it("let a revoke win over every role until the group is granted again", function()
    local rights = permissions.from_roles { "webpubsub.sendToGroup", "webpubsub.sendToGroups.**" }
    rights:revoke("sendToGroup", "g")
    assert.is_false(rights:allows("sendToGroup", "g"))
    assert.is_true(rights:allows("sendToGroup", "h"))
    rights:grant("sendToGroup", "g")
    assert.is_true(rights:allows("sendToGroup", "g"))
  end)

  it("hold at most 1000 literal rules per permission", function()
    local rights = permissions.from_roles {}
    for index = 1, 1000 do
      assert.is_true(rights:grant("sendToGroup", "g" .. index))
    end
    assert.are.same({ nil, "conflict" }, { rights:grant("sendToGroup", "one more") })
    assert.is_true(rights:revoke("sendToGroup", "g1"))
    assert.is_true(rights:grant("joinLeaveGroup", "one more"))
  end)

  it("refuse an eleventh pattern", function()
    local roles = {}
    for index = 1, 10 do
      roles[index] = "webpubsub.sendToGroups.a" .. index
    end
    assert.is_table(permissions.from_roles(roles))
    roles[11] = "webpubsub.joinLeaveGroups.b"
    assert.is_nil((permissions.from_roles(roles)))
  end)

  it("are named in any letter case and by number", function()
    assert.are.equal("sendToGroup", permissions.kind "SENDTOGROUP")
    assert.are.equal("joinLeaveGroup", permissions.kind "joinleavegroup")
    assert.are.equal("sendToGroup", permissions.kind "1")
    assert.are.equal("joinLeaveGroup", permissions.kind "2")
    assert.is_nil(permissions.kind "sendToGroups")
  end)
end)
