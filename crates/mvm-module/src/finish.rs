//! The fields of a function's code that follow from the rest of it: frame size, weights of charges, call deltas.
//!
//! Whoever builds code leaves these fields 0 and calls [`finish_function`] at the end; the verifier computes the same
//! values (rule I9). So there is one place that knows them.
//!
//! **Weights.** `D[pc]` is the longest way from the function's entry to `pc` over forward edges only, in code words; a
//! call counts 16 more. Handler entries and code that nothing reaches forward start at 0. The weight of `enter` is
//! `1 + max D / 64`; that of `jmp_back` and `switch_back` is `1 + (D[branch] - D[target]) / 64`, for `switch_back` the
//! largest over its backward targets. Weights are at most 65,535. So a reduction means roughly equal work.

use mvm_isa::{Effect, Opcode, Shape, visit_targets};

use crate::cfg::instructions;
use crate::model::{Function, limits};

/// Words of way that a charge of 1 covers.
const WORDS_PER_REDUCTION: u32 = 64;

/// What a call counts beside its own words.
const CALL_WORDS: u32 = 16;

/// Whether `enter` must be the first instruction: the function loops, calls, or is larger than a leaf may be.
pub fn needs_enter(function: &Function) -> bool {
    function.code.len() > limits::LEAF_WORDS_MAX
        || function.registers.len() > limits::LEAF_REGISTERS_MAX
        || instructions(&function.code).any(|(_, op, _)| makes_charged(op))
}

/// Whether a function with this instruction cannot be a leaf.
pub(crate) fn makes_charged(op: Opcode) -> bool {
    let info = op.info();
    info.has(Effect::Calls) || (info.has(Effect::Charges) && op != Opcode::Enter)
}

/// Fills in frame size and weight of `enter`, the weights of `jmp_back` and `switch_back`, and the deltas of calls.
/// Does nothing to words that do not decode.
pub fn finish_function(function: &mut Function) {
    let mut depth = Vec::new();
    let mut changes = Vec::new();
    visit_filled(function, &mut depth, |field| changes.push(field));
    for field in changes {
        let word = &mut function.code[field.word as usize];
        *word = *word & !(0xffff << field.shift) | u64::from(field.value) << field.shift;
    }
}

/// A field that [`finish_function`] fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The instruction.
    pub(crate) pc: u32,
    /// The word that holds the field.
    pub(crate) word: u32,
    /// Its lowest bit there.
    pub(crate) shift: u32,
    /// What it must be.
    pub(crate) value: u16,
    /// What it is, for messages.
    pub(crate) what: &'static str,
}

/// Calls `visit` for every field to be filled in. `depth` is room that callers keep from function to function.
pub(crate) fn visit_filled(function: &Function, depth: &mut Vec<u32>, mut visit: impl FnMut(Filled)) {
    let longest = measure(function, depth);
    let registers = function.registers.len().min(limits::REGISTERS_MAX) as u16;
    for (pc, op, words) in instructions(&function.code) {
        let here = depth[pc as usize];
        let mut field = |word, shift, value, what| visit(Filled { pc, word: pc + word, shift, value, what });
        match op {
            Opcode::Enter => {
                field(0, 16, weight(longest), "weight");
                field(0, 32, registers, "frame size");
            }
            Opcode::JmpBack => field(0, 16, back_weight(depth, here, pc, op, words), "weight"),
            Opcode::SwitchBack => field(0, 48, back_weight(depth, here, pc, op, words), "weight"),
            Opcode::Switch => field(0, 48, 0, "weight"),
            _ if matches!(op.info().shape, Shape::Call | Shape::CallMany) => {
                field(1, 0, registers + 1, "delta");
            }
            _ => {}
        }
    }
}

/// Fills `depth` with D for every word and returns its maximum.
fn measure(function: &Function, depth: &mut Vec<u32>) -> u32 {
    let code = &function.code;
    depth.clear();
    depth.resize(code.len(), 0);
    let mut longest = 0;
    for (pc, op, words) in instructions(code) {
        let info = op.info();
        let here = depth[pc as usize];
        longest = longest.max(here);
        let calls = if info.has(Effect::Calls) { CALL_WORDS } else { 0 };
        let after = here.saturating_add(words.len() as u32 + calls);
        let mut reach = |target: i64| {
            if let Some(there) = usize::try_from(target).ok().and_then(|pc| depth.get_mut(pc)) {
                *there = (*there).max(after);
            }
        };
        visit_targets(op, words, |offset| {
            if offset > 0 {
                reach(i64::from(pc) + offset);
            }
        });
        if !info.has(Effect::Ends) {
            reach(i64::from(pc) + words.len() as i64);
        }
    }
    longest
}

fn weight(way: u32) -> u16 {
    (1 + way / WORDS_PER_REDUCTION).min(u32::from(u16::MAX)) as u16
}

fn back_weight(depth: &[u32], here: u32, pc: u32, op: Opcode, words: &[u64]) -> u16 {
    let mut way = 0;
    visit_targets(op, words, |offset| {
        let target = usize::try_from(i64::from(pc) + offset).ok().filter(|_| offset <= 0);
        if let Some(&there) = target.and_then(|pc| depth.get(pc)) {
            way = way.max(here.saturating_sub(there));
        }
    });
    weight(way)
}
