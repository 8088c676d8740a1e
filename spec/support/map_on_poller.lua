-- map(poller, list, f): all items at once, each in a task of its own; what one raises is raised.
return function(poller, list, f)
  local results = poller:map(list, #list, function(item)
    f(item)
    return true
  end)
  for _, result in ipairs(results) do
    assert(result[1], result[2])
  end
end
