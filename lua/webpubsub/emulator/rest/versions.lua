--- API versions of the data plane (contract, API versions).

local versions = {}

local known = { "2021-10-01", "2022-11-01", "2023-07-01", "2024-01-01", "2024-12-01" }

versions.latest = known[#known]
versions.header = { "api-supported-versions", table.concat(known, ", ") }

--- The version a call asks for: a missing one is the latest; an unknown or repeated one is nil and a sentence.
function versions.of(query)
  local asked = query:all "api-version"
  if #asked == 0 then
    return versions.latest
  elseif #asked > 1 then
    return nil, "api-version must be given once"
  end
  for _, version in ipairs(known) do
    if version == asked[1] then
      return version
    end
  end
  return nil, "api-version is unknown"
end

return versions
