--- The managed identity of the Azure resource that the program runs on.

local answer = require "webpubsub.credential.answer"
local common = require "webpubsub.credential.common"
local core = require "webpubsub.core"
local http = require "webpubsub.credential.http"
local sources = require "webpubsub.credential.managed_identity_sources"
local token = require "webpubsub.credential.token"

local managed_identity = {}

local name = "managed_identity_credential"
local identities = { "client_id", "object_id", "resource_id" }

managed_identity.schema = common.schema {
  client_id = { type = "string" },
  object_id = { type = "string" },
  resource_id = { type = "string" },
  read_file = { type = "function", default = common.read_file },
}

local function copy_headers(source, extra)
  local headers = { "Accept", "application/json" }
  for _, text in ipairs(source.headers) do
    headers[#headers + 1] = text
  end
  for _, text in ipairs(extra or {}) do
    headers[#headers + 1] = text
  end
  return headers
end

local function request_of(source, extra)
  return {
    method = source.method,
    url = source.query and (source.url .. "?" .. common.form(source.query)) or source.url,
    headers = copy_headers(source, extra),
    body = source.form and common.form(source.form),
  }
end

-- Contract: the challenge's file lies directly in this folder, ends in .key and has at most 4096 bytes. Anything else
-- would let whoever answers on the port read files of ours.
local arc_folder, arc_limit = "/var/opt/azcmagent/tokens/", 4096

--- The file named by the challenge → its content | nil, err.
local function read_challenge(read_file, header)
  local path = (header or ""):match '^[Bb]asic realm="?([^"]+)"?$'
  local file = path and path:sub(1, #arc_folder) == arc_folder and path:sub(#arc_folder + 1)
  if not file or not file:find "^[^/%c]+%.key$" then
    return answer.failed(name, "the Azure Arc agent names no key file in " .. arc_folder)
  end
  local text = read_file(path, arc_limit)
  if not text or text == "" or #text > arc_limit or text:find "%c" then
    return answer.failed(name, "the key file of the Azure Arc agent cannot be used")
  end
  return text
end

--- Azure Arc's second request, with the key that only a member of its group can read. response, secrets | nil, err.
local function meet_challenge(context, source, read_file, raw)
  if raw.status ~= 401 then
    return raw
  end
  local key, err = read_challenge(read_file, raw.headers["www-authenticate"])
  if not key then
    return nil, err
  end
  raw, err = http.send(context, request_of(source, { "Authorization", "Basic " .. key }), source.policy)
  return raw, raw and { key } or err
end

--- Contract: a GET without the Metadata header, one second, no retry. Is anybody there?
local function is_there(context, source)
  local probe = { method = "GET", url = source.url .. "?" .. common.form(source.query), headers = {} }
  local short = { transport = context.transport, deadline = math.min(context.deadline, context.transport:now() + 1) }
  local raw = http.send(short, probe, http.policies.once)
  return raw and not (raw.status == 403 and raw.body:lower():find "unreachable")
end

--- Contract: 400 says that no identity is assigned.
local function read_answer(source, raw, now, secrets)
  if raw.status == 400 then
    return answer.unavailable(name, source.name .. " has no such identity")
  end
  return answer.read(name, raw, now, secrets or source.secrets)
end

local function fetch(context, source, read_file, with_probe)
  if with_probe and source.probe and not is_there(context, source) then
    return answer.unavailable(name, "no managed identity endpoint answers")
  end
  local raw, err = http.send(context, request_of(source), source.policy)
  if not raw then
    return answer.unavailable(name, ("%s does not answer (%s)"):format(source.name, err.code))
  end
  local secrets
  if source.challenge then
    raw, secrets = meet_challenge(context, source, read_file, raw)
    if not raw then
      return nil, secrets
    end
  end
  return read_answer(source, raw, context.now, secrets)
end

local function identity_of(read)
  local identity, count = {}, 0
  for _, option in ipairs(identities) do
    if read[option] then
      identity[option] = read[option]
      count = count + 1
    end
  end
  return count <= 1 and identity or nil
end

--- new { client_id or object_id or resource_id, … } → credential | nil, err. The environment is read now.
-- with_probe: ask first, for a second, whether anybody is there, as the default chain does.
function managed_identity.new(given, with_probe)
  local read, err = common.read(managed_identity.schema, given, name)
  if not read then
    return nil, err
  end
  local identity = identity_of(read)
  if not identity then
    return common.refuse(name, "only one of client_id, object_id and resource_id can be given")
  end
  local source, sentence = sources.choose(read.getenv, function()
    return read.read_file(sources.arc_agent, 0x7FFFFFF) ~= nil
  end, identity, common.resource(read.scope))
  if not source then
    return common.refuse(name, sentence)
  end
  local request = request_of(source)
  local ok
  ok, sentence = core.check_request(request.method, request.url, request.headers)
  if not ok then
    return common.refuse(name, sentence)
  end
  return token.new {
    name = name,
    source = function(context)
      return fetch(context, source, read.read_file, with_probe)
    end,
    timeout = read.timeout,
    shared_dict = read.shared_dict,
    shared_key = "webpubsub " .. request.method .. " " .. request.url,
  }
end

return managed_identity
