--- Simple clients: payloads as they are, no envelope, no acks, no system messages, no metadata (contract, simple
-- clients).

local simple = { name = nil }

--- The frame that carries a message.
function simple.message(message)
  return { opcode = message.data_type == "binary" and "binary" or "text", data = message.data }
end

function simple.connected()
  return nil
end

function simple.disconnected()
  return nil
end

return simple
