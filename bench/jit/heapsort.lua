-- Sorting a table in place as a heap: loads that jump about.
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

-- Moves the element at `root` down to its place among the first `size` elements.
local function sift(a, root, size)
    local x = a[root]
    local child = 2 * root
    while child <= size do
        if child < size and a[child + 1] > a[child] then child = child + 1 end
        if x >= a[child] then break end
        a[root] = a[child]
        root = child
        child = 2 * root
    end
    a[root] = x
end

local function heapsort(a)
    for root = math.floor(#a / 2), 1, -1 do sift(a, root, #a) end
    for last = #a, 2, -1 do
        a[1], a[last] = a[last], a[1]
        sift(a, 1, last - 1)
    end
end

local a = numbers(tonumber(arg[1]))
heapsort(a)
print(string.format("%d", checksum(a)))
