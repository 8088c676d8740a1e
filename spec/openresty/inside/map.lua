-- map(transport, list, f) inside nginx: all items at once, each in a light thread; what one raises is raised.
return function(_, list, f)
  local threads = {}
  for i, item in ipairs(list) do
    threads[i] = ngx.thread.spawn(f, item)
  end
  for _, thread in ipairs(threads) do
    local ok, raised = ngx.thread.wait(thread)
    assert(ok, raised)
  end
end
