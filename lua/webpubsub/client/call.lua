--- A method's arguments and options → the request of one call, complete but for its signature.

local arguments = require "webpubsub.arguments"
local client_options = require "webpubsub.client_options"
local core = require "webpubsub.core"
local message = require "webpubsub.pipeline.message"
local operations = require "webpubsub.operations"
local options = require "webpubsub.options"
local pages = require "webpubsub.pages"
local request = require "webpubsub.pipeline.request"
local trace_context = require "webpubsub.trace_context"

local call = {}

local no_options = {}
local schemas = {}

for _, row in ipairs(operations.list) do
  schemas[row] = client_options.of_operation(row)
end

--- Puts the method's name in front of a refusal.
local function refuse(where, err)
  err.message = where .. ": " .. err.message
  return nil, err
end

local function add_metadata(headers, metadata)
  local lines, err = message.metadata(metadata)
  if not lines then
    return nil, err
  end
  for _, text in ipairs(lines) do
    headers[#headers + 1] = text
  end
  return true
end

--- headers, request id | nil, err.
local function write_headers(state, given, content_type)
  local request_id = given.request_id or core.uuid()
  local headers = request.headers(state.user_agent, request_id, content_type)
  if given == no_options then
    return headers, request_id
  end
  local ok, err = true, nil
  if given.metadata then
    ok, err = add_metadata(headers, given.metadata)
  end
  if ok and (given.traceparent or given.tracestate) then
    ok, err = trace_context.add(headers, given)
  end
  if ok and given.headers then
    ok, err = request.add_headers(headers, given.headers)
  end
  if not ok then
    return nil, err
  end
  return headers, request_id
end

local function make_plan(state, row)
  local plan = request.plan(row, operations.parameters, state.site)
  state.plans[row] = plan
  return plan
end

--- Checked arguments → request | nil, err.
function call.assemble(state, row, given, first, second)
  local segments, body, content_type = arguments.read(row, given, first, second)
  if not segments then
    return nil, body
  end
  local headers, request_id = write_headers(state, given, content_type)
  if not headers then
    return nil, request_id
  end
  local plan = state.plans[row] or make_plan(state, row)
  if given == no_options then
    return request.build(plan, segments, nil, headers, request_id, body or nil)
  end
  local made, err = request.build(plan, segments, given, headers, request_id, body or nil)
  if made and (given.headers or given.request_id or given.content_type) then
    return request.check(made)
  end
  return made, err
end

--- Checks the options of an operation's row. true | nil, err.
function call.check(row, given, where)
  return options.check(schemas[row], given or no_options, where)
end

--- build(state, row, a method's five arguments, of which the last may only be nil) → request, call options | nil, err.
function call.build(state, row, first, second, third, fourth, fifth)
  local given = arguments.options(row, first, second, third, fourth, fifth)
  if given == nil then
    given = no_options
  else
    local ok, err = call.check(row, given, row.name)
    if not ok then
      return nil, err
    end
  end
  local made, err = call.assemble(state, row, given, first, second)
  if made and given.continuation_token then
    made, err = pages.continue(state.site, row, given, made)
    if made then
      made, err = request.check(made)
    end
  end
  if not made then
    return refuse(row.name, err)
  end
  return made, given
end

local function raw_body(given)
  if type(given.body) == "string" then
    return given.body, given.content_type or "application/octet-stream"
  elseif given.body ~= nil then
    return message.encode(given.body, given.content_type)
  end
  return false, given.content_type
end

local function assemble_free(state, given)
  local body, content_type = raw_body(given)
  if body == nil then
    return nil, content_type
  end
  local target, err = request.target(state.site, given.path, given.query)
  if not target then
    return nil, err
  end
  local headers, request_id = write_headers(state, given, content_type)
  if not headers then
    return nil, request_id
  end
  return request.free(state.site, given.method, target, headers, request_id, body or nil)
end

--- Checked options of send_request → request | nil, err.
function call.free(state, given)
  local made, err = assemble_free(state, given)
  if not made then
    return refuse("send_request", err)
  end
  return made
end

return call
