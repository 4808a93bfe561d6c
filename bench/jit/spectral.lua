-- Spectral norm of an infinite matrix, cut at the size: calls of a small function, division of floats.
local STEPS = 10

-- The element of the matrix at a row and a column.
local function element(row, column)
    return 1 / ((row + column) * (row + column + 1) / 2 + row + 1)
end

local function multiply(n, v, product)
    for i = 0, n - 1 do
        local sum = 0
        for j = 0, n - 1 do sum = sum + element(i, j) * v[j] end
        product[i] = sum
    end
end

local function multiply_transposed(n, v, product)
    for i = 0, n - 1 do
        local sum = 0
        for j = 0, n - 1 do sum = sum + element(j, i) * v[j] end
        product[i] = sum
    end
end

local n = tonumber(arg[1])
local u, v, between = {}, {}, {}
for i = 0, n - 1 do u[i] = 1 end
for _ = 1, STEPS do
    multiply(n, u, between)
    multiply_transposed(n, between, v)
    multiply(n, v, between)
    multiply_transposed(n, between, u)
end
local uv, vv = 0, 0
for i = 0, n - 1 do
    uv = uv + u[i] * v[i]
    vv = vv + v[i] * v[i]
end
print(string.format("%d", math.sqrt(uv / vv) * 1e9))
