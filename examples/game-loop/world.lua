-- The rules of the game: players move, touch a coin and score. Values in, values out; no clock, no network.

local world = {}
world.__index = world

world.width, world.height = 320, 200
local speed, radius = 110, 8 -- units a second, units
local colours = 8

--- random(n) → 1 … n, so that a test can choose.
function world.new(random)
  local self = setmetatable({ players = {}, joined = 0, random = random or math.random, tick = 0 }, world)
  self:place_coin()
  return self
end

function world:place_coin()
  self.coin = {
    x = radius + self.random(world.width - 2 * radius),
    y = radius + self.random(world.height - 2 * radius),
  }
end

function world:join(id, name)
  if self.players[id] then
    return
  end
  self.joined = self.joined + 1
  self.players[id] = {
    name = name,
    number = self.joined,
    colour = self.joined % colours,
    x = world.width / 2,
    y = world.height / 2,
    dx = 0,
    dy = 0,
    score = 0,
    heard = self.tick,
  }
end

function world:leave(id)
  self.players[id] = nil
end

local function direction(value)
  return type(value) == "number" and (value > 0 and 1 or value < 0 and -1) or 0
end

--- What a player wants is taken as a direction and nothing more: where it gets is decided here.
function world:steer(id, wish)
  local player = self.players[id]
  if player and type(wish) == "table" then
    player.dx, player.dy, player.heard = direction(wish.dx), direction(wish.dy), self.tick
  end
end

local function clamp(value, most)
  return math.max(radius, math.min(most - radius, value))
end

local function move(player, seconds)
  local diagonal = player.dx ~= 0 and player.dy ~= 0 and math.sqrt(0.5) or 1
  player.x = clamp(player.x + player.dx * speed * diagonal * seconds, world.width)
  player.y = clamp(player.y + player.dy * speed * diagonal * seconds, world.height)
end

local function touches(player, coin)
  return (player.x - coin.x) ^ 2 + (player.y - coin.y) ^ 2 < (2 * radius) ^ 2
end

--- One tick of so many seconds. Who has not been heard for `silent` ticks is gone.
function world:step(seconds, silent)
  self.tick = self.tick + 1
  for id, player in pairs(self.players) do
    move(player, seconds)
    if touches(player, self.coin) then
      player.score = player.score + 1
      self:place_coin()
    end
    if self.tick - player.heard > silent then
      self.players[id] = nil
    end
  end
end

--- What all see, players in the order in which they came.
function world:view()
  local list = {}
  for id, player in pairs(self.players) do
    list[#list + 1] = {
      id = id,
      name = player.name,
      number = player.number,
      colour = player.colour,
      x = math.floor(player.x * 10) / 10,
      y = math.floor(player.y * 10) / 10,
      score = player.score,
    }
  end
  table.sort(list, function(a, b)
    return a.number < b.number
  end)
  return { tick = self.tick, players = list, coin = self.coin }
end

return world
