-- Sorting a table in place by parts around its middle element (Hoare): branches that cannot be foretold.
-- Numbers that follow from each other without an order.
local function numbers(n)
    local a, x = {}, 42
    for i = 1, n do
        x = x * 48271 % 2147483647
        a[i] = x
    end
    return a
end

-- A number that depends on all numbers and their order.
local function checksum(a)
    local sum = 0
    for i = 1, #a do sum = (sum * 31 + a[i]) % 1000000007 end
    return sum
end

local floor = math.floor

local function quicksort(a, first, last)
    if first >= last then return end
    local pivot = a[floor((first + last) / 2)]
    local low, high = first, last
    while low <= high do
        while a[low] < pivot do low = low + 1 end
        while a[high] > pivot do high = high - 1 end
        if low > high then break end
        a[low], a[high] = a[high], a[low]
        low, high = low + 1, high - 1
    end
    quicksort(a, first, high)
    quicksort(a, low, last)
end

local a = numbers(tonumber(arg[1]))
quicksort(a, 1, #a)
print(string.format("%d", checksum(a)))
