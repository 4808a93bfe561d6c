-- Functions with captured values, made in a loop and called through a table.
local FUNCTIONS, MODULUS = 60, 1048573

-- A function that keeps `k` and what follows from it.
local function maker(kind, k)
    if kind == 0 then
        return function(x) return (x + k) % MODULUS end
    elseif kind == 1 then
        local shift = k + 7
        return function(x) return (x * k + shift) % MODULUS end
    end
    local limit = k * 1000
    return function(x)
        if x < limit then return limit - x end
        return x - limit
    end
end

local rounds = tonumber(arg[1])
local functions = {}
for i = 0, FUNCTIONS - 1 do functions[i + 1] = maker(i % 3, i + 3) end
local sum, x = 0, 1
for _ = 1, rounds do
    for i = 1, FUNCTIONS do x = functions[i](x) end
    sum = sum + x
end
print(string.format("%d", sum))
