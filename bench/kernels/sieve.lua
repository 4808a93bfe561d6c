-- Stores to and loads from a table of booleans, with a stride.
local LIMIT, ROUNDS = tonumber(arg[1]), 6
local prime = {}

local function sieve()
    local count = 0
    for i = 0, LIMIT - 1 do prime[i] = true end
    for i = 2, LIMIT - 1 do
        if prime[i] then
            count = count + 1
            for j = i * i, LIMIT - 1, i do prime[j] = false end
        end
    end
    return count
end

local sum = 0
for r = 0, ROUNDS - 1 do sum = sum + sieve() + r end
print(string.format("%d", sum))
