-- map(transport, list, f) for a transport that does one thing at a time.
return function(_, list, f)
  for _, item in ipairs(list) do
    f(item)
  end
end
