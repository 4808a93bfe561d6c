-- People, sorted by a number and by their names, with closures for the keys.
--
-- The size is how many there are. Printed is a number made of the two orders.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

local function order(people)
    local number = 0
    for _, person in ipairs(people) do number = (number * 31 + person.id) % 1000003 end
    return number
end

local size = tonumber(arg[1])
local random = Random.new()
local people = {}
for i = 0, size - 1 do
    local score = random:next() * size + i
    people[i + 1] = { id = i, name = "person " .. random:next() .. " " .. i, score = score }
end
table.sort(people, function(a, b) return a.score < b.score end)
local by_score = order(people)
table.sort(people, function(a, b) return a.name < b.name end)
local by_name = order(people)
print(by_score .. " " .. by_name)
