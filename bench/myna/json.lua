-- A text in JSON: made, read, walked and written again. Lua has no library for it: reader and writer are here.
--
-- The size is the number of records. Printed are sums of what is in them and whether the text that is
-- written is the one that was read.

local Random = {}
Random.__index = Random

function Random.new()
    return setmetatable({ seed = 74755 }, Random)
end

function Random:next()
    self.seed = (self.seed * 1309 + 13849) % 65536
    return self.seed
end

-- What stands for null, which a table cannot hold. Arrays are tables with `n`, objects have `names` in their order.
local null = setmetatable({}, { __tostring = function() return "null" end })

local escapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local function fail(what, at)
    error(what .. " at " .. at, 0)
end

local function skip_space(text, at)
    return text:find("[^ \t\r\n]", at) or #text + 1
end

local function read_string(text, at)
    local parts = {}
    at = at + 1
    while true do
        local stop = text:find('["\\]', at)
        if not stop then fail("the text ends", #text) end
        parts[#parts + 1] = text:sub(at, stop - 1)
        if text:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
        local escaped = text:sub(stop + 1, stop + 1)
        at = stop + 2
        if escaped == "u" then
            local code = tonumber(text:sub(at, at + 3), 16)
            if code > 127 then fail("only ASCII is read", at) end
            parts[#parts + 1] = string.char(code)
            at = at + 4
        else
            parts[#parts + 1] = escapes[escaped] or escaped
        end
    end
end

local read

local function read_items(text, at)
    local items = { n = 0 }
    at = skip_space(text, at + 1)
    if text:sub(at, at) == "]" then return items, at + 1 end
    while true do
        local value
        value, at = read(text, at)
        items.n = items.n + 1
        items[items.n] = value
        at = skip_space(text, at)
        local c = text:sub(at, at)
        if c == "]" then return items, at + 1 end
        if c ~= "," then fail("`,` is missing", at) end
        at = at + 1
    end
end

local function read_fields(text, at)
    local names, values = {}, {}
    local fields = { names = names, values = values }
    at = skip_space(text, at + 1)
    if text:sub(at, at) == "}" then return fields, at + 1 end
    while true do
        local name
        at = skip_space(text, at)
        if text:sub(at, at) ~= '"' then fail("a name is missing", at) end
        name, at = read_string(text, at)
        at = skip_space(text, at)
        if text:sub(at, at) ~= ":" then fail("`:` is missing", at) end
        names[#names + 1] = name
        values[name], at = read(text, at + 1)
        at = skip_space(text, at)
        local c = text:sub(at, at)
        if c == "}" then return fields, at + 1 end
        if c ~= "," then fail("`,` is missing", at) end
        at = at + 1
    end
end

function read(text, at)
    at = skip_space(text, at)
    local c = text:sub(at, at)
    if c == "{" then return read_fields(text, at) end
    if c == "[" then return read_items(text, at) end
    if c == '"' then return read_string(text, at) end
    local word = text:match("^%a+", at)
    if word == "true" then return true, at + 4 end
    if word == "false" then return false, at + 5 end
    if word == "null" then return null, at + 4 end
    local number = text:match("^[-+.eE%d]+", at)
    if not number then fail("a value is missing", at) end
    return tonumber(number), at + #number
end

local quoted = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(text)
    return '"' .. text:gsub('[%c"\\]', function(c)
        return quoted[c] or ("\\u%04x"):format(c:byte())
    end) .. '"'
end

local function write(out, value)
    if type(value) == "string" then
        out[#out + 1] = quote(value)
    elseif type(value) ~= "table" or value == null then
        out[#out + 1] = tostring(value)
    elseif value.n then
        out[#out + 1] = "["
        for i = 1, value.n do
            if i > 1 then out[#out + 1] = "," end
            write(out, value[i])
        end
        out[#out + 1] = "]"
    else
        out[#out + 1] = "{"
        for i, name in ipairs(value.names) do
            if i > 1 then out[#out + 1] = "," end
            out[#out + 1] = quote(name)
            out[#out + 1] = ":"
            write(out, value.values[name])
        end
        out[#out + 1] = "}"
    end
end

local fractions = { [0] = "", ".25", ".5", ".75" }

local function quarters(n)
    return math.floor(n / 4) .. fractions[n % 4]
end

local function record_text(id, random)
    local active = random:next() % 2 == 0 and "true" or "false"
    local scores = quarters(random:next()) .. "," .. quarters(random:next()) .. "," .. quarters(random:next())
    local name = '"the \\"' .. id .. 'th\\" one\\n"'
    local place = '{"x":' .. random:next() .. ',"y":-' .. random:next() .. "}"
    return '{"active":' .. active .. ',"id":' .. id .. ',"name":' .. name .. ',"place":' .. place
        .. ',"scores":[' .. scores .. '],"tag":null}'
end

local Totals = {}
Totals.__index = Totals

function Totals:add(value)
    local kind = type(value)
    if value == null then
        self.nulls = self.nulls + 1
    elseif kind == "boolean" then
        if value then self.flags = self.flags + 1 end
    elseif kind == "number" then
        self.numbers = self.numbers + value
    elseif kind == "string" then
        self.letters = self.letters + #value
    elseif value.n then
        for i = 1, value.n do self:add(value[i]) end
    else
        for _, name in ipairs(value.names) do self:add(value.values[name]) end
    end
end

local random = Random.new()
local records = {}
for id = 0, tonumber(arg[1]) - 1 do records[id + 1] = record_text(id, random) end
local text = "[" .. table.concat(records, ",") .. "]"
local value, last = read(text, 1)
if skip_space(text, last) <= #text then fail("more text behind the value", last) end
local totals = setmetatable({ numbers = 0, letters = 0, flags = 0, nulls = 0 }, Totals)
totals:add(value)
local out = {}
write(out, value)
local same = table.concat(out) == text
print(table.concat({ #text, math.floor(totals.numbers), totals.letters, totals.flags, totals.nulls, tostring(same) }, " "))
