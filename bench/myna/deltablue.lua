-- An incremental solver of one-way constraints with strengths, after Freeman-Benson and Maloney (DeltaBlue).
--
-- The size is how often a chain of equalities and a projection are built, solved and changed. Printed is
-- the sum of values found.

-- Strengths: the smaller, the stronger.
local REQUIRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAKEST = 0, 2, 3, 4, 6

local function class(base)
    local new = setmetatable({}, { __index = base })
    new.__index = new
    return new
end

local function remove(list, item)
    for i, other in ipairs(list) do
        if other == item then
            table.remove(list, i)
            return
        end
    end
end

local Variable = class()

function Variable.new(value)
    return setmetatable({ value = value, constraints = {}, mark = 0, walk_strength = WEAKEST, stay = true }, Variable)
end

local Constraint = class()

-- Whether its value comes from outside.
function Constraint:is_input()
    return false
end

function Constraint:add(planner)
    self:add_to_graph()
    planner:incremental_add(self)
end

function Constraint:destroy(planner)
    if self:is_satisfied() then
        planner:incremental_remove(self)
    else
        self:remove_from_graph()
    end
end

-- Tries to hold; returns the constraint that it takes the variable away from.
function Constraint:satisfy(mark, planner)
    self:choose_method(mark)
    if not self:is_satisfied() then
        if self.strength == REQUIRED then error("a required constraint cannot be satisfied") end
        return nil
    end
    self:mark_inputs(mark)
    local out = self:output()
    local overridden = out.determined_by
    if overridden then overridden:mark_unsatisfied() end
    out.determined_by = self
    if not planner:add_propagate(self, mark) then error("a cycle of constraints") end
    out.mark = mark
    return overridden
end

-- A constraint of one variable.
local UnaryConstraint = class(Constraint)

function UnaryConstraint.new(class, strength, variable)
    return setmetatable({ strength = strength, variable = variable, satisfied = false }, class)
end

function UnaryConstraint:add_to_graph()
    table.insert(self.variable.constraints, self)
    self.satisfied = false
end

function UnaryConstraint:remove_from_graph()
    remove(self.variable.constraints, self)
    self.satisfied = false
end

function UnaryConstraint:choose_method(mark)
    self.satisfied = self.variable.mark ~= mark and self.strength < self.variable.walk_strength
end

function UnaryConstraint:is_satisfied()
    return self.satisfied
end

function UnaryConstraint:mark_inputs(mark) end

function UnaryConstraint:inputs_known(mark)
    return true
end

function UnaryConstraint:output()
    return self.variable
end

function UnaryConstraint:mark_unsatisfied()
    self.satisfied = false
end

function UnaryConstraint:recalculate()
    self.variable.walk_strength = self.strength
    self.variable.stay = not self:is_input()
    if self.variable.stay then self:execute() end
end

function UnaryConstraint:execute() end

-- The variable is to stay as it is.
local StayConstraint = class(UnaryConstraint)

-- The variable is set from outside.
local EditConstraint = class(UnaryConstraint)

function EditConstraint:is_input()
    return true
end

local UNSATISFIED, FORWARD, BACKWARD = 0, 1, 2

-- A constraint of two variables, of which one follows from the other.
local BinaryConstraint = class(Constraint)

function BinaryConstraint.new(class, strength, first, second)
    return setmetatable({ strength = strength, first = first, second = second, direction = UNSATISFIED }, class)
end

function BinaryConstraint:add_to_graph()
    table.insert(self.first.constraints, self)
    table.insert(self.second.constraints, self)
    self.direction = UNSATISFIED
end

function BinaryConstraint:remove_from_graph()
    remove(self.first.constraints, self)
    remove(self.second.constraints, self)
    self.direction = UNSATISFIED
end

function BinaryConstraint:choose_method(mark)
    local first, second = self.first, self.second
    if first.mark == mark then
        self.direction = self:toward(second, FORWARD, second.mark ~= mark)
    elseif second.mark == mark then
        self.direction = self:toward(first, BACKWARD, first.mark ~= mark)
    elseif first.walk_strength > second.walk_strength then
        self.direction = self:toward(first, BACKWARD, true)
    else
        self.direction = self:toward(second, FORWARD, true)
    end
end

function BinaryConstraint:toward(variable, way, possible)
    return possible and self.strength < variable.walk_strength and way or UNSATISFIED
end

function BinaryConstraint:is_satisfied()
    return self.direction ~= UNSATISFIED
end

function BinaryConstraint:mark_inputs(mark)
    self:input().mark = mark
end

function BinaryConstraint:inputs_known(mark)
    local variable = self:input()
    return variable.mark == mark or variable.stay or variable.determined_by == nil
end

function BinaryConstraint:input()
    return self.direction == FORWARD and self.first or self.second
end

function BinaryConstraint:output()
    return self.direction == FORWARD and self.second or self.first
end

function BinaryConstraint:mark_unsatisfied()
    self.direction = UNSATISFIED
end

function BinaryConstraint:recalculate()
    local source, out = self:input(), self:output()
    out.walk_strength = math.max(self.strength, source.walk_strength)
    out.stay = source.stay
    if out.stay then self:execute() end
end

local EqualityConstraint = class(BinaryConstraint)

function EqualityConstraint:execute()
    self:output().value = self:input().value
end

-- The second variable is the first times `scale` plus `offset`.
local ScaleConstraint = class(BinaryConstraint)

function ScaleConstraint.new(class, strength, first, second, scale, offset)
    local new = BinaryConstraint.new(class, strength, first, second)
    new.scale = scale
    new.offset = offset
    return new
end

function ScaleConstraint:add_to_graph()
    BinaryConstraint.add_to_graph(self)
    table.insert(self.scale.constraints, self)
    table.insert(self.offset.constraints, self)
end

function ScaleConstraint:remove_from_graph()
    BinaryConstraint.remove_from_graph(self)
    remove(self.scale.constraints, self)
    remove(self.offset.constraints, self)
end

function ScaleConstraint:mark_inputs(mark)
    BinaryConstraint.mark_inputs(self, mark)
    self.scale.mark = mark
    self.offset.mark = mark
end

function ScaleConstraint:execute()
    if self.direction == FORWARD then
        self.second.value = self.first.value * self.scale.value + self.offset.value
    else
        self.first.value = math.floor((self.second.value - self.offset.value) / self.scale.value)
    end
end

function ScaleConstraint:recalculate()
    local source, out = self:input(), self:output()
    out.walk_strength = math.max(self.strength, source.walk_strength)
    out.stay = source.stay and self.scale.stay and self.offset.stay
    if out.stay then self:execute() end
end

-- Constraints in the order in which they are to be executed.
local Plan = class()

function Plan.new()
    return setmetatable({ constraints = {} }, Plan)
end

function Plan:add(constraint)
    table.insert(self.constraints, constraint)
end

function Plan:execute()
    for _, constraint in ipairs(self.constraints) do constraint:execute() end
end

local Planner = class()

function Planner.new()
    return setmetatable({ current_mark = 0 }, Planner)
end

function Planner:new_mark()
    self.current_mark = self.current_mark + 1
    return self.current_mark
end

function Planner:incremental_add(constraint)
    local mark = self:new_mark()
    local overridden = constraint:satisfy(mark, self)
    while overridden do overridden = overridden:satisfy(mark, self) end
end

function Planner:incremental_remove(constraint)
    local out = constraint:output()
    constraint:mark_unsatisfied()
    constraint:remove_from_graph()
    local unsatisfied = self:remove_propagate_from(out)
    for strength = REQUIRED, WEAKEST - 1 do
        for _, other in ipairs(unsatisfied) do
            if other.strength == strength then self:incremental_add(other) end
        end
    end
end

-- The plan that begins with the constraints whose values come from outside.
function Planner:extract_plan(constraints)
    local sources = {}
    for _, c in ipairs(constraints) do
        if c:is_input() and c:is_satisfied() then table.insert(sources, c) end
    end
    return self:make_plan(sources)
end

function Planner:make_plan(todo)
    local mark = self:new_mark()
    local plan = Plan.new()
    while #todo > 0 do
        local constraint = table.remove(todo)
        local out = constraint:output()
        if out.mark ~= mark and constraint:inputs_known(mark) then
            plan:add(constraint)
            out.mark = mark
            self:add_consumers(out, todo)
        end
    end
    return plan
end

-- Recalculates what follows from the constraint; false when it follows from itself.
function Planner:add_propagate(constraint, mark)
    local todo = { constraint }
    while #todo > 0 do
        local next = table.remove(todo)
        if next:output().mark == mark then
            self:incremental_remove(constraint)
            return false
        end
        next:recalculate()
        self:add_consumers(next:output(), todo)
    end
    return true
end

function Planner:remove_propagate_from(out)
    out.determined_by = nil
    out.walk_strength = WEAKEST
    out.stay = true
    local unsatisfied = {}
    local todo = { out }
    while #todo > 0 do
        local variable = table.remove(todo)
        for _, constraint in ipairs(variable.constraints) do
            if not constraint:is_satisfied() then
                table.insert(unsatisfied, constraint)
            elseif constraint ~= variable.determined_by then
                constraint:recalculate()
                table.insert(todo, constraint:output())
            end
        end
    end
    return unsatisfied
end

function Planner:add_consumers(variable, todo)
    for _, constraint in ipairs(variable.constraints) do
        if constraint ~= variable.determined_by and constraint:is_satisfied() then table.insert(todo, constraint) end
    end
end

-- Sets the variable to the value, and what follows from it.
function Planner:change(variable, value)
    local edit = EditConstraint.new(EditConstraint, PREFERRED, variable)
    edit:add(self)
    local plan = self:extract_plan({ edit })
    for _ = 1, 10 do
        variable.value = value
        plan:execute()
    end
    edit:destroy(self)
end

-- A chain of equal variables, of which the first is changed.
local function chain(n)
    local planner = Planner.new()
    local first = Variable.new(0)
    local last = first
    for _ = 1, n do
        local next = Variable.new(0)
        EqualityConstraint.new(EqualityConstraint, REQUIRED, last, next):add(planner)
        last = next
    end
    StayConstraint.new(StayConstraint, STRONG_DEFAULT, last):add(planner)
    local edit = EditConstraint.new(EditConstraint, PREFERRED, first)
    edit:add(planner)
    local plan = planner:extract_plan({ edit })
    local sum = 0
    for i = 0, 99 do
        first.value = i
        plan:execute()
        if last.value ~= i then error("the chain is broken: " .. last.value) end
        sum = sum + last.value
    end
    return sum
end

-- Variables that are others times a scale plus an offset, which are all changed.
local function projection(n)
    local planner = Planner.new()
    local scale, offset = Variable.new(10), Variable.new(1000)
    local source, target
    local targets = {}
    for i = 0, n - 1 do
        source, target = Variable.new(i), Variable.new(i)
        table.insert(targets, target)
        StayConstraint.new(StayConstraint, NORMAL, source):add(planner)
        ScaleConstraint.new(ScaleConstraint, REQUIRED, source, target, scale, offset):add(planner)
    end
    planner:change(source, 17)
    if target.value ~= 1170 then error("the first projection is wrong: " .. target.value) end
    planner:change(target, 1050)
    if source.value ~= 5 then error("the second projection is wrong: " .. source.value) end
    local sum = 0
    planner:change(scale, 5)
    for _, variable in ipairs(targets) do sum = sum + variable.value end
    planner:change(offset, 2000)
    for _, variable in ipairs(targets) do sum = sum + variable.value end
    return sum
end

local sum = 0
for _ = 1, tonumber(arg[1]) do sum = sum + chain(100) + projection(100) end
print(sum)
