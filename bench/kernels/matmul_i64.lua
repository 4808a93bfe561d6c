-- Matrix product of integers, rows as tables.
local N = tonumber(arg[1])
local a, b, c = {}, {}, {}
for i = 0, N - 1 do
    a[i], b[i], c[i] = {}, {}, {}
    for j = 0, N - 1 do
        a[i][j] = i * 3 + j
        b[i][j] = i - j * 2
    end
end
for i = 0, N - 1 do
    local ai, ci = a[i], c[i]
    for j = 0, N - 1 do
        local sum = 0
        for k = 0, N - 1 do sum = sum + ai[k] * b[k][j] end
        ci[j] = sum
    end
end
local total = 0
for i = 0, N - 1 do total = total + c[i][N - 1 - i] + c[i][i] end
print(string.format("%d", total))
