--- What a request or a client message asks the outside to do, as values. The server carries them out in order.
--
-- { kind = "deliver", message, recipients }   one message to a list of connections, each in its own protocol
-- { kind = "answer", connection, frame }      one frame { opcode, data } to one connection
-- { kind = "close", connection, code, reason, before }  frames in `before`, then the close frame
-- { kind = "event", connection, event }       an event for whoever handles events: `kind` "connected", or "user" with
--                                             `name`, `message` and `ack_id`
--
-- A message is free of protocols: `from` ("server" or "group"), `group`, `from_user_id`, `data_type` ("json", "text" or
-- "binary"), `data` (for json: the bytes as they arrived), `metadata` (table or nil), `ttl` (seconds or nil);
-- and whom it was addressed to: `hub`, `to` ("all", "group", "user" or "connection") and `to_name`.

local effects = {}

function effects.deliver(message, recipients)
  return { kind = "deliver", message = message, recipients = recipients }
end

function effects.answer(connection, frame)
  return { kind = "answer", connection = connection, frame = frame }
end

function effects.close(connection, code, reason, before)
  return { kind = "close", connection = connection, code = code, reason = reason, before = before or {} }
end

function effects.event(connection, event)
  return { kind = "event", connection = connection, event = event }
end

return effects
