-- A small application: it tells the players of a game, each a group, about their scores.

local webpubsub = require "webpubsub"

local scoreboard = {}
scoreboard.__index = scoreboard

function scoreboard.new(connection_string)
  local hub = assert(webpubsub.from_connection_string(connection_string, "game", { timeout = 5, retry_total = 0 }))
  return setmetatable({ hub = hub, unsent = {} }, scoreboard)
end

--- A score that the service did not take waits for `catch_up`.
function scoreboard:score(game, player, points)
  local message = { player = player, points = points }
  local ok, err = self.hub:send_to_group(game, message)
  if not ok and err.outcome ~= "maybe_sent" then
    self.unsent[#self.unsent + 1] = { game, message }
  end
  return ok, err
end

function scoreboard:catch_up()
  local unsent = self.unsent
  self.unsent = {}
  for _, one in ipairs(unsent) do
    self:score(one[1], one[2].player, one[2].points)
  end
end

--- What a player's browser connects to.
function scoreboard:ticket(game, player)
  return assert(self.hub:get_client_access_token { user_id = player, groups = { game } }).url
end

return scoreboard
