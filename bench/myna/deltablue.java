// An incremental solver of one-way constraints with strengths, after Freeman-Benson and Maloney (DeltaBlue).
//
// The size is how often a chain of equalities and a projection are built, solved and changed. Printed is
// the sum of values found.
import java.util.ArrayList;
import java.util.List;

class Deltablue {
    // Strengths: the smaller, the stronger.
    static final int REQUIRED = 0, PREFERRED = 2, STRONG_DEFAULT = 3, NORMAL = 4, WEAKEST = 6;

    static class Variable {
        int value;
        final ArrayList<Constraint> constraints = new ArrayList<>();
        Constraint determinedBy;
        int mark = 0;
        int walkStrength = WEAKEST;
        boolean stay = true;

        Variable(int value) {
            this.value = value;
        }
    }

    static abstract class Constraint {
        final int strength;

        Constraint(int strength) {
            this.strength = strength;
        }

        abstract void addToGraph();
        abstract void removeFromGraph();
        abstract void chooseMethod(int mark);
        abstract boolean isSatisfied();
        abstract void markInputs(int mark);
        abstract boolean inputsKnown(int mark);
        abstract Variable output();
        abstract void markUnsatisfied();
        abstract void recalculate();
        abstract void execute();

        /** Whether its value comes from outside. */
        boolean isInput() {
            return false;
        }

        void add(Planner planner) {
            addToGraph();
            planner.incrementalAdd(this);
        }

        void destroy(Planner planner) {
            if (isSatisfied()) planner.incrementalRemove(this);
            else removeFromGraph();
        }

        /** Tries to hold; returns the constraint that it takes the variable away from. */
        Constraint satisfy(int mark, Planner planner) {
            chooseMethod(mark);
            if (!isSatisfied()) {
                if (strength == REQUIRED) throw new IllegalStateException("a required constraint cannot be satisfied");
                return null;
            }
            markInputs(mark);
            Variable out = output();
            Constraint overridden = out.determinedBy;
            if (overridden != null) overridden.markUnsatisfied();
            out.determinedBy = this;
            if (!planner.addPropagate(this, mark)) throw new IllegalStateException("a cycle of constraints");
            out.mark = mark;
            return overridden;
        }
    }

    /** A constraint of one variable. */
    static abstract class UnaryConstraint extends Constraint {
        final Variable variable;
        private boolean satisfied = false;

        UnaryConstraint(int strength, Variable variable) {
            super(strength);
            this.variable = variable;
        }

        @Override
        void addToGraph() {
            variable.constraints.add(this);
            satisfied = false;
        }

        @Override
        void removeFromGraph() {
            variable.constraints.remove(this);
            satisfied = false;
        }

        @Override
        void chooseMethod(int mark) {
            satisfied = variable.mark != mark && strength < variable.walkStrength;
        }

        @Override
        boolean isSatisfied() {
            return satisfied;
        }

        @Override
        void markInputs(int mark) {}

        @Override
        boolean inputsKnown(int mark) {
            return true;
        }

        @Override
        Variable output() {
            return variable;
        }

        @Override
        void markUnsatisfied() {
            satisfied = false;
        }

        @Override
        void recalculate() {
            variable.walkStrength = strength;
            variable.stay = !isInput();
            if (variable.stay) execute();
        }

        @Override
        void execute() {}
    }

    /** The variable is to stay as it is. */
    static class StayConstraint extends UnaryConstraint {
        StayConstraint(int strength, Variable variable) {
            super(strength, variable);
        }
    }

    /** The variable is set from outside. */
    static class EditConstraint extends UnaryConstraint {
        EditConstraint(int strength, Variable variable) {
            super(strength, variable);
        }

        @Override
        boolean isInput() {
            return true;
        }
    }

    enum Direction { UNSATISFIED, FORWARD, BACKWARD }

    /** A constraint of two variables, of which one follows from the other. */
    static abstract class BinaryConstraint extends Constraint {
        final Variable first, second;
        Direction direction = Direction.UNSATISFIED;

        BinaryConstraint(int strength, Variable first, Variable second) {
            super(strength);
            this.first = first;
            this.second = second;
        }

        @Override
        void addToGraph() {
            first.constraints.add(this);
            second.constraints.add(this);
            direction = Direction.UNSATISFIED;
        }

        @Override
        void removeFromGraph() {
            first.constraints.remove(this);
            second.constraints.remove(this);
            direction = Direction.UNSATISFIED;
        }

        @Override
        void chooseMethod(int mark) {
            if (first.mark == mark) {
                direction = toward(second, Direction.FORWARD, second.mark != mark);
            } else if (second.mark == mark) {
                direction = toward(first, Direction.BACKWARD, first.mark != mark);
            } else if (first.walkStrength > second.walkStrength) {
                direction = toward(first, Direction.BACKWARD, true);
            } else {
                direction = toward(second, Direction.FORWARD, true);
            }
        }

        private Direction toward(Variable variable, Direction way, boolean possible) {
            return possible && strength < variable.walkStrength ? way : Direction.UNSATISFIED;
        }

        @Override
        boolean isSatisfied() {
            return direction != Direction.UNSATISFIED;
        }

        @Override
        void markInputs(int mark) {
            input().mark = mark;
        }

        @Override
        boolean inputsKnown(int mark) {
            Variable variable = input();
            return variable.mark == mark || variable.stay || variable.determinedBy == null;
        }

        Variable input() {
            return direction == Direction.FORWARD ? first : second;
        }

        @Override
        Variable output() {
            return direction == Direction.FORWARD ? second : first;
        }

        @Override
        void markUnsatisfied() {
            direction = Direction.UNSATISFIED;
        }

        @Override
        void recalculate() {
            Variable source = input(), out = output();
            out.walkStrength = Math.max(strength, source.walkStrength);
            out.stay = source.stay;
            if (out.stay) execute();
        }
    }

    static class EqualityConstraint extends BinaryConstraint {
        EqualityConstraint(int strength, Variable first, Variable second) {
            super(strength, first, second);
        }

        @Override
        void execute() {
            output().value = input().value;
        }
    }

    /** The second variable is the first times `scale` plus `offset`. */
    static class ScaleConstraint extends BinaryConstraint {
        final Variable scale, offset;

        ScaleConstraint(int strength, Variable first, Variable second, Variable scale, Variable offset) {
            super(strength, first, second);
            this.scale = scale;
            this.offset = offset;
        }

        @Override
        void addToGraph() {
            super.addToGraph();
            scale.constraints.add(this);
            offset.constraints.add(this);
        }

        @Override
        void removeFromGraph() {
            super.removeFromGraph();
            scale.constraints.remove(this);
            offset.constraints.remove(this);
        }

        @Override
        void markInputs(int mark) {
            super.markInputs(mark);
            scale.mark = mark;
            offset.mark = mark;
        }

        @Override
        void execute() {
            if (direction == Direction.FORWARD) {
                second.value = first.value * scale.value + offset.value;
            } else {
                first.value = (second.value - offset.value) / scale.value;
            }
        }

        @Override
        void recalculate() {
            Variable source = input(), out = output();
            out.walkStrength = Math.max(strength, source.walkStrength);
            out.stay = source.stay && scale.stay && offset.stay;
            if (out.stay) execute();
        }
    }

    /** Constraints in the order in which they are to be executed. */
    static class Plan {
        private final ArrayList<Constraint> constraints = new ArrayList<>();

        void add(Constraint constraint) {
            constraints.add(constraint);
        }

        void execute() {
            for (Constraint constraint : constraints) constraint.execute();
        }
    }

    static class Planner {
        private int currentMark = 0;

        private int newMark() {
            currentMark++;
            return currentMark;
        }

        void incrementalAdd(Constraint constraint) {
            int mark = newMark();
            Constraint overridden = constraint.satisfy(mark, this);
            while (overridden != null) overridden = overridden.satisfy(mark, this);
        }

        void incrementalRemove(Constraint constraint) {
            Variable out = constraint.output();
            constraint.markUnsatisfied();
            constraint.removeFromGraph();
            List<Constraint> unsatisfied = removePropagateFrom(out);
            for (int strength = REQUIRED; strength < WEAKEST; strength++) {
                for (Constraint other : unsatisfied) {
                    if (other.strength == strength) incrementalAdd(other);
                }
            }
        }

        /** The plan that begins with the constraints whose values come from outside. */
        Plan extractPlan(List<? extends Constraint> constraints) {
            ArrayList<Constraint> sources = new ArrayList<>();
            for (Constraint c : constraints) {
                if (c.isInput() && c.isSatisfied()) sources.add(c);
            }
            return makePlan(sources);
        }

        private Plan makePlan(ArrayList<Constraint> todo) {
            int mark = newMark();
            Plan plan = new Plan();
            while (!todo.isEmpty()) {
                Constraint constraint = todo.remove(todo.size() - 1);
                Variable out = constraint.output();
                if (out.mark != mark && constraint.inputsKnown(mark)) {
                    plan.add(constraint);
                    out.mark = mark;
                    addConsumers(out, todo);
                }
            }
            return plan;
        }

        /** Recalculates what follows from the constraint; false when it follows from itself. */
        boolean addPropagate(Constraint constraint, int mark) {
            ArrayList<Constraint> todo = new ArrayList<>();
            todo.add(constraint);
            while (!todo.isEmpty()) {
                Constraint next = todo.remove(todo.size() - 1);
                if (next.output().mark == mark) {
                    incrementalRemove(constraint);
                    return false;
                }
                next.recalculate();
                addConsumers(next.output(), todo);
            }
            return true;
        }

        private List<Constraint> removePropagateFrom(Variable out) {
            out.determinedBy = null;
            out.walkStrength = WEAKEST;
            out.stay = true;
            ArrayList<Constraint> unsatisfied = new ArrayList<>();
            ArrayList<Variable> todo = new ArrayList<>();
            todo.add(out);
            while (!todo.isEmpty()) {
                Variable variable = todo.remove(todo.size() - 1);
                for (Constraint constraint : variable.constraints) {
                    if (!constraint.isSatisfied()) {
                        unsatisfied.add(constraint);
                    } else if (constraint != variable.determinedBy) {
                        constraint.recalculate();
                        todo.add(constraint.output());
                    }
                }
            }
            return unsatisfied;
        }

        private void addConsumers(Variable variable, ArrayList<Constraint> todo) {
            for (Constraint constraint : variable.constraints) {
                if (constraint != variable.determinedBy && constraint.isSatisfied()) todo.add(constraint);
            }
        }

        /** Sets the variable to the value, and what follows from it. */
        void change(Variable variable, int value) {
            EditConstraint edit = new EditConstraint(PREFERRED, variable);
            edit.add(this);
            Plan plan = extractPlan(List.of(edit));
            for (int i = 0; i < 10; i++) {
                variable.value = value;
                plan.execute();
            }
            edit.destroy(this);
        }
    }

    /** A chain of equal variables, of which the first is changed. */
    static int chain(int n) {
        Planner planner = new Planner();
        Variable first = new Variable(0), last = first;
        for (int i = 0; i < n; i++) {
            Variable next = new Variable(0);
            new EqualityConstraint(REQUIRED, last, next).add(planner);
            last = next;
        }
        new StayConstraint(STRONG_DEFAULT, last).add(planner);
        EditConstraint edit = new EditConstraint(PREFERRED, first);
        edit.add(planner);
        Plan plan = planner.extractPlan(List.of(edit));
        int sum = 0;
        for (int i = 0; i < 100; i++) {
            first.value = i;
            plan.execute();
            if (last.value != i) throw new IllegalStateException("the chain is broken: " + last.value);
            sum += last.value;
        }
        return sum;
    }

    /** Variables that are others times a scale plus an offset, which are all changed. */
    static int projection(int n) {
        Planner planner = new Planner();
        Variable scale = new Variable(10), offset = new Variable(1000);
        Variable source = null, target = null;
        ArrayList<Variable> targets = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            source = new Variable(i);
            target = new Variable(i);
            targets.add(target);
            new StayConstraint(NORMAL, source).add(planner);
            new ScaleConstraint(REQUIRED, source, target, scale, offset).add(planner);
        }
        planner.change(source, 17);
        if (target.value != 1170) throw new IllegalStateException("the first projection is wrong: " + target.value);
        planner.change(target, 1050);
        if (source.value != 5) throw new IllegalStateException("the second projection is wrong: " + source.value);
        int sum = 0;
        planner.change(scale, 5);
        for (Variable variable : targets) sum += variable.value;
        planner.change(offset, 2000);
        for (Variable variable : targets) sum += variable.value;
        return sum;
    }

    public static void main(String[] args) {
        int size = Integer.parseInt(args[0]);
        long sum = 0;
        for (int i = 0; i < size; i++) sum += chain(100) + projection(100);
        System.out.println(sum);
    }
}
