--- resident(pid or nil) → resident memory in KB of a process, of this one without a pid.
return function(pid)
  local file = assert(io.open(("/proc/%s/status"):format(pid or "self")))
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "VmRSS:%s*(%d+)")
end
