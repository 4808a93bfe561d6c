-- How often each word occurs in a text, and which do most often.
--
-- The size is the number of words. Printed are how many different ones there are and the first five.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

local syllables = {}
for part in ("ba con de fi gu ha in jo ka lem mo ni or pe qui ra"):gmatch("%a+") do
    syllables[#syllables + 1] = part
end

local function text_of(size)
    local random = Random.new()
    local words = {}
    for i = 1, size do
        local n = math.floor(random:next() * random:next() / 524288)
        local tail = n % 3 == 0 and "" or syllables[math.floor(n / 256) % 16 + 1]
        words[i] = syllables[n % 16 + 1] .. syllables[math.floor(n / 16) % 16 + 1] .. tail
    end
    return table.concat(words, " ")
end

local counts = {}
for word in text_of(tonumber(arg[1])):gmatch("%a+") do counts[word] = (counts[word] or 0) + 1 end
local ranking = {}
for word, count in pairs(counts) do ranking[#ranking + 1] = { word = word, count = count } end
table.sort(ranking, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.word < b.word
end)
local out = { #ranking }
for i = 1, math.min(5, #ranking) do
    out[#out + 1] = ranking[i].word
    out[#out + 1] = ranking[i].count
end
print(table.concat(out, " "))
