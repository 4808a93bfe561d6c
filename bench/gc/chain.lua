-- A linked list of many million elements: built, summed, turned round in place, thinned out, and copied.
local SIZE = tonumber(arg[1])
local VALUE, NEXT = 1, 2

local function build(size)
    local head = nil
    for i = 0, size - 1 do head = {i, head} end
    return head
end

local function sum_of(head)
    local sum = 0
    while head do
        sum = (sum * 31 + head[VALUE]) % 4294967296
        head = head[NEXT]
    end
    return sum
end

local function reverse(head)
    local done = nil
    while head do head[NEXT], done, head = done, head, head[NEXT] end
    return done
end

local function thin(head)
    while head and head[NEXT] do
        head[NEXT] = head[NEXT][NEXT]
        head = head[NEXT]
    end
end

local function doubled(head)
    local copy = nil
    while head do
        copy = {head[VALUE] * 2, copy}
        head = head[NEXT]
    end
    return copy
end

local head = build(SIZE)
local sum = sum_of(head)
head = reverse(head)
sum = sum + sum_of(head)
thin(head)
local copy = doubled(head)
sum = sum + sum_of(copy)
sum = sum + sum_of(head)
print(string.format("%d", sum))
