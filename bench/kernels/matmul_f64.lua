-- Matrix product of floats, rows as tables.
local N = tonumber(arg[1])
local a, b, c = {}, {}, {}
for i = 0, N - 1 do
    a[i], b[i], c[i] = {}, {}, {}
    for j = 0, N - 1 do
        a[i][j] = (i + 1) / (j + 2)
        b[i][j] = (j - i) * 0.5
    end
end
for i = 0, N - 1 do
    local ai, ci = a[i], c[i]
    for j = 0, N - 1 do
        local sum = 0.0
        for k = 0, N - 1 do sum = sum + ai[k] * b[k][j] end
        ci[j] = sum
    end
end
local total = 0.0
for i = 0, N - 1 do total = total + (c[i][N - 1 - i] + c[i][i]) end
local scaled = total * 1000.0
print(string.format("%d", scaled < 0 and math.ceil(scaled) or math.floor(scaled)))
