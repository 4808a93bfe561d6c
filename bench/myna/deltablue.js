// An incremental solver of one-way constraints with strengths, after Freeman-Benson and Maloney (DeltaBlue).
//
// The size is how often a chain of equalities and a projection are built, solved and changed. Printed is
// the sum of values found.

// Strengths: the smaller, the stronger.
const REQUIRED = 0, PREFERRED = 2, STRONG_DEFAULT = 3, NORMAL = 4, WEAKEST = 6;

function remove(list, item) {
    const at = list.indexOf(item);
    if (at >= 0) list.splice(at, 1);
}

class Variable {
    constructor(value) {
        this.value = value;
        this.constraints = [];
        this.determinedBy = null;
        this.mark = 0;
        this.walkStrength = WEAKEST;
        this.stay = true;
    }
}

class Constraint {
    constructor(strength) {
        this.strength = strength;
    }

    // Whether its value comes from outside.
    isInput() {
        return false;
    }

    add(planner) {
        this.addToGraph();
        planner.incrementalAdd(this);
    }

    destroy(planner) {
        if (this.isSatisfied()) planner.incrementalRemove(this);
        else this.removeFromGraph();
    }

    // Tries to hold; returns the constraint that it takes the variable away from.
    satisfy(mark, planner) {
        this.chooseMethod(mark);
        if (!this.isSatisfied()) {
            if (this.strength === REQUIRED) throw new Error("a required constraint cannot be satisfied");
            return null;
        }
        this.markInputs(mark);
        const out = this.output();
        const overridden = out.determinedBy;
        if (overridden !== null) overridden.markUnsatisfied();
        out.determinedBy = this;
        if (!planner.addPropagate(this, mark)) throw new Error("a cycle of constraints");
        out.mark = mark;
        return overridden;
    }
}

// A constraint of one variable.
class UnaryConstraint extends Constraint {
    constructor(strength, variable) {
        super(strength);
        this.variable = variable;
        this.satisfied = false;
    }

    addToGraph() {
        this.variable.constraints.push(this);
        this.satisfied = false;
    }

    removeFromGraph() {
        remove(this.variable.constraints, this);
        this.satisfied = false;
    }

    chooseMethod(mark) {
        this.satisfied = this.variable.mark !== mark && this.strength < this.variable.walkStrength;
    }

    isSatisfied() {
        return this.satisfied;
    }

    markInputs(mark) {}

    inputsKnown(mark) {
        return true;
    }

    output() {
        return this.variable;
    }

    markUnsatisfied() {
        this.satisfied = false;
    }

    recalculate() {
        this.variable.walkStrength = this.strength;
        this.variable.stay = !this.isInput();
        if (this.variable.stay) this.execute();
    }

    execute() {}
}

// The variable is to stay as it is.
class StayConstraint extends UnaryConstraint {}

// The variable is set from outside.
class EditConstraint extends UnaryConstraint {
    isInput() {
        return true;
    }
}

const UNSATISFIED = 0, FORWARD = 1, BACKWARD = 2;

// A constraint of two variables, of which one follows from the other.
class BinaryConstraint extends Constraint {
    constructor(strength, first, second) {
        super(strength);
        this.first = first;
        this.second = second;
        this.direction = UNSATISFIED;
    }

    addToGraph() {
        this.first.constraints.push(this);
        this.second.constraints.push(this);
        this.direction = UNSATISFIED;
    }

    removeFromGraph() {
        remove(this.first.constraints, this);
        remove(this.second.constraints, this);
        this.direction = UNSATISFIED;
    }

    chooseMethod(mark) {
        const { first, second } = this;
        if (first.mark === mark) {
            this.direction = this.toward(second, FORWARD, second.mark !== mark);
        } else if (second.mark === mark) {
            this.direction = this.toward(first, BACKWARD, first.mark !== mark);
        } else if (first.walkStrength > second.walkStrength) {
            this.direction = this.toward(first, BACKWARD, true);
        } else {
            this.direction = this.toward(second, FORWARD, true);
        }
    }

    toward(variable, way, possible) {
        return possible && this.strength < variable.walkStrength ? way : UNSATISFIED;
    }

    isSatisfied() {
        return this.direction !== UNSATISFIED;
    }

    markInputs(mark) {
        this.input().mark = mark;
    }

    inputsKnown(mark) {
        const variable = this.input();
        return variable.mark === mark || variable.stay || variable.determinedBy === null;
    }

    input() {
        return this.direction === FORWARD ? this.first : this.second;
    }

    output() {
        return this.direction === FORWARD ? this.second : this.first;
    }

    markUnsatisfied() {
        this.direction = UNSATISFIED;
    }

    recalculate() {
        const source = this.input(), out = this.output();
        out.walkStrength = Math.max(this.strength, source.walkStrength);
        out.stay = source.stay;
        if (out.stay) this.execute();
    }
}

class EqualityConstraint extends BinaryConstraint {
    execute() {
        this.output().value = this.input().value;
    }
}

// The second variable is the first times `scale` plus `offset`.
class ScaleConstraint extends BinaryConstraint {
    constructor(strength, first, second, scale, offset) {
        super(strength, first, second);
        this.scale = scale;
        this.offset = offset;
    }

    addToGraph() {
        super.addToGraph();
        this.scale.constraints.push(this);
        this.offset.constraints.push(this);
    }

    removeFromGraph() {
        super.removeFromGraph();
        remove(this.scale.constraints, this);
        remove(this.offset.constraints, this);
    }

    markInputs(mark) {
        super.markInputs(mark);
        this.scale.mark = mark;
        this.offset.mark = mark;
    }

    execute() {
        if (this.direction === FORWARD) {
            this.second.value = this.first.value * this.scale.value + this.offset.value;
        } else {
            this.first.value = Math.trunc((this.second.value - this.offset.value) / this.scale.value);
        }
    }

    recalculate() {
        const source = this.input(), out = this.output();
        out.walkStrength = Math.max(this.strength, source.walkStrength);
        out.stay = source.stay && this.scale.stay && this.offset.stay;
        if (out.stay) this.execute();
    }
}

// Constraints in the order in which they are to be executed.
class Plan {
    constructor() {
        this.constraints = [];
    }

    add(constraint) {
        this.constraints.push(constraint);
    }

    execute() {
        for (const constraint of this.constraints) constraint.execute();
    }
}

class Planner {
    constructor() {
        this.currentMark = 0;
    }

    newMark() {
        this.currentMark++;
        return this.currentMark;
    }

    incrementalAdd(constraint) {
        const mark = this.newMark();
        let overridden = constraint.satisfy(mark, this);
        while (overridden !== null) overridden = overridden.satisfy(mark, this);
    }

    incrementalRemove(constraint) {
        const out = constraint.output();
        constraint.markUnsatisfied();
        constraint.removeFromGraph();
        const unsatisfied = this.removePropagateFrom(out);
        for (let strength = REQUIRED; strength < WEAKEST; strength++) {
            for (const other of unsatisfied) {
                if (other.strength === strength) this.incrementalAdd(other);
            }
        }
    }

    // The plan that begins with the constraints whose values come from outside.
    extractPlan(constraints) {
        return this.makePlan(constraints.filter((c) => c.isInput() && c.isSatisfied()));
    }

    makePlan(todo) {
        const mark = this.newMark();
        const plan = new Plan();
        while (todo.length > 0) {
            const constraint = todo.pop();
            const out = constraint.output();
            if (out.mark !== mark && constraint.inputsKnown(mark)) {
                plan.add(constraint);
                out.mark = mark;
                this.addConsumers(out, todo);
            }
        }
        return plan;
    }

    // Recalculates what follows from the constraint; false when it follows from itself.
    addPropagate(constraint, mark) {
        const todo = [constraint];
        while (todo.length > 0) {
            const next = todo.pop();
            if (next.output().mark === mark) {
                this.incrementalRemove(constraint);
                return false;
            }
            next.recalculate();
            this.addConsumers(next.output(), todo);
        }
        return true;
    }

    removePropagateFrom(out) {
        out.determinedBy = null;
        out.walkStrength = WEAKEST;
        out.stay = true;
        const unsatisfied = [];
        const todo = [out];
        while (todo.length > 0) {
            const variable = todo.pop();
            for (const constraint of variable.constraints) {
                if (!constraint.isSatisfied()) {
                    unsatisfied.push(constraint);
                } else if (constraint !== variable.determinedBy) {
                    constraint.recalculate();
                    todo.push(constraint.output());
                }
            }
        }
        return unsatisfied;
    }

    addConsumers(variable, todo) {
        for (const constraint of variable.constraints) {
            if (constraint !== variable.determinedBy && constraint.isSatisfied()) todo.push(constraint);
        }
    }

    // Sets the variable to the value, and what follows from it.
    change(variable, value) {
        const edit = new EditConstraint(PREFERRED, variable);
        edit.add(this);
        const plan = this.extractPlan([edit]);
        for (let i = 0; i < 10; i++) {
            variable.value = value;
            plan.execute();
        }
        edit.destroy(this);
    }
}

// A chain of equal variables, of which the first is changed.
function chain(n) {
    const planner = new Planner();
    const first = new Variable(0);
    let last = first;
    for (let i = 0; i < n; i++) {
        const next = new Variable(0);
        new EqualityConstraint(REQUIRED, last, next).add(planner);
        last = next;
    }
    new StayConstraint(STRONG_DEFAULT, last).add(planner);
    const edit = new EditConstraint(PREFERRED, first);
    edit.add(planner);
    const plan = planner.extractPlan([edit]);
    let sum = 0;
    for (let i = 0; i < 100; i++) {
        first.value = i;
        plan.execute();
        if (last.value !== i) throw new Error("the chain is broken: " + last.value);
        sum += last.value;
    }
    return sum;
}

// Variables that are others times a scale plus an offset, which are all changed.
function projection(n) {
    const planner = new Planner();
    const scale = new Variable(10), offset = new Variable(1000);
    let source = null, target = null;
    const targets = [];
    for (let i = 0; i < n; i++) {
        source = new Variable(i);
        target = new Variable(i);
        targets.push(target);
        new StayConstraint(NORMAL, source).add(planner);
        new ScaleConstraint(REQUIRED, source, target, scale, offset).add(planner);
    }
    planner.change(source, 17);
    if (target.value !== 1170) throw new Error("the first projection is wrong: " + target.value);
    planner.change(target, 1050);
    if (source.value !== 5) throw new Error("the second projection is wrong: " + source.value);
    let sum = 0;
    planner.change(scale, 5);
    for (const variable of targets) sum += variable.value;
    planner.change(offset, 2000);
    for (const variable of targets) sum += variable.value;
    return sum;
}

const size = Number(process.argv[2]);
let sum = 0;
for (let i = 0; i < size; i++) sum += chain(100) + projection(100);
console.log(sum);
