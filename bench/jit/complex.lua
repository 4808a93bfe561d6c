-- Product of two matrices of complex numbers, each a table of its own: many small tables that die at once.
local function sum_of(a, b)
    return { re = a.re + b.re, im = a.im + b.im }
end

local function product_of(a, b)
    return { re = a.re * b.re - a.im * b.im, im = a.re * b.im + a.im * b.re }
end

local function matrix(n, factor)
    local rows = {}
    for i = 0, n - 1 do
        local row = {}
        for j = 0, n - 1 do row[j] = { re = (i * factor + j) % 10, im = (i + j) % factor } end
        rows[i] = row
    end
    return rows
end

local function multiply(a, b, n)
    local rows = {}
    for i = 0, n - 1 do
        local row = {}
        for j = 0, n - 1 do
            local sum = { re = 0, im = 0 }
            for k = 0, n - 1 do sum = sum_of(sum, product_of(a[i][k], b[k][j])) end
            row[j] = sum
        end
        rows[i] = row
    end
    return rows
end

local n = tonumber(arg[1])
local c, check = multiply(matrix(n, 3), matrix(n, 7), n), 0
for i = 0, n - 1 do
    for j = 0, n - 1 do check = check + c[i][j].re + 3 * c[i][j].im end
end
print(string.format("%d", check))
