-- All orders of a few numbers, and how often their beginnings are to be turned round: small tables in cache.
local n = tonumber(arg[1])
local order, work, counts = {}, {}, {}

-- How many turns it takes until the first number is 0.
local function flips_of()
    for i = 0, n - 1 do work[i] = order[i] end
    local flips, first = 0, work[0]
    while first ~= 0 do
        local low, high = 0, first
        while low < high do
            work[low], work[high] = work[high], work[low]
            low, high = low + 1, high - 1
        end
        flips = flips + 1
        first = work[0]
    end
    return flips
end

-- Makes the next order, if there is one.
local function next_order()
    for r = 1, n - 1 do
        local first = order[0]
        for i = 0, r - 1 do order[i] = order[i + 1] end
        order[r] = first
        counts[r] = counts[r] - 1
        if counts[r] > 0 then return true end
        counts[r] = r + 1
    end
    return false
end

for i = 0, n - 1 do
    order[i] = i
    counts[i] = i + 1
end
local most, check, even = 0, 0, true
repeat
    local flips = flips_of()
    if flips > most then most = flips end
    check = check + (even and flips or -flips)
    even = not even
until not next_order()
print(string.format("%d", check * 1000 + most))
