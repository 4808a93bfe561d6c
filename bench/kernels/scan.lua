-- Bytes of a string and a small state machine: counting lines, words and letters.
local byte, char = string.byte, string.char
local LENGTH, ROUNDS = tonumber(arg[1]), 24

local function make_text()
    local parts, x = {}, 42
    for i = 1, LENGTH do
        x = (x * 3877 + 29573) % 139968
        local v = x % 64
        parts[i] = char(v < 52 and 97 + v % 26 or v < 61 and 32 or 10)
    end
    return table.concat(parts)
end

local function scan(text)
    local lines, words, sum, in_word = 0, 0, 0, false
    for i = 1, #text do
        local c = byte(text, i)
        if c == 32 then
            in_word = false
        elseif c == 10 then
            in_word = false
            lines = lines + 1
        else
            sum = sum + c
            if not in_word then
                in_word = true
                words = words + 1
            end
        end
    end
    return lines * 3 + words * 5 + sum
end

local text = make_text()
local total = 0
for r = 0, ROUNDS - 1 do total = total + scan(text) + r end
print(string.format("%d", total))
