-- The function of Takeuchi on the lengths of linked lists, which it never counts.
--
-- The size is how often it is called. Printed is the sum of the lengths of what comes out.

local Element = {}
Element.__index = Element

function Element.new(value, next)
    return setmetatable({ value = value, next = next }, Element)
end

function Element:length()
    return self.next and 1 + self.next:length() or 1
end

local function make(length)
    if length == 0 then return nil end
    return Element.new(length, make(length - 1))
end

local function is_shorter(x, than)
    while than do
        if not x then return true end
        x = x.next
        than = than.next
    end
    return false
end

local function tail(x, y, z)
    if not is_shorter(y, x) then return z end
    return tail(tail(x.next, y, z), tail(y.next, z, x), tail(z.next, x, y))
end

local sum = 0
for _ = 1, tonumber(arg[1]) do
    sum = sum + tail(make(15), make(10), make(6)):length()
end
print(sum)
