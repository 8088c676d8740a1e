--- Grants, revokes and checks of permissions at run time (contract, permissions).

local answers = require "webpubsub.emulator.rest.answers"
local rules = require "webpubsub.emulator.rules"

local calls = {}

-- The connection; nil and an answer when the target is not a group name or the connection is unknown.
local function target_of(world, call)
  local target = call.query.target_name
  if not target or not rules.is_group(target) then
    return nil, answers.bad_request("targetName must be the name of a group.", "targetName")
  end
  local id = call.path.connectionId
  local connection = world.state:connection(call.path.hub, id)
  if not connection then
    return nil, answers.missing("Info", "Connection", id)
  end
  return connection
end

local function conflict(id)
  local message = ("Connection `%s` has 1000 rules for the permission already."):format(id)
  return answers.error(409, "Error.Connection.Conflict", message, "Connection")
end

function calls.grant_permission(world, call)
  local connection, refusal = target_of(world, call)
  if not connection then
    return refusal
  elseif not connection.permissions:grant(call.path.permission, call.query.target_name) then
    return conflict(connection.id)
  end
  return answers.empty(200)
end

-- Revoking from an unknown connection is a success, a missing target is not.
function calls.revoke_permission(world, call)
  local connection, refusal = target_of(world, call)
  if not connection then
    return refusal.status == 404 and answers.empty(204) or refusal
  elseif not connection.permissions:revoke(call.path.permission, call.query.target_name) then
    return conflict(connection.id)
  end
  return answers.empty(204)
end

function calls.check_permission(world, call)
  local connection, refusal = target_of(world, call)
  if not connection then
    return refusal
  elseif not connection.permissions:allows(call.path.permission, call.query.target_name) then
    return answers.missing("Info", "Connection", connection.id)
  end
  return answers.empty(200)
end

return calls
