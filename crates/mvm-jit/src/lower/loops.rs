//! Innermost loops that count: a second copy without the checks that hold for all turns.
//!
//! In front of such a loop it is asked once whether every index of it stays inside its array, from the first to the last turn, and
//! whether the objects it looks at are there. If so, the copy without these checks runs, else the one with them. Both do the
//! same; nothing is moved that the guest could see. Range checks by loop versioning: Würthinger, Wimmer and Mössenböck (2007), "Array
//! bounds check elimination for the Java HotSpot client compiler".
//!
//! Where the counter grows by one and nothing else is charged, the fuel is not counted in the copy either: it follows from the counter.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use mvm_isa::{Access, Effect, Opcode, field_a, field_b, field_c, visit_registers};
use mvm_module::cfg::{instructions, instructions_from, visit_branch_targets};

use super::{CONSTANT, Lower};
use crate::explain::{LoopCopy, LoopNote};

/// Words of the largest loop of which a copy is made.
const LOOP_WORDS_MAX: u32 = 200;
/// Questions asked in front of a loop, at most.
const QUESTIONS_MAX: usize = 16;
/// Counters and bounds beyond this size, up or down, are left to the copy with checks: what is computed from them must not overflow.
const COUNTER_MAX: i64 = 1 << 30;

/// By how much something grows in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Number(i64),
    Register(u16),
}

/// An index as it is in the first turn, and how it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    register: u16,
    /// A register that is added.
    plus: Option<u16>,
    /// A number that is added.
    offset: i64,
    step: Step,
}

/// What is asked in front of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    /// An index stays inside an array.
    Inside(u16, Index),
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
    /// Where the counter grows.
    grows: u32,
    /// The loop goes on while the counter is below this.
    bound: Bound,
    questions: Vec<Question>,
    /// Instructions whose checks have been done.
    checked: BTreeSet<u32>,
    /// Instructions whose checks stay, and why.
    kept: Vec<(u32, &'static str)>,
    /// The first instruction that may charge, beside the branch back.
    charged: Option<u32>,
    /// The fuel follows from the counter.
    follows: bool,
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
    /// With fuel that follows from the counter: what the two are together, and where the copy has to end.
    fuel: Option<(Value, Value)>,
}

impl Fast {
    /// Whether the checks of this instruction have been done.
    pub(super) fn is_checked(&self, pc: u32) -> bool {
        self.plan.checked.contains(&pc)
    }
}

/// Array and index of an access to an element that is done in place.
fn element_of(op: Opcode, ins: u64) -> Option<(u16, u16)> {
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

/// How a register grows in a turn.
struct Growth {
    /// Where it is written first.
    first: u32,
    /// Where numbers are added, each once in a turn.
    parts: Vec<(u32, i64)>,
    step: Step,
}

/// What is known of the instructions of a loop.
struct Body<'c> {
    code: &'c [u64],
    /// Where each register is written.
    writes: BTreeMap<u16, Vec<u32>>,
    /// Branches inside, from and to.
    branches: Vec<(u32, u32)>,
}

impl Body<'_> {
    /// The instruction at a place.
    fn at(&self, pc: u32) -> Option<(Opcode, u64)> {
        instructions_from(self.code, pc).next().map(|(_, op, words)| (op, words[0]))
    }

    fn is_fixed(&self, register: u16) -> bool {
        !self.writes.contains_key(&register)
    }

    /// Whether every way through a turn that comes to `pc` comes by `place` before, which is in front of it.
    fn always_before(&self, place: u32, pc: u32) -> bool {
        place < pc && !self.branches.iter().any(|&(from, to)| from < place && to > place && to <= pc)
    }

    /// How a register grows in a turn that ends at `end`, if it does: in each turn the same, wherever it is written.
    fn growth(&self, register: u16, end: u32) -> Option<Growth> {
        let places = self.writes.get(&register)?;
        if !places.iter().all(|&place| self.always_before(place, end)) {
            return None;
        }
        if let [place] = places[..]
            && let (Opcode::AddI64, ins) = self.at(place)?
        {
            let (a, b, c) = (field_a(ins), field_b(ins), field_c(ins));
            let step = match (a == b, a == c) {
                (true, false) if self.is_fixed(c) => c,
                (false, true) if self.is_fixed(b) => b,
                _ => return None,
            };
            return Some(Growth { first: place, parts: Vec::new(), step: Step::Register(step) });
        }
        let part = |&place: &u32| match self.at(place)? {
            (Opcode::AddI64Imm, ins) if field_a(ins) == register && field_b(ins) == register => {
                Some((place, i64::from(field_c(ins) as i16)))
            }
            _ => None,
        };
        let parts: Vec<(u32, i64)> = places.iter().map(part).collect::<Option<_>>()?;
        let sum = parts.iter().map(|&(_, number)| number).sum();
        Some(Growth { first: *places.first()?, parts, step: Step::Number(sum) })
    }

    /// Whether control has come by `place` in this turn when it is at `pc`. None where that differs.
    fn has_passed(&self, place: u32, pc: u32) -> Option<bool> {
        (pc <= place || self.always_before(place, pc)).then_some(pc > place)
    }

    /// A register as an index at `pc`, if it grows evenly.
    fn index(&self, register: u16, pc: u32, end: u32, depth: usize) -> Option<Index> {
        if self.is_fixed(register) {
            return Some(Index { register, plus: None, offset: 0, step: Step::Number(0) });
        }
        if let Some(Growth { first, parts, step }) = self.growth(register, end) {
            let mut index = Index { register, plus: None, offset: 0, step };
            if let Step::Register(step) = step {
                index.plus = self.has_passed(first, pc)?.then_some(step);
            }
            for (place, number) in parts {
                index.offset += if self.has_passed(place, pc)? { number } else { 0 };
            }
            return Some(index);
        }
        let [place] = self.writes.get(&register)?[..] else { return None };
        if depth == 0 || !self.always_before(place, pc) {
            return None;
        }
        let (op, ins) = self.at(place)?;
        let (b, c) = (field_b(ins), field_c(ins));
        match op {
            Opcode::Mov => self.index(b, place, end, depth - 1),
            Opcode::AddI64Imm => {
                let mut index = self.index(b, place, end, depth - 1)?;
                index.offset += i64::from(c as i16);
                Some(index)
            }
            Opcode::AddI64 => {
                let (grows, fixed) = if self.is_fixed(c) { (b, c) } else { (c, b) };
                let mut index = self.index(grows, place, end, depth - 1)?;
                if !self.is_fixed(fixed) || index.plus.is_some() {
                    return None;
                }
                index.plus = Some(fixed);
                Some(index)
            }
            _ => None,
        }
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
fn plan(code: &[u64], (head, end): (u32, u32), is_innermost: bool) -> Result<Plan, &'static str> {
    if !is_innermost {
        return Err(INNER);
    }
    if end <= head {
        return Err(ENTERED);
    }
    if end - head > LOOP_WORDS_MAX {
        return Err(LONG);
    }
    let mut body = Body { code, writes: BTreeMap::new(), branches: Vec::new() };
    let mut entered = false;
    for (pc, op, words) in instructions(code) {
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
        bound,
        questions: Vec::new(),
        checked: BTreeSet::new(),
        kept: Vec::new(),
        charged: None,
        follows: step == Step::Number(1) && parts.len() == 1,
    };
    for (pc, op, words) in instructions_from(code, head).take_while(|&(pc, ..)| pc < end) {
        if let Err(why) = ask(&mut plan, &body, pc, op, words[0]) {
            plan.kept.push((pc, why));
        }
        if !in_place(op) {
            plan.follows = false;
            plan.charged.get_or_insert(pc);
        }
    }
    if plan.follows || !plan.checked.is_empty() { Ok(plan) } else { Err(NOTHING) }
}

/// Whether an instruction is neither a call nor done by a helper: nothing is charged on its way.
fn in_place(op: Opcode) -> bool {
    let info = op.info();
    let beyond = [Effect::Calls, Effect::Blocks, Effect::External, Effect::Bulk, Effect::Charges];
    !beyond.into_iter().any(|effect| info.has(effect)) || info.name.ends_with("_back")
}

/// What has to be asked so that an instruction needs no checks. An error is why its checks stay.
fn ask(plan: &mut Plan, body: &Body<'_>, pc: u32, op: Opcode, ins: u64) -> Result<(), &'static str> {
    let question = if let Some((array, index)) = element_of(op, ins) {
        if !body.is_fixed(array) {
            return Err("its array changes in the loop");
        }
        let index = body.index(index, pc, plan.end, 3).ok_or("its index does not grow evenly")?;
        // Where the counter grows by something unknown, only the counter itself is known to end at the bound.
        let counts = matches!(plan.step, Step::Number(_)) || index.step == Step::Number(0);
        let itself = index.register == plan.counter && index.plus.is_none();
        if !counts && !itself {
            return Err("its index is not the counter, which does not grow by a number");
        }
        Question::Inside(array, index)
    } else if let Some(object) = object_of(op, ins) {
        if !body.is_fixed(object) {
            return Err("its object changes in the loop");
        }
        Question::Exists(object)
    } else {
        return Ok(());
    };
    if !plan.questions.contains(&question) {
        if plan.questions.len() == QUESTIONS_MAX {
            return Err("16 other questions are asked in front of the loop");
        }
        plan.questions.push(question);
    }
    plan.checked.insert(pc);
    Ok(())
}

/// What becomes of the loops of a function.
pub(crate) fn explain(code: &[u64]) -> Vec<LoopNote> {
    let mut ends: BTreeMap<u32, u32> = BTreeMap::new();
    for (pc, op, words) in instructions(code) {
        visit_branch_targets(pc, op, words, |to| {
            if to <= i64::from(pc) {
                ends.insert(to as u32, pc);
            }
        });
    }
    let note = |(&head, &end): (&u32, &u32)| {
        let is_innermost = ends.range(head + 1..=end.max(head + 1)).next().is_none_or(|(&to, _)| to > end);
        let copy = plan(code, (head, end), is_innermost).map(|plan| LoopCopy {
            checked: plan.checked.into_iter().collect(),
            kept: plan.kept,
            counts: !plan.follows,
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
        let plan = plan(&self.frame.function.code, (head, end), !inner && self.fast.is_none());
        let Ok(plan) = plan else {
            self.b.ins().jump(slow, &[]);
            return;
        };
        let first = self.reg(plan.counter);
        let bound = self.bound(plan.bound);
        let mut good = self.is_small(first);
        let small = self.is_small(bound);
        good = self.b.ins().band(good, small);
        if let Step::Register(register) = plan.step {
            let step = self.reg(register);
            let fits = self.b.ins().icmp_imm_u(IntCC::UnsignedLessThan, step, COUNTER_MAX);
            good = self.b.ins().band(good, fits);
        }
        for &question in &plan.questions {
            let holds = self.holds(&plan, question, first, bound);
            good = self.b.ins().band(good, holds);
        }
        let fuel = plan.follows.then(|| {
            let fuel = self.b.use_var(self.fuel);
            let together = self.b.ins().iadd(fuel, first);
            let most = self.int(COUNTER_MAX);
            let turns = self.b.ins().smin(fuel, most);
            let limit = self.b.ins().iadd(first, turns);
            let limit = self.b.ins().iadd_imm_s(limit, 1);
            (together, self.b.ins().smin(bound, limit))
        });
        let mut blocks = BTreeMap::new();
        let inside: Vec<u32> = self.frame.blocks.range(head..=plan.end).map(|(&pc, _)| pc).collect();
        for pc in inside {
            blocks.insert(pc, self.b.create_block());
        }
        let begin = blocks[&head];
        let not = self.b.ins().icmp_imm_s(IntCC::Equal, good, 0);
        self.b.ins().brif(not, slow, &[], begin, &[]);
        self.fast = Some(Fast { plan, blocks, fuel });
        self.fast_body(head);
        self.fast = None;
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

    /// The answer to a question.
    fn holds(&mut self, plan: &Plan, question: Question, first: Value, bound: Value) -> Value {
        let (array, index) = match question {
            Question::Exists(object) => {
                let reference = self.reg(object);
                return self.b.ins().icmp_imm_s(IntCC::NotEqual, reference, 0);
            }
            Question::Inside(array, index) => (array, index),
        };
        let array = self.reg(array);
        let object = self.object(array);
        let length = self.b.ins().load(types::I32, CONSTANT, object, 0);
        let length = self.b.ins().uextend(types::I64, length);
        let mut begin = self.reg(index.register);
        if let Some(plus) = index.plus {
            let plus = self.reg(plus);
            begin = self.b.ins().iadd(begin, plus);
        }
        begin = self.b.ins().iadd_imm_s(begin, index.offset);
        let begins = self.b.ins().icmp(IntCC::UnsignedLessThan, begin, length);
        if index.step == Step::Number(0) {
            return begins;
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
            Step::Register(register) => {
                let step = self.reg(register);
                let small = self.is_small(step);
                (self.b.ins().imul(more, step), self.b.ins().band(begins, small))
            }
        };
        let last = self.b.ins().iadd(begin, grown);
        let ends = self.b.ins().icmp(IntCC::UnsignedLessThan, last, length);
        self.b.ins().band(fits, ends)
    }

    /// The instructions of the copy.
    fn fast_body(&mut self, head: u32) {
        let Some(fast) = &self.fast else { return };
        let (end, grows) = (fast.plan.end, fast.plan.grows);
        let blocks: Vec<(u32, Block)> = fast.blocks.iter().map(|(&pc, &block)| (pc, block)).collect();
        let code: &[u64] = &self.frame.function.code;
        for (start, block) in blocks {
            if start == head {
                self.b.switch_to_block(block);
            } else {
                self.continue_in(block);
            }
            self.follow(start > grows);
            for (at, op, words) in instructions_from(code, start) {
                if let Some(&next) =
                    self.fast.as_ref().and_then(|fast| fast.blocks.get(&at)).filter(|_| at != start)
                {
                    self.b.ins().jump(next, &[]);
                    break;
                }
                let goes_on = match at == end {
                    true => self.fast_end(at, op, words),
                    false => self.instruction(at, op, words),
                };
                if at == grows {
                    self.follow(true);
                }
                if !goes_on {
                    break;
                }
            }
        }
        if let Some(fast) = &self.fast {
            self.b.seal_block(fast.blocks[&head]);
        }
    }

    /// From here on the fuel is what the counter says.
    fn follow(&mut self, grown: bool) {
        let Some(Fast { plan, fuel: Some((together, _)), .. }) = &self.fast else { return };
        let (together, counter) = (*together, plan.counter);
        let counter = self.reg(counter);
        let fuel = self.b.ins().isub(together, counter);
        let fuel = self.b.ins().iadd_imm_s(fuel, i64::from(grown));
        self.b.def_var(self.fuel, fuel);
    }

    /// The branch back.
    fn fast_end(&mut self, pc: u32, op: Opcode, words: &[u64]) -> bool {
        let Some(Fast { plan, fuel: Some((_, limit)), blocks }) = &self.fast else {
            return self.instruction(pc, op, words);
        };
        let (limit, counter, again) = (*limit, plan.counter, blocks[&plan.head]);
        let counter = self.reg(counter);
        let over = self.b.ins().icmp(IntCC::SignedGreaterThanOrEqual, counter, limit);
        let ends = self.b.create_block();
        self.b.ins().brif(over, ends, &[], again, &[]);
        self.continue_in(ends);
        // The loop is over, or the fuel: the branch says which.
        let fast = self.fast.take();
        self.instruction(pc, op, words);
        self.fast = fast;
        false
    }
}
