-- Containers of ints and of floats: a heap written here, and lists and maps.
--
-- The size is how many values each takes. Printed are sums of what comes out.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

-- A number from 0 to 1.
function Random:fraction()
    return self:next() / 65536
end

-- Gives the smallest of its items first.
local Heap = {}
Heap.__index = Heap

function Heap.new()
    return setmetatable({ items = {} }, Heap)
end

function Heap:is_empty()
    return #self.items == 0
end

function Heap:push(item)
    local items = self.items
    items[#items + 1] = item
    local at = #items
    while at > 1 do
        local parent = math.floor(at / 2)
        if items[parent] <= items[at] then break end
        items[at], items[parent] = items[parent], items[at]
        at = parent
    end
end

function Heap:pop()
    local top = self.items[1]
    local last = table.remove(self.items)
    if #self.items > 0 then
        self.items[1] = last
        self:sink()
    end
    return top
end

function Heap:sink()
    local items = self.items
    local at = 1
    while true do
        local child = 2 * at
        if child > #items then break end
        if child < #items and items[child + 1] < items[child] then child = child + 1 end
        if items[at] <= items[child] then break end
        items[at], items[child] = items[child], items[at]
        at = child
    end
end

local function mapped(items, change)
    local out = {}
    for i, item in ipairs(items) do out[i] = change(item) end
    return out
end

local function filtered(items, test)
    local out = {}
    for _, item in ipairs(items) do
        if test(item) then out[#out + 1] = item end
    end
    return out
end

local function sum_of(items)
    local sum = 0
    for _, item in ipairs(items) do sum = sum + item end
    return sum
end

local function of_ints(size, random)
    local heap = Heap.new()
    for _ = 1, size do heap:push(random:next() * 65536 + random:next()) end
    local sum = 0
    while not heap:is_empty() do sum = (sum * 31 + heap:pop()) % 1000003 end
    local counts = {}
    for i = 0, size - 1 do
        local key = random:next() % 5000
        counts[key] = (counts[key] or 0) + i
    end
    for key, count in pairs(counts) do sum = sum + (key + 1) * (count % 1000) end
    local list = {}
    for i = 1, size do list[i] = random:next() end
    local doubled = mapped(list, function(n) return n * 2 end)
    return sum + sum_of(filtered(doubled, function(n) return n % 3 == 0 end))
end

local function of_floats(size, random)
    local heap = Heap.new()
    for _ = 1, size do heap:push(random:fraction()) end
    local sum = 0
    while not heap:is_empty() do sum = sum * 0.5 + heap:pop() end
    sum = math.floor(sum * 1024)
    local totals = {}
    for _ = 1, size do
        local key = random:next() % 5000
        totals[key] = (totals[key] or 0) + random:fraction()
    end
    for key, total in pairs(totals) do sum = sum + total * (key % 4) end
    local list = {}
    for i = 1, size do list[i] = random:fraction() end
    local doubled = mapped(list, function(x) return x * 2 end)
    return sum + sum_of(filtered(doubled, function(x) return x > 0.5 end))
end

local size = tonumber(arg[1])
local random = Random.new()
local ints = of_ints(size, random)
local floats = of_floats(size, random)
print(ints .. " " .. math.floor(floats))
