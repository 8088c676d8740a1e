-- Reliable sessions without their sockets, on a clock of the spec's own.

local delivery = require "webpubsub.emulator.server.delivery"

describe("a reliable session without its socket", function()
  local looks, ended, made, connection

  local function start(window)
    looks, ended = {}, {}
    made = delivery.new {
      state = { remove = function() end },
      clients = {},
      limits = { recovery_window = window },
      events = {
        push = function(_, _, event)
          ended[#ended + 1] = event.reason
        end,
      },
      after = function(_, call)
        looks[#looks + 1] = call
      end,
    }
    connection = { protocol = { is_reliable = true } }
  end

  local function lose(reason)
    local client = {}
    made.clients[connection] = client
    made:leave(connection, client, false, reason)
  end

  it("ends when nobody has come back in time", function()
    start(0)
    lose "first"
    looks[1]()
    assert.are.same({ "first" }, ended)
  end)

  it("is looked after once, however often the client comes back and is lost again", function()
    start(30)
    for _ = 1, 100 do
      connection.lost = nil -- it is back
      lose "again"
    end
    assert.are.equal(1, #looks)
    looks[1]()
    assert.are.same({}, ended)
    assert.are.equal(2, #looks)
    connection.lost = nil
    looks[2]()
    assert.are.same({}, ended)
    assert.are.equal(2, #looks)
  end)
end)
