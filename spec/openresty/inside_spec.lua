-- Spec files run by nginx itself: each result there is one here.

local json = require "webpubsub.json"
local nginx = require "spec.openresty.nginx"

local files = {
  "spec/openresty/inside/mac.lua",
  "spec/openresty/inside/contract.lua",
  "spec/openresty/inside/http.lua",
  "spec/openresty/inside/client.lua",
  "spec/openresty/inside/delivery.lua",
  "spec/openresty/inside/canary.lua",
  "spec/clock_spec.lua",
  "spec/answer_spec.lua",
  "spec/bad_input_spec.lua",
  "spec/credential_spec.lua",
  "spec/end_to_end_spec.lua",
  "spec/filter_spec.lua",
  "spec/log_spec.lua",
  "spec/visibility_spec.lua",
  "spec/wire_spec.lua",
  "spec/binding/core_spec.lua",
  "spec/binding/json_spec.lua",
}

local server = [[
  location = /run {
    content_by_lua_block {
      require("spec.openresty.runner").run(ngx.var.arg_file, ngx.print)
    }
  }
]]

--- The results of one file, by what nginx answered; a run that broke off is a failed one.
local function results_of(host, file)
  local results, done = {}, nil
  for line in host:body("/run?file=" .. file, 120):gmatch "[^\n]+" do
    local result = assert(json.decode(line))
    done = result.done or done
    results[#results + 1] = result.name and result or nil
  end
  if done ~= #results or done == 0 then
    results[#results + 1] = { name = "comes to its end", ok = false, detail = host:log() }
  end
  return results
end

local host = nginx.start { server = server }

for _, file in ipairs(files) do
  local ran, results = pcall(results_of, host, file)
  describe("inside nginx, " .. file, function()
    it("runs", function()
      assert.is_true(ran, tostring(results))
    end)
    for _, result in ipairs(ran and results or {}) do
      it(result.name, function()
        assert.is_true(result.ok, result.detail)
      end)
    end
  end)
end

host:stop()
