//! The body of a generated function: registers, labels and control flow.
//!
//! Control is mostly structured (`if`, counted loops, `switch`, `try`), with jumps across it: forward to any later
//! statement, backward to any earlier instruction while a budget lasts. So most programs get somewhere, and the
//! control-flow graphs are still arbitrary. Single instructions are in `rows.rs`.

use mvm_isa::{Effect, Opcode, Operand, Shape, Syscall, TypeId, encode, insn_len, opcode_of, set_target};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::{FuncDebug, Function, Handler, limits};

use super::entropy::Entropy;
use super::plan::{Plan, handler_class};

/// Words after which a body comes to its end.
const WORDS_MAX: usize = 1_500;
/// Registers of a function, about.
pub(super) const REGISTERS_MAX: usize = 80;
/// How deep statements are nested.
const DEPTH_MAX: usize = 4;

/// A place in the code that may not be known yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label(usize);

/// A function under construction. The code has no `enter` yet.
pub(super) struct Body<'p, 'e, 'b> {
    pub(super) plan: &'p Plan,
    pub(super) e: &'e mut Entropy<'b>,
    /// Index of the function.
    pub(super) index: usize,
    pub(super) registers: Vec<TypeId>,
    /// Loop counters: nothing else writes them.
    pub(super) counters: Vec<u16>,
    /// Holds lengths and positions for the next instruction.
    pub(super) scratch: Option<u16>,
    pub(super) scratch_f64: Option<u16>,
    /// Holds what most results have been mixed into.
    pub(super) sum: Option<u16>,
    /// A function that neither calls nor loops.
    leaf: bool,
    code: Vec<u64>,
    handlers: Vec<Handler>,
    labels: Vec<Option<usize>>,
    /// Instruction, number of the target in it, label.
    patches: Vec<(usize, usize, Label)>,
    /// Labels of forward jumps that are bound at some later statement.
    pending: Vec<Label>,
    /// Statements left.
    left: usize,
    /// Counts backward jumps.
    budget: Option<u16>,
}

impl<'p, 'e, 'b> Body<'p, 'e, 'b> {
    /// Writes the body of function number `index`.
    pub(super) fn generate(plan: &'p Plan, e: &'e mut Entropy<'b>, index: usize) -> Function {
        let head = &plan.heads[index];
        let leaf = index > 0 && e.one_in(3);
        let left = match (leaf, index) {
            (true, _) => 2 + e.below(10),
            (false, 0) => 25 + e.below(50),
            (false, _) => 4 + e.below(24),
        };
        let mut body = Body {
            plan,
            e,
            index,
            registers: head.signature.params.clone(),
            counters: Vec::new(),
            scratch: None,
            scratch_f64: None,
            sum: None,
            leaf,
            code: Vec::new(),
            handlers: Vec::new(),
            labels: Vec::new(),
            patches: Vec::new(),
            pending: Vec::new(),
            left,
            budget: None,
        };
        body.prologue();
        body.whole();
        let params = head.signature.params.len() as u16;
        body.finish(&head.name, params, head.signature.results.clone())
    }

    /// Some registers of every kind, some of them with a value.
    fn prologue(&mut self) {
        for ty in [TypeId::I64, TypeId::I64, TypeId::I64, TypeId::F64, TypeId::F64, TypeId::STR, TypeId::ANY]
        {
            self.registers.push(ty);
        }
        if self.e.one_in(24) {
            self.registers.resize(self.registers.len() + 200, TypeId::I64);
        }
        for _ in 0..self.e.below(8) {
            let ty = *self.e.pick(&self.plan.values).unwrap_or(&TypeId::I64);
            self.registers.push(ty);
        }
        if self.index == 0 || !self.leaf || self.e.one_in(2) {
            self.registers.push(TypeId::I64);
            let sum = self.registers.len() as u16 - 1;
            self.counters.push(sum);
            self.sum = Some(sum);
        }
        for register in 0..self.registers.len().min(24) {
            let is_param = register < self.plan.heads[self.index].signature.params.len();
            if !is_param && self.sum != Some(register as u16) && self.e.below(4) != 0 {
                self.produce(register as u16, 2);
            }
        }
    }

    /// The statements, mostly inside a handler range, and the way out.
    fn whole(&mut self) {
        let guarded = self.e.below(4) != 0;
        let start = self.here();
        self.block(0);
        if guarded && self.here() > start {
            let class = if self.e.one_in(4) { handler_class(self.plan, self.e) } else { TypeId::ERROR };
            let register = self.def_for(class);
            self.handler(start, class, register);
        }
        for label in std::mem::take(&mut self.pending) {
            self.bind(label);
        }
        self.observe();
        self.emit_return();
    }

    /// Prints something, so that differences can be seen.
    fn observe(&mut self) {
        if let Some(sum) = self.sum {
            for _ in 0..self.e.below(5) {
                let register = self.e.below(self.registers.len()) as u16;
                self.mix(register);
            }
            let mut words = Vec::new();
            encode::sys(&mut words, Opcode::Sys, &[], Syscall::PrintInt as u32, &[sum]);
            self.push(&words);
        } else if self.e.one_in(3) {
            self.emit_print();
        }
    }

    fn finish(mut self, name: &str, params: u16, results: Vec<TypeId>) -> Function {
        for (at, number, label) in std::mem::take(&mut self.patches) {
            let Some(target) = self.labels[label.0] else { continue };
            let Ok(op) = opcode_of(self.code[at]) else { continue };
            let end = at + insn_len(op, self.code[at]);
            set_target(op, &mut self.code[at..end], number, target as i64 - at as i64);
        }
        let mut function = Function {
            name: name.into(),
            params,
            results,
            registers: self.registers,
            code: self.code,
            handlers: self.handlers,
            debug: FuncDebug::default(),
        };
        if needs_enter(&function) || self.e.one_in(4) {
            let mut enter = Vec::new();
            encode::fixed(&mut enter, Opcode::Enter, &[0, 0]);
            function.code.splice(0..0, enter);
            for handler in &mut function.handlers {
                handler.start += 1;
                handler.end += 1;
                handler.target += 1;
            }
        }
        finish_function(&mut function);
        function
    }

    // ---- places ----

    /// Where the next instruction goes.
    pub(super) fn here(&self) -> usize {
        self.code.len()
    }

    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.code.len());
    }

    /// Adds an instruction.
    pub(super) fn push(&mut self, words: &[u64]) {
        self.code.extend_from_slice(words);
    }

    /// Adds a fixed-shape instruction.
    pub(super) fn op(&mut self, op: Opcode, values: &[i64]) {
        encode::fixed(&mut self.code, op, values);
    }

    /// The same with a branch target as its last operand.
    pub(super) fn branch_to(&mut self, op: Opcode, values: &[i64], label: Label) {
        let at = self.here();
        let mut values = values.to_vec();
        values.push(0);
        self.op(op, &values);
        self.patches.push((at, 0, label));
    }

    /// A conditional branch of any kind.
    fn branch(&mut self, op: Opcode, label: Label) {
        let mut values = Vec::new();
        for operand in op.info().operands {
            match operand {
                Operand::Src(ty) => values.push(i64::from(self.src(*ty))),
                Operand::Imm16 => values.push(self.e.below(9) as i64 - 4),
                _ => {}
            }
        }
        self.branch_to(op, &values, label);
    }

    /// A forward branch on whatever condition.
    pub(super) fn branch_forward(&mut self, label: Label) {
        let ops: Vec<Opcode> = Opcode::ALL.iter().copied().filter(|&op| is_condition(op, false)).collect();
        let op = *self.e.pick(&ops).unwrap_or(&Opcode::BeqI64);
        self.branch(op, label);
    }

    /// A backward branch on whatever condition, if `target` is in reach; else a jump under a forward branch.
    fn branch_back(&mut self, target: Label, near: bool) {
        if near && self.e.below(5) != 0 {
            let ops: Vec<Opcode> = Opcode::ALL.iter().copied().filter(|&op| is_condition(op, true)).collect();
            let op = *self.e.pick(&ops).unwrap_or(&Opcode::BeqI64Back);
            return self.branch(op, target);
        }
        let over = self.label();
        self.branch_forward(over);
        self.branch_to(Opcode::JmpBack, &[0], target);
        self.bind(over);
    }

    /// Whether a short branch from a few words further reaches back to `target`.
    fn is_near(&self, target: usize) -> bool {
        self.here() - target + 8 < limits::SHORT_BACK_WORDS_MAX
    }

    // ---- statements ----

    fn block(&mut self, depth: usize) {
        self.some(depth, if depth == 0 { 80 } else { 5 });
    }

    /// One to `end` statements.
    fn some(&mut self, depth: usize, end: usize) {
        for _ in 0..1 + self.e.below(end) {
            if self.left == 0 || self.e.is_empty() || self.here() > WORDS_MAX {
                return;
            }
            self.left -= 1;
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        if !self.pending.is_empty() && self.e.one_in(2) {
            let index = self.e.below(self.pending.len());
            let label = self.pending.swap_remove(index);
            self.bind(label);
        }
        // A trap should not end everything.
        if depth == 0 && self.e.below(8) != 0 {
            let end = if self.e.one_in(3) { 3 } else { 1 };
            return self.trying(depth, end);
        }
        let control = depth < DEPTH_MAX && self.e.one_in(3);
        if !control {
            return self.instruction(self.leaf);
        }
        match self.e.below(13) {
            0 | 1 => self.branching(depth),
            2..=4 if !self.leaf => self.counted_loop(depth),
            5 => self.switching(depth),
            6 if !self.leaf => self.switching_back(depth),
            7 | 8 | 12 => self.trying(depth, 4),
            9 => {
                let label = self.label();
                self.branch_forward(label);
                self.pending.push(label);
            }
            10 if !self.leaf => self.jump_back(),
            11 if self.index > 0 || self.e.one_in(4) => self.leaving(),
            _ => self.instruction(self.leaf),
        }
    }

    fn branching(&mut self, depth: usize) {
        let (other, end) = (self.label(), self.label());
        self.branch_forward(other);
        self.block(depth + 1);
        if self.e.one_in(2) {
            self.branch_to(Opcode::Jmp, &[], end);
            self.bind(other);
            self.block(depth + 1);
            // Something must stand between a jump and its target.
            if self.labels[other.0] == Some(self.here()) {
                self.op(Opcode::Nop, &[]);
            }
        } else {
            self.op(Opcode::Nop, &[]);
            self.bind(other);
        }
        self.bind(end);
    }

    fn counter(&mut self, from: i64) -> u16 {
        self.registers.push(TypeId::I64);
        let counter = self.registers.len() as u16 - 1;
        self.counters.push(counter);
        self.op(Opcode::ConstI64, &[i64::from(counter), from]);
        counter
    }

    fn counted_loop(&mut self, depth: usize) {
        let from = 1 + self.e.below(12) as i64;
        let counter = self.counter(from);
        let (again, out) = (self.label(), self.label());
        let start = self.here();
        self.bind(again);
        self.block(depth + 1);
        self.op(Opcode::AddI64Imm, &[i64::from(counter), i64::from(counter), -1]);
        let near = self.is_near(start);
        if self.e.one_in(2) {
            // The loop ends with the counter, or earlier.
            self.branch_to(Opcode::BleI64Imm, &[i64::from(counter), 0], out);
            self.branch_back(again, near);
        } else if near {
            self.branch_to(Opcode::BgtI64ImmBack, &[i64::from(counter), 0], again);
        } else {
            self.branch_to(Opcode::BleI64Imm, &[i64::from(counter), 0], out);
            self.branch_to(Opcode::JmpBack, &[0], again);
        }
        self.bind(out);
    }

    fn switching(&mut self, depth: usize) {
        let count = self.e.below(4);
        let register = self.small_int(6);
        let end = self.label();
        let cases: Vec<Label> = (0..=count).map(|_| self.label()).collect();
        let at = self.here();
        encode::switch(&mut self.code, Opcode::Switch, register, count as u16, 0);
        for (number, &case) in cases.iter().enumerate() {
            self.patches.push((at, number, case));
        }
        for case in cases {
            self.bind(case);
            self.block(depth + 1);
            self.op(Opcode::Nop, &[]);
            if self.e.one_in(2) {
                self.branch_to(Opcode::Jmp, &[], end);
            }
        }
        // Where every case jumps away, the end must not be the next word of a jump to it: that is still forward.
        self.bind(end);
    }

    fn switching_back(&mut self, depth: usize) {
        let from = 1 + self.e.below(6) as i64;
        let counter = self.counter(from);
        let (first, second, out) = (self.label(), self.label(), self.label());
        self.bind(first);
        self.block(depth + 1);
        self.bind(second);
        self.op(Opcode::AddI64Imm, &[i64::from(counter), i64::from(counter), -1]);
        self.branch_to(Opcode::BleI64Imm, &[i64::from(counter), 0], out);
        let register = self.small_int(5);
        let count = 1 + self.e.below(3);
        let at = self.here();
        encode::switch(&mut self.code, Opcode::SwitchBack, register, count as u16, 0);
        self.patches.push((at, 0, first));
        for number in 1..=count {
            let target = *self.e.pick(&[second, out, first]).unwrap_or(&first);
            self.patches.push((at, number, target));
        }
        self.bind(out);
    }

    /// A range of 1 to `end` statements with a handler behind it.
    fn trying(&mut self, depth: usize, end: usize) {
        let start = self.here();
        self.some(depth + 1, end);
        if self.here() == start {
            self.op(Opcode::Nop, &[]);
        }
        let class = handler_class(self.plan, self.e);
        let register = self.def_for(class);
        let end = self.here();
        if self.e.one_in(30) {
            // The handler is somewhere before.
            let starts = self.starts();
            if let Some(&target) = self.e.pick(&starts) {
                self.add_handler(start, end, target, class, register);
                return;
            }
        }
        let after = self.label();
        let jumps = self.e.one_in(2);
        if jumps {
            self.branch_to(Opcode::Jmp, &[], after);
        }
        self.add_handler(start, end, self.here(), class, register);
        if self.e.one_in(2) {
            self.some(depth + 1, 2);
        }
        self.op(Opcode::Nop, &[]);
        self.bind(after);
    }

    /// A handler for everything from `start` to here, right here.
    fn handler(&mut self, start: usize, class: TypeId, register: u16) {
        let here = self.here();
        self.add_handler(start, here, here, class, register);
    }

    fn add_handler(&mut self, start: usize, end: usize, target: usize, class: TypeId, register: u16) {
        let [start, end, target] = [start, end, target].map(|place| place as u32);
        self.handlers.push(Handler { start, end, target, class, register });
    }

    /// Starts of all instructions so far.
    fn starts(&self) -> Vec<usize> {
        mvm_module::cfg::instructions(&self.code).map(|(pc, _, _)| pc as usize).collect()
    }

    /// A jump to any earlier instruction, a few times.
    fn jump_back(&mut self) {
        let starts = self.starts();
        let Some(&target) = self.e.pick(&starts) else { return };
        let budget = match self.budget {
            Some(register) => register,
            None => {
                self.registers.push(TypeId::I64);
                let register = self.registers.len() as u16 - 1;
                self.counters.push(register);
                self.budget = Some(register);
                register
            }
        };
        // The budget starts at 0 and counts up, so that nothing has to set it.
        let (label, over) = (self.label(), self.label());
        self.labels[label.0] = Some(target);
        self.op(Opcode::AddI64Imm, &[i64::from(budget), i64::from(budget), 1]);
        let most = 1 + self.e.below(6) as i64;
        self.branch_to(Opcode::BgtI64Imm, &[i64::from(budget), most], over);
        let near = self.is_near(target);
        self.branch_back(label, near);
        self.bind(over);
    }

    /// Leaves the function on some condition: return, throw, tail call, or an `unreachable` that may be reached.
    fn leaving(&mut self) {
        let over = self.label();
        self.branch_forward(over);
        match self.e.below(5) {
            0 => self.emit_return(),
            1 | 4 => self.emit_throw(),
            2 if !self.leaf => {
                if !self.emit_tail_call() {
                    self.emit_return();
                }
            }
            2 => self.emit_return(),
            _ => self.op(Opcode::Unreachable, &[]),
        }
        self.bind(over);
    }
}

/// Whether the instruction is a conditional branch in this direction.
fn is_condition(op: Opcode, back: bool) -> bool {
    let info = op.info();
    let branches = matches!(info.operands.last(), Some(Operand::Label16 | Operand::Label32));
    info.shape == Shape::Fixed && branches && !info.has(Effect::Ends) && info.has(Effect::Charges) == back
}
