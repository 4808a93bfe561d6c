-- Float arithmetic with a data-dependent exit; no memory.
local SIZE, STEPS = tonumber(arg[1]), 150
local total = 0
for py = 0, SIZE - 1 do
    local y0 = py * (2.4 / SIZE) - 1.2
    for px = 0, SIZE - 1 do
        local x0 = px * (3.0 / SIZE) - 2.2
        local x, y, n = 0.0, 0.0, 0
        while n < STEPS do
            local xx, yy = x * x, y * y
            if xx + yy > 4.0 then break end
            y = 2.0 * x * y + y0
            x = xx - yy + x0
            n = n + 1
        end
        total = total + n
    end
end
print(string.format("%d", total))
