//! Innermost loops that count: a second copy without the checks that hold for all turns.
//!
//! In front of such a loop it is asked once whether every index of it stays inside its array, from the first to the last turn, and
//! whether the objects it looks at are there. If so, the copy without these checks runs, else the one with them. Both do the
//! same; nothing is moved that the guest could see. Range checks by loop versioning: Würthinger, Wimmer and Mössenböck (2007), "Array
//! bounds check elimination for the Java HotSpot client compiler".
//!
//! Where nothing but the branch back is charged, the fuel is not counted in the copy either: it follows from the counter, and becomes known
//! where control leaves the copy.
//!
//! Of a loop with few turns, always as many, the copy is all its turns one behind the other, without branches back. It runs if the fuel is enough for
//! all of them.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use mvm_isa::{Access, Effect, Opcode, field_a, field_b, field_c, imm32, visit_registers};
use mvm_module::Function;
use mvm_module::cfg::{Cfg, instructions, instructions_from, visit_branch_targets};

use super::Lower;
use super::body::{Body, Growth, Linear, Step, may_overflow};
use super::throws::Throws;
use crate::explain::{LoopCopy, LoopNote};

/// Turns of a loop that are put one behind the other, at most.
const TURNS_MAX: i64 = 8;
/// Words of all of them, at most.
const TURNS_WORDS_MAX: i64 = 100;
/// Words of the largest loop of which a copy is made.
const LOOP_WORDS_MAX: u32 = 200;
/// Questions asked in front of a loop, at most.
const QUESTIONS_MAX: usize = 16;
/// Instructions behind each other that an index or a number may come from.
const DEPTH: usize = 4;
/// Arrays are shorter than this.
const LONGEST: u64 = 1 << 31;
/// Counters and bounds beyond this size, up or down, are left to the copy with checks: what is computed from them must not overflow.
const COUNTER_MAX: i64 = 1 << 30;

/// What is asked in front of the loop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// An index stays inside an array.
    Inside(u16, Linear),
    /// A number is small, so that what is computed from it does not overflow.
    Small(u16),
    /// An array is longer than this, which no index can be above.
    Longer(u16, i64),
    /// A reference is not null.
    Exists(u16),
}

/// A loop that counts.
#[derive(Debug)]
pub(super) struct Plan {
    head: u32,
    /// The branch back.
    end: u32,
    counter: u16,
    step: Step,
    /// Where the counter grows first.
    grows: u32,
    /// Where numbers are added to the counter.
    parts: Vec<(u32, i64)>,
    /// The loop goes on while the counter is below this.
    bound: Bound,
    questions: Vec<Question>,
    /// Whether the counter has to be small.
    small: bool,
    /// Instructions whose checks have been done.
    checked: BTreeSet<u32>,
    /// Instructions whose checks stay, and why.
    kept: Vec<(u32, &'static str)>,
    /// The first instruction that may charge, beside the branch back. Without one the fuel follows from the counter.
    charged: Option<u32>,
}

impl Plan {
    /// Whether an index is the counter itself, which grows by one: then it stays inside an array when it begins there and the bound is not
    /// above the length.
    fn counts(&self, index: &Linear) -> bool {
        index.is(self.counter) && index.step == Step::Number(1) && self.step == index.step
    }

    /// Whether counter and bound have to be small, because something is computed from them that must not overflow.
    fn computes(&self) -> bool {
        let adds = self.bound.register.is_some() && self.bound.number != 0;
        let far = |question: &Question| match question {
            Question::Inside(_, index) => !self.counts(index) && !index.is_fixed(),
            Question::Small(_) => true,
            _ => false,
        };
        adds || self.small || self.step != Step::Number(1) || self.questions.iter().any(far)
    }
}

#[derive(Debug, Clone, Copy)]
struct Bound {
    register: Option<u16>,
    /// A number that is added, or the whole bound.
    number: i64,
}

/// The copy without checks, while it is lowered.
pub(super) struct Fast {
    plan: Plan,
    pub(super) blocks: BTreeMap<u32, Block>,
    /// With fuel that follows from the counter.
    fuel: Option<Begun>,
    /// The instruction that is lowered.
    at: u32,
    /// Ways out of the copy that are not complete, and where they go.
    ways: Vec<(Block, Block)>,
    end: End,
}

/// What the branch back is in the copy.
#[derive(Clone, Copy)]
enum End {
    /// A branch back.
    Back,
    /// The way to the next turn, which begins here.
    Next(Block),
    /// The way out, behind the last turn.
    Out,
}

/// What was in front of the loop.
#[derive(Clone, Copy)]
struct Begun {
    fuel: Value,
    counter: Value,
    /// The copy ends when the counter comes here.
    limit: Value,
}

impl Fast {
    /// Whether the checks of this instruction have been done.
    pub(super) fn is_checked(&self, pc: u32) -> bool {
        self.plan.checked.contains(&pc)
    }
}

/// Array and index of an access to an element that is done in place.
pub(super) fn element_of(op: Opcode, ins: u64) -> Option<(u16, u16)> {
    let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
    match op {
        Opcode::GetI8
        | Opcode::GetU8
        | Opcode::GetI16
        | Opcode::GetU16
        | Opcode::GetI32
        | Opcode::GetU32
        | Opcode::GetRef
        | Opcode::GetI64
        | Opcode::GetF64 => Some((b, c)),
        Opcode::SetI8
        | Opcode::SetU8
        | Opcode::SetI16
        | Opcode::SetU16
        | Opcode::SetI32
        | Opcode::SetU32
        | Opcode::SetRef
        | Opcode::SetI64
        | Opcode::SetF64 => Some((a, b)),
        _ => None,
    }
}

/// The object of an access to a field.
fn object_of(op: Opcode, ins: u64) -> Option<u16> {
    match op {
        Opcode::GetFieldI64 | Opcode::GetFieldF64 | Opcode::GetFieldRef => Some(field_b(ins)),
        Opcode::SetFieldI64 | Opcode::SetFieldF64 | Opcode::SetFieldRef => Some(field_a(ins)),
        _ => None,
    }
}

/// Why there is no copy of a loop without checks.
const INNER: &str = "it is around another loop";
const LONG: &str = "it has more than 200 words of code";
const ENTERED: &str = "it has two entries, or two ways back";
const UNCOUNTED: &str = "it does not end with a branch back while a counter is below a bound";
const UNEVEN: &str = "its counter does not grow by the same in every turn";
const BOUND: &str = "its bound changes in the loop";
const NOTHING: &str = "nothing would be gained";

/// The loop from `head` to the branch back at `end`, if it is one that counts and has something to gain; else why there is no copy of it.
fn plan(
    function: &Function,
    throws: &Throws,
    (head, end): (u32, u32),
    is_innermost: bool,
) -> Result<Plan, &'static str> {
    let code = &function.code;
    if !is_innermost {
        return Err(INNER);
    }
    if end <= head {
        return Err(ENTERED);
    }
    if end - head > LOOP_WORDS_MAX {
        return Err(LONG);
    }
    let mut body = Body::new(function);
    let mut entered = false;
    for (pc, op, words) in instructions(code).filter(|&(pc, ..)| !throws.has(pc)) {
        let inside = (head..=end).contains(&pc);
        visit_branch_targets(pc, op, words, |to| {
            let to = to as u32;
            if inside && to == head && pc != end || !inside && to > head && to <= end {
                entered = true;
            }
            if inside && to > head && to <= end {
                body.branches.push((pc, to));
            }
        });
        if inside {
            visit_registers(op, words, |access, register| {
                if access == Access::Def {
                    body.writes.entry(register).or_default().push(pc);
                }
            });
        }
    }
    if entered {
        return Err(ENTERED);
    }
    let (op, ins) = body.at(end).ok_or(UNCOUNTED)?;
    let counter = field_a(ins);
    let number = i64::from(field_b(ins) as i16);
    let bound = match op.info().name {
        "blt_i64_back" => Bound { register: Some(field_b(ins)), number: 0 },
        "ble_i64_back" => Bound { register: Some(field_b(ins)), number: 1 },
        "blt_i64_imm_back" | "blt_i64_back_imm" => Bound { register: None, number },
        "ble_i64_imm_back" | "ble_i64_back_imm" => Bound { register: None, number: number + 1 },
        _ => return Err(UNCOUNTED),
    };
    let Growth { first: grows, parts, step } = body.growth(counter, end).ok_or(UNEVEN)?;
    if matches!(step, Step::Number(..=0)) {
        return Err(UNEVEN);
    }
    if !bound.register.is_none_or(|register| body.is_fixed(register)) {
        return Err(BOUND);
    }
    let mut plan = Plan {
        head,
        end,
        counter,
        step,
        grows,
        parts,
        bound,
        questions: Vec::new(),
        small: false,
        checked: BTreeSet::new(),
        kept: Vec::new(),
        charged: None,
    };
    for (pc, op, words) in
        instructions_from(code, head).take_while(|&(pc, ..)| pc < end).filter(|&(pc, ..)| !throws.has(pc))
    {
        if let Err(why) = ask(&mut plan, &body, pc, op, words[0]) {
            plan.kept.push((pc, why));
        }
        if !in_place(op) {
            plan.charged.get_or_insert(pc);
        }
    }
    if plan.charged.is_none() || !plan.checked.is_empty() { Ok(plan) } else { Err(NOTHING) }
}

/// Whether an instruction is neither a call nor done by a helper: nothing is charged on its way.
fn in_place(op: Opcode) -> bool {
    let info = op.info();
    let beyond = [Effect::Calls, Effect::Blocks, Effect::External, Effect::Bulk, Effect::Charges];
    // What branches back from the middle leaves the loop; but a switch may then stay in it.
    let back = info.name.ends_with("_back") && op != Opcode::SwitchBack;
    back || !beyond.into_iter().any(|effect| info.has(effect))
}

/// What has to be asked so that an instruction needs no checks. An error is why its checks stay.
fn ask(plan: &mut Plan, body: &Body<'_>, pc: u32, op: Opcode, ins: u64) -> Result<(), &'static str> {
    let mut questions = Vec::new();
    if let Some((array, index)) = element_of(op, ins) {
        if !body.is_fixed(array) {
            return Err("its array changes in the loop");
        }
        let most = body.most(index, pc, 8);
        let index = body.linear(index, pc, plan.end, DEPTH).ok_or("its index does not grow evenly");
        // Where the counter grows by something unknown, only the counter itself is known to end at the bound.
        let index = index.and_then(|index| {
            let itself = index.terms.len() == 1
                && index.terms[0].register == plan.counter
                && index.terms[0].times == 1;
            if matches!(plan.step, Step::Number(_)) || index.is_fixed() || itself && !index.small {
                Ok(index)
            } else {
                Err("its index is not the counter, which does not grow by a number")
            }
        });
        match index {
            Ok(index) => {
                if index.small {
                    questions.extend(index.registers(plan.counter).map(Question::Small));
                }
                questions.push(Question::Inside(array, index));
            }
            Err(_) if most < LONGEST => questions.push(Question::Longer(array, most as i64)),
            Err(why) => return Err(why),
        }
    } else if let Some(object) = object_of(op, ins) {
        if !body.is_fixed(object) {
            return Err("its object changes in the loop");
        }
        questions.push(Question::Exists(object));
    } else if may_overflow(op) {
        let grows = field_a(ins) == field_b(ins) && body.growth(field_a(ins), plan.end).is_some();
        let result = match grows {
            // What it is behind the instruction.
            true => body.linear(field_a(ins), pc + 1, plan.end, DEPTH),
            false => body.result(op, ins, pc, plan.end, DEPTH),
        };
        let result = result.ok_or("its result does not grow evenly")?;
        if !matches!(plan.step, Step::Number(_)) {
            return Err("the counter does not grow by a number");
        }
        questions.extend(result.registers(plan.counter).map(Question::Small));
        plan.small = true;
    } else {
        return Ok(());
    }
    questions.retain(|question| !plan.questions.contains(question));
    questions.dedup();
    if plan.questions.len() + questions.len() > QUESTIONS_MAX {
        return Err("16 other questions are asked in front of the loop");
    }
    plan.questions.append(&mut questions);
    plan.checked.insert(pc);
    Ok(())
}

/// What becomes of the loops of a function.
pub(crate) fn explain(function: &Function) -> Vec<LoopNote> {
    let mut ends: BTreeMap<u32, u32> = BTreeMap::new();
    for (pc, op, words) in instructions(&function.code) {
        visit_branch_targets(pc, op, words, |to| {
            if to <= i64::from(pc) {
                ends.insert(to as u32, pc);
            }
        });
    }
    let throws = Throws::of(function, &Cfg::build(function));
    let note = |(&head, &end): (&u32, &u32)| {
        let is_innermost = ends.range(head + 1..=end.max(head + 1)).next().is_none_or(|(&to, _)| to > end);
        let copy = plan(function, &throws, (head, end), is_innermost).map(|plan| LoopCopy {
            checked: plan.checked.into_iter().collect(),
            kept: plan.kept,
            charged: plan.charged,
        });
        LoopNote { head, end, copy }
    };
    ends.iter().map(note).collect()
}

impl Lower<'_, '_> {
    /// In front of the block at which a loop begins: goes to a copy without checks where there is one, and all is well.
    pub(super) fn begin_loop(&mut self, head: u32, slow: Block) {
        let end = self.frame.heads.get(&head).map_or(head, |&(_, end)| end);
        let inner =
            self.frame.heads.range(head + 1..=end.max(head + 1)).next().is_some_and(|(&at, _)| at <= end);
        let innermost = !inner && self.fast.is_none();
        let plan = plan(self.frame.function, &self.frame.throws, (head, end), innermost);
        let Ok(plan) = plan else {
            self.b.ins().jump(slow, &[]);
            return;
        };
        self.frame.copied.push((head, end));
        let mut first = self.reg(plan.counter);
        let bound = self.bound(plan.bound);
        if let Some((number, turns)) = self.few_turns(&plan) {
            let begins = self.b.ins().icmp_imm_s(IntCC::Equal, first, number);
            first = self.int(number);
            let good = self.is_good(&plan, first, bound);
            let good = self.b.ins().band(begins, good);
            self.turn_by_turn(plan, slow, first, turns, good);
            return;
        }
        let good = self.is_good(&plan, first, bound);
        let fuel = plan.charged.is_none().then(|| {
            let fuel = self.b.use_var(self.fuel);
            let most = self.int(COUNTER_MAX);
            let ahead = self.fuel_number(0);
            let spare = self.b.ins().isub(fuel, ahead);
            let turns = self.b.ins().smin(spare, most);
            let grown = match plan.step {
                Step::Number(1) => turns,
                Step::Number(number) => self.b.ins().imul_imm_s(turns, number),
                Step::Register(_, register) => {
                    let step = self.reg(register);
                    self.b.ins().imul(turns, step)
                }
            };
            let limit = self.b.ins().iadd(first, grown);
            let limit = self.b.ins().iadd_imm_s(limit, 1);
            Begun { fuel, counter: first, limit: self.b.ins().smin(bound, limit) }
        });
        let blocks = self.blocks_of(&plan);
        let begin = blocks[&head];
        let not = self.b.ins().icmp_imm_s(IntCC::Equal, good, 0);
        self.b.ins().brif(not, slow, &[], begin, &[]);
        self.fast = Some(Fast { plan, blocks, fuel, at: head, ways: Vec::new(), end: End::Back });
        self.fast_body(head);
        self.fast = None;
    }

    /// Blocks for a copy of a loop, or of a turn of it.
    fn blocks_of(&mut self, plan: &Plan) -> BTreeMap<u32, Block> {
        let inside: Vec<u32> = self.frame.blocks.range(plan.head..=plan.end).map(|(&pc, _)| pc).collect();
        inside.into_iter().map(|pc| (pc, self.b.create_block())).collect()
    }

    /// What the counter seems to be in front of a loop, and how many turns there are then, if they are few.
    fn few_turns(&self, plan: &Plan) -> Option<(i64, i64)> {
        let (Step::Number(step), None, None) = (plan.step, plan.bound.register, plan.charged) else {
            return None;
        };
        let code: &[u64] = &self.frame.function.code;
        let start = *self.frame.blocks.range(..plan.head).next_back()?.0;
        let mut first = None;
        for (_, op, words) in instructions_from(code, start).take_while(|&(pc, ..)| pc < plan.head) {
            visit_registers(op, words, |access, register| {
                if access == Access::Def && register == plan.counter {
                    first = (op == Opcode::ConstI64).then(|| i64::from(imm32(words[0])));
                }
            });
        }
        let first = first?;
        let turns = ((plan.bound.number - first + step - 1) / step).max(1);
        let words = turns * i64::from(plan.end - plan.head);
        (turns <= TURNS_MAX && words <= TURNS_WORDS_MAX).then_some((first, turns))
    }

    /// The copy of a loop with few turns: one behind the other. They run if there is fuel for all of them.
    fn turn_by_turn(&mut self, plan: Plan, slow: Block, first: Value, turns: i64, good: Value) {
        let fuel = self.b.use_var(self.fuel);
        let needed = self.fuel_number(turns - 1);
        let enough = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, fuel, needed);
        let good = self.b.ins().band(good, enough);
        let (head, counter) = (plan.head, plan.counter);
        let mut blocks = self.blocks_of(&plan);
        let enters = self.b.create_block();
        let not = self.b.ins().icmp_imm_s(IntCC::Equal, good, 0);
        self.b.ins().brif(not, slow, &[], enters, &[]);
        self.continue_in(enters);
        // From here on it is a number, and everything that is computed from it.
        self.set(counter, first);
        self.b.ins().jump(blocks[&head], &[]);
        let fuel = Some(Begun { fuel, counter: first, limit: first });
        let mut fast =
            Fast { plan, blocks: BTreeMap::new(), fuel, at: head, ways: Vec::new(), end: End::Out };
        let known = self.known.clone();
        for turn in 1..=turns {
            self.known = known.clone();
            let next = if turn < turns { self.blocks_of(&fast.plan) } else { BTreeMap::new() };
            fast.end = next.get(&head).map_or(End::Out, |&block| End::Next(block));
            fast.blocks = std::mem::replace(&mut blocks, next);
            self.fast = Some(fast);
            self.fast_body(head);
            let Some(back) = self.fast.take() else { return };
            fast = back;
        }
    }

    /// Whether the copy can run.
    fn is_good(&mut self, plan: &Plan, first: Value, bound: Value) -> Value {
        let mut answers = Vec::new();
        if plan.computes() {
            answers.extend([self.is_small(first), self.is_small(bound)]);
        }
        if let Step::Register(_, register) = plan.step {
            let step = self.reg(register);
            let less = self.b.ins().iadd_imm_s(step, -1);
            answers.push(self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, less, COUNTER_MAX));
        }
        for question in &plan.questions {
            answers.push(self.holds(plan, question, first, bound));
        }
        let all = answers.into_iter().reduce(|good, answer| self.b.ins().band(good, answer));
        all.unwrap_or_else(|| self.b.ins().iconst(types::I8, 1))
    }

    fn bound(&mut self, bound: Bound) -> Value {
        match bound.register {
            Some(register) => {
                let value = self.reg(register);
                self.b.ins().iadd_imm_s(value, bound.number)
            }
            None => self.int(bound.number),
        }
    }

    /// Whether a number is small enough to be computed with.
    fn is_small(&mut self, value: Value) -> Value {
        let up = self.b.ins().iadd_imm_s(value, COUNTER_MAX);
        self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, up, 2 * COUNTER_MAX)
    }

    /// Length of an array; 0 of null.
    fn length_of(&mut self, array: u16) -> Value {
        let array = self.reg(array);
        let object = self.object(array);
        self.array_length(array, object)
    }

    /// The answer to a question.
    fn holds(&mut self, plan: &Plan, question: &Question, first: Value, bound: Value) -> Value {
        let (array, index) = match *question {
            Question::Exists(object) => {
                let reference = self.reg(object);
                return self.b.ins().icmp_imm_s(IntCC::NotEqual, reference, 0);
            }
            Question::Longer(array, index) => {
                let length = self.length_of(array);
                return self.b.ins().icmp_imm_u(IntCC::UnsignedGreaterThan, length, index);
            }
            Question::Small(register) => {
                let number = self.reg(register);
                return self.is_small(number);
            }
            Question::Inside(array, ref index) => (array, index),
        };
        let length = self.length_of(array);
        let begin = self.begins_as(index);
        let begins = self.b.ins().icmp(IntCC::UnsignedLessThan, begin, length);
        if index.is_fixed() {
            return begins;
        }
        if plan.counts(index) {
            let ends = self.b.ins().icmp(IntCC::SignedLessThanOrEqual, bound, length);
            return self.b.ins().band(begins, ends);
        }
        let Step::Number(each) = plan.step else {
            // The counter itself, growing by something that is not negative: at most one less than the bound in all turns but the first.
            let last = self.b.ins().iadd_imm_s(bound, index.offset - 1);
            let ends = self.b.ins().icmp(IntCC::SignedLessThan, last, length);
            return self.b.ins().band(begins, ends);
        };
        // As many turns as the counter is below the bound, but one in any case. What it is below by, less one, divided by the step, rounded
        // down, is the number of turns after the first.
        let below = self.b.ins().isub(bound, first);
        let one = self.int(1);
        let below = self.b.ins().smax(below, one);
        let mut more = self.b.ins().iadd_imm_s(below, -1);
        if each > 1 {
            let each = self.int(each);
            more = self.b.ins().udiv(more, each);
        }
        let (grown, fits) = match index.step {
            Step::Number(number) => (self.b.ins().imul_imm_s(more, number), begins),
            Step::Register(times, register) => {
                let step = self.reg(register);
                let small = self.is_small(step);
                let step = self.b.ins().imul_imm_s(step, times);
                (self.b.ins().imul(more, step), self.b.ins().band(begins, small))
            }
        };
        let last = self.b.ins().iadd(begin, grown);
        let ends = self.b.ins().icmp(IntCC::UnsignedLessThan, last, length);
        self.b.ins().band(fits, ends)
    }

    /// What a number is in the first turn.
    fn begins_as(&mut self, linear: &Linear) -> Value {
        let mut sum: Option<Value> = None;
        for term in &linear.terms {
            let mut value = self.reg(term.register);
            if let Some(other) = term.other {
                let other = self.reg(other);
                value = self.b.ins().imul(value, other);
            }
            if term.times != 1 {
                value = self.b.ins().imul_imm_s(value, term.times);
            }
            sum = Some(sum.map_or(value, |sum| self.b.ins().iadd(sum, value)));
        }
        match sum {
            Some(sum) if linear.offset == 0 => sum,
            Some(sum) => self.b.ins().iadd_imm_s(sum, linear.offset),
            None => self.int(linear.offset),
        }
    }

    /// The instructions of the copy.
    fn fast_body(&mut self, head: u32) {
        let Some(fast) = &self.fast else { return };
        let end = fast.plan.end;
        let blocks: Vec<(u32, Block)> = fast.blocks.iter().map(|(&pc, &block)| (pc, block)).collect();
        let code: &[u64] = &self.frame.function.code;
        let around = self.known.around();
        for (start, block) in blocks {
            if start == head && !self.is_straight() {
                self.b.switch_to_block(block);
            } else {
                self.continue_in(block);
            }
            self.changed.clear();
            self.drop_anchor();
            self.known = if start == head { around.clone() } else { around.elsewhere() };
            if let Some(fast) = &mut self.fast {
                fast.at = start;
            }
            if self.leaves_to_throw(start) {
                continue;
            }
            for (at, op, words) in instructions_from(code, start) {
                let Some(fast) = &mut self.fast else { return };
                if let Some(&next) = fast.blocks.get(&at).filter(|_| at != start) {
                    self.keep_changed();
                    self.b.ins().jump(next, &[]);
                    break;
                }
                fast.at = at;
                let goes_on = match at == end {
                    true => self.fast_end(at, op, words),
                    false => self.instruction(at, op, words),
                };
                self.go_ways();
                if !goes_on {
                    break;
                }
            }
        }
        if let Some(fast) = self.fast.as_ref().filter(|fast| matches!(fast.end, End::Back)) {
            self.b.seal_block(fast.blocks[&head]);
        }
    }

    /// Whether the turns of a loop are put one behind the other here, so that its counter is a number.
    pub(super) fn is_straight(&self) -> bool {
        self.fast.as_ref().is_some_and(|fast| !matches!(fast.end, End::Back))
    }

    /// Whether the fuel is not counted here, so that it has to become known before anybody looks at it.
    pub(super) fn follows(&self) -> bool {
        self.fast.as_ref().is_some_and(|fast| fast.fuel.is_some())
    }

    /// Where fuel is not counted, it becomes known: one for each turn that is complete.
    pub(super) fn settle(&mut self) {
        let Some(Fast { plan, fuel: Some(begun), at, .. }) = &self.fast else { return };
        let (begun, at, step, counter) = (*begun, *at, plan.step, plan.counter);
        // What has been added in this turn, which is not complete.
        let parts = plan.parts.iter().filter(|&&(place, _)| place < at);
        let number: i64 = parts.map(|&(_, number)| number).sum();
        let grows = at > plan.grows;
        let counter = self.reg(counter);
        let grown = self.b.ins().isub(counter, begun.counter);
        let turns = match step {
            Step::Number(step) => {
                let grown = self.b.ins().iadd_imm_s(grown, -number);
                self.turns(grown, step as u64)
            }
            Step::Register(_, register) => {
                let step = self.reg(register);
                let grown = if grows { self.b.ins().isub(grown, step) } else { grown };
                // It is at least one, see `is_good`.
                self.b.ins().udiv(grown, step)
            }
        };
        let fuel = self.b.ins().isub(begun.fuel, turns);
        self.b.def_var(self.fuel, fuel);
    }

    /// A multiple of a positive number, divided by it.
    fn turns(&mut self, grown: Value, step: u64) -> Value {
        let zeros = step.trailing_zeros();
        let odd = step >> zeros;
        // Each round doubles how many bits of the inverse are right; three are in front of the first.
        let inverse = (0..5).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))));
        let grown = if zeros == 0 { grown } else { self.b.ins().ushr_imm_u(grown, i64::from(zeros)) };
        if inverse == 1 { grown } else { self.b.ins().imul_imm_s(grown, inverse as i64) }
    }

    /// The way to a block. Where it leads out of a copy that does not count, the fuel becomes known on it.
    pub(super) fn way(&mut self, to: Block) -> Block {
        let Some(fast) = self.fast.as_mut().filter(|fast| fast.fuel.is_some()) else { return to };
        if fast.blocks.values().any(|&block| block == to) {
            return to;
        }
        let way = self.b.create_block();
        fast.ways.push((way, to));
        way
    }

    /// Completes the ways out at the end of a block.
    fn go_ways(&mut self) {
        let ways = self.fast.as_mut().map(|fast| std::mem::take(&mut fast.ways)).unwrap_or_default();
        for (way, to) in ways {
            self.continue_in(way);
            self.settle();
            self.b.ins().jump(to, &[]);
        }
    }

    /// The branch back.
    fn fast_end(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let Some(Fast { plan, fuel: Some(begun), blocks, end, .. }) = &self.fast else {
            return self.instruction(pc, op, words);
        };
        match *end {
            End::Back => {}
            End::Next(block) => {
                self.b.ins().jump(block, &[]);
                return false;
            }
            End::Out => {
                self.settle();
                self.b.ins().jump(self.frame.forward(pc + words.len() as u32), &[]);
                return false;
            }
        }
        let (limit, counter, again) = (begun.limit, plan.counter, blocks[&plan.head]);
        self.keep_changed();
        let counter = self.reg(counter);
        let over = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, counter, limit);
        let ends = self.b.create_block();
        self.b.ins().brif(over, ends, &[], again, &[]);
        self.continue_in(ends);
        self.settle();
        // The loop is over, or the fuel: the branch says which.
        let fast = self.fast.take();
        self.instruction(pc, op, words);
        self.fast = fast;
        false
    }
}
