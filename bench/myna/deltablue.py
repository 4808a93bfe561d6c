"""An incremental solver of one-way constraints with strengths, after Freeman-Benson and Maloney (DeltaBlue).

The size is how often a chain of equalities and a projection are built, solved and changed. Printed is
the sum of values found.
"""
import sys

# Strengths: the smaller, the stronger.
REQUIRED, PREFERRED, STRONG_DEFAULT, NORMAL, WEAKEST = 0, 2, 3, 4, 6


class Variable:
    def __init__(self, value):
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.mark = 0
        self.walk_strength = WEAKEST
        self.stay = True


class Constraint:
    def __init__(self, strength):
        self.strength = strength

    def is_input(self):
        """Whether its value comes from outside."""
        return False

    def add(self, planner):
        self.add_to_graph()
        planner.incremental_add(self)

    def destroy(self, planner):
        if self.is_satisfied():
            planner.incremental_remove(self)
        else:
            self.remove_from_graph()

    def satisfy(self, mark, planner):
        """Tries to hold; returns the constraint that it takes the variable away from."""
        self.choose_method(mark)
        if not self.is_satisfied():
            if self.strength == REQUIRED:
                raise ValueError("a required constraint cannot be satisfied")
            return None
        self.mark_inputs(mark)
        out = self.output()
        overridden = out.determined_by
        if overridden is not None:
            overridden.mark_unsatisfied()
        out.determined_by = self
        if not planner.add_propagate(self, mark):
            raise ValueError("a cycle of constraints")
        out.mark = mark
        return overridden


class UnaryConstraint(Constraint):
    """A constraint of one variable."""

    def __init__(self, strength, variable):
        super().__init__(strength)
        self.variable = variable
        self.satisfied = False

    def add_to_graph(self):
        self.variable.constraints.append(self)
        self.satisfied = False

    def remove_from_graph(self):
        self.variable.constraints.remove(self)
        self.satisfied = False

    def choose_method(self, mark):
        self.satisfied = self.variable.mark != mark and self.strength < self.variable.walk_strength

    def is_satisfied(self):
        return self.satisfied

    def mark_inputs(self, mark):
        pass

    def inputs_known(self, mark):
        return True

    def output(self):
        return self.variable

    def mark_unsatisfied(self):
        self.satisfied = False

    def recalculate(self):
        self.variable.walk_strength = self.strength
        self.variable.stay = not self.is_input()
        if self.variable.stay:
            self.execute()

    def execute(self):
        pass


class StayConstraint(UnaryConstraint):
    """The variable is to stay as it is."""


class EditConstraint(UnaryConstraint):
    """The variable is set from outside."""

    def is_input(self):
        return True


UNSATISFIED, FORWARD, BACKWARD = range(3)


class BinaryConstraint(Constraint):
    """A constraint of two variables, of which one follows from the other."""

    def __init__(self, strength, first, second):
        super().__init__(strength)
        self.first = first
        self.second = second
        self.direction = UNSATISFIED

    def add_to_graph(self):
        self.first.constraints.append(self)
        self.second.constraints.append(self)
        self.direction = UNSATISFIED

    def remove_from_graph(self):
        self.first.constraints.remove(self)
        self.second.constraints.remove(self)
        self.direction = UNSATISFIED

    def choose_method(self, mark):
        first, second = self.first, self.second
        if first.mark == mark:
            self.direction = self.toward(second, FORWARD, second.mark != mark)
        elif second.mark == mark:
            self.direction = self.toward(first, BACKWARD, first.mark != mark)
        elif first.walk_strength > second.walk_strength:
            self.direction = self.toward(first, BACKWARD, True)
        else:
            self.direction = self.toward(second, FORWARD, True)

    def toward(self, variable, way, possible):
        return way if possible and self.strength < variable.walk_strength else UNSATISFIED

    def is_satisfied(self):
        return self.direction != UNSATISFIED

    def mark_inputs(self, mark):
        self.input().mark = mark

    def inputs_known(self, mark):
        variable = self.input()
        return variable.mark == mark or variable.stay or variable.determined_by is None

    def input(self):
        return self.first if self.direction == FORWARD else self.second

    def output(self):
        return self.second if self.direction == FORWARD else self.first

    def mark_unsatisfied(self):
        self.direction = UNSATISFIED

    def recalculate(self):
        source, out = self.input(), self.output()
        out.walk_strength = max(self.strength, source.walk_strength)
        out.stay = source.stay
        if out.stay:
            self.execute()


class EqualityConstraint(BinaryConstraint):
    def execute(self):
        self.output().value = self.input().value


class ScaleConstraint(BinaryConstraint):
    """The second variable is the first times `scale` plus `offset`."""

    def __init__(self, strength, first, second, scale, offset):
        super().__init__(strength, first, second)
        self.scale = scale
        self.offset = offset

    def add_to_graph(self):
        super().add_to_graph()
        self.scale.constraints.append(self)
        self.offset.constraints.append(self)

    def remove_from_graph(self):
        super().remove_from_graph()
        self.scale.constraints.remove(self)
        self.offset.constraints.remove(self)

    def mark_inputs(self, mark):
        super().mark_inputs(mark)
        self.scale.mark = mark
        self.offset.mark = mark

    def execute(self):
        if self.direction == FORWARD:
            self.second.value = self.first.value * self.scale.value + self.offset.value
        else:
            self.first.value = (self.second.value - self.offset.value) // self.scale.value

    def recalculate(self):
        source, out = self.input(), self.output()
        out.walk_strength = max(self.strength, source.walk_strength)
        out.stay = source.stay and self.scale.stay and self.offset.stay
        if out.stay:
            self.execute()


class Plan:
    """Constraints in the order in which they are to be executed."""

    def __init__(self):
        self.constraints = []

    def add(self, constraint):
        self.constraints.append(constraint)

    def execute(self):
        for constraint in self.constraints:
            constraint.execute()


class Planner:
    def __init__(self):
        self.current_mark = 0

    def new_mark(self):
        self.current_mark += 1
        return self.current_mark

    def incremental_add(self, constraint):
        mark = self.new_mark()
        overridden = constraint.satisfy(mark, self)
        while overridden is not None:
            overridden = overridden.satisfy(mark, self)

    def incremental_remove(self, constraint):
        out = constraint.output()
        constraint.mark_unsatisfied()
        constraint.remove_from_graph()
        unsatisfied = self.remove_propagate_from(out)
        for strength in range(REQUIRED, WEAKEST):
            for other in unsatisfied:
                if other.strength == strength:
                    self.incremental_add(other)

    def extract_plan(self, constraints):
        """The plan that begins with the constraints whose values come from outside."""
        return self.make_plan([c for c in constraints if c.is_input() and c.is_satisfied()])

    def make_plan(self, todo):
        mark = self.new_mark()
        plan = Plan()
        while todo:
            constraint = todo.pop()
            out = constraint.output()
            if out.mark != mark and constraint.inputs_known(mark):
                plan.add(constraint)
                out.mark = mark
                self.add_consumers(out, todo)
        return plan

    def add_propagate(self, constraint, mark):
        """Recalculates what follows from the constraint; false when it follows from itself."""
        todo = [constraint]
        while todo:
            following = todo.pop()
            if following.output().mark == mark:
                self.incremental_remove(constraint)
                return False
            following.recalculate()
            self.add_consumers(following.output(), todo)
        return True

    def remove_propagate_from(self, out):
        out.determined_by = None
        out.walk_strength = WEAKEST
        out.stay = True
        unsatisfied = []
        todo = [out]
        while todo:
            variable = todo.pop()
            for constraint in variable.constraints:
                if not constraint.is_satisfied():
                    unsatisfied.append(constraint)
                elif constraint is not variable.determined_by:
                    constraint.recalculate()
                    todo.append(constraint.output())
        return unsatisfied

    def add_consumers(self, variable, todo):
        for constraint in variable.constraints:
            if constraint is not variable.determined_by and constraint.is_satisfied():
                todo.append(constraint)

    def change(self, variable, value):
        """Sets the variable to the value, and what follows from it."""
        edit = EditConstraint(PREFERRED, variable)
        edit.add(self)
        plan = self.extract_plan([edit])
        for _ in range(10):
            variable.value = value
            plan.execute()
        edit.destroy(self)


def chain(n):
    """A chain of equal variables, of which the first is changed."""
    planner = Planner()
    first = last = Variable(0)
    for _ in range(n):
        following = Variable(0)
        EqualityConstraint(REQUIRED, last, following).add(planner)
        last = following
    StayConstraint(STRONG_DEFAULT, last).add(planner)
    edit = EditConstraint(PREFERRED, first)
    edit.add(planner)
    plan = planner.extract_plan([edit])
    total = 0
    for i in range(100):
        first.value = i
        plan.execute()
        if last.value != i:
            raise ValueError(f"the chain is broken: {last.value}")
        total += last.value
    return total


def projection(n):
    """Variables that are others times a scale plus an offset, which are all changed."""
    planner = Planner()
    scale, offset = Variable(10), Variable(1000)
    targets = []
    for i in range(n):
        source, target = Variable(i), Variable(i)
        targets.append(target)
        StayConstraint(NORMAL, source).add(planner)
        ScaleConstraint(REQUIRED, source, target, scale, offset).add(planner)
    planner.change(source, 17)
    if target.value != 1170:
        raise ValueError(f"the first projection is wrong: {target.value}")
    planner.change(target, 1050)
    if source.value != 5:
        raise ValueError(f"the second projection is wrong: {source.value}")
    planner.change(scale, 5)
    total = sum(variable.value for variable in targets)
    planner.change(offset, 2000)
    return total + sum(variable.value for variable in targets)


def main():
    total = 0
    for _ in range(int(sys.argv[1])):
        total += chain(100) + projection(100)
    print(total)


main()
