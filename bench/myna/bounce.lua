-- A hundred balls in a box: how often they bounce in fifty steps.
--
-- The size is how often that is played. Printed is the number of bounces.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

local LIMIT = 500

local Ball = {}
Ball.__index = Ball

function Ball.new(random)
    return setmetatable({
        x = random:next() % 500,
        y = random:next() % 500,
        vx = random:next() % 300 - 150,
        vy = random:next() % 300 - 150,
    }, Ball)
end

-- Moves one step; whether it hits a wall.
function Ball:step()
    local bounced = false
    self.x = self.x + self.vx
    self.y = self.y + self.vy
    if self.x > LIMIT then
        self.x = LIMIT
        self.vx = -math.abs(self.vx)
        bounced = true
    end
    if self.x < 0 then
        self.x = 0
        self.vx = math.abs(self.vx)
        bounced = true
    end
    if self.y > LIMIT then
        self.y = LIMIT
        self.vy = -math.abs(self.vy)
        bounced = true
    end
    if self.y < 0 then
        self.y = 0
        self.vy = math.abs(self.vy)
        bounced = true
    end
    return bounced
end

local bounces = 0
for _ = 1, tonumber(arg[1]) do
    local random = Random.new()
    local balls = {}
    for i = 1, 100 do balls[i] = Ball.new(random) end
    for _ = 1, 50 do
        for _, ball in ipairs(balls) do
            if ball:step() then bounces = bounces + 1 end
        end
    end
end
print(bounces)
