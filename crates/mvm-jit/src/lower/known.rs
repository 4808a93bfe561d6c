//! What is known on the way to an instruction, so that it need not be asked again.
//!
//! - References that have been followed are not null, nor those of which a branch has said so.
//! - An index is below a number, or inside an array, where that has been asked: lists ask twice, for their count and for the room there is.
//! - A field is what was stored there or loaded from there last, until something may have written to it: a store to the same place in an object that may
//!   be the same one, a call. Cranelift forgets all loads at every store.
//! - Fuel is asked for ahead: a branch back, and the beginning of a function, leave unless there is enough for the next [`FUEL_AHEAD`] reductions
//!   of functions that are put in place of calls, so those are charged without a question. (Whoever leaves early costs a few interpreted instructions at
//!   the end of a slice; the slice ends where it always does.)
//! - The stack has room for the registers of functions in place of calls that lie no higher than those that have been asked for.
//! - An instruction that would trap may be left to the interpreter from an earlier one on, if all between them can be done again: they
//!   only read, and what they write nobody needed before. So checks that follow each other share the code that leaves. Deoptimisation to the
//!   last place with an effect: Duboscq et al. (2013), "Graal IR".

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::immediates::Imm64;
use cranelift_codegen::ir::{Inst, InstBuilder, InstructionData, Opcode as Cranelift, Value, types};
use mvm_exec::native::FUEL_AHEAD;
use mvm_isa::{Access, Effect, OpKind, Opcode, visit_registers};
use mvm_module::cfg::{instructions, instructions_from, visit_branch_targets};
use mvm_module::liveness::RegSet;

use super::{CONSTANT, Form, Lower};

/// References that are known not to be null, at most.
const EXISTING_MAX: usize = 64;
/// Fields that are known, at most.
const FIELDS_MAX: usize = 48;
/// Indexes that are known to be inside, at most.
const INSIDE_MAX: usize = 32;

/// What is known on all ways to a place.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// References that are not null.
    existing: BTreeSet<Value>,
    /// Indexes and what they are below, both without sign: a number, or the length of an array.
    inside: BTreeSet<(Value, Value)>,
    /// What is in fields, by object and place.
    fields: BTreeMap<(Value, u16), Value>,
    /// Reductions for which there is fuel.
    paid: i64,
    /// Bytes above the frame of the function itself for which there is room; below 0 nobody has asked.
    room: i64,
}

impl Default for Known {
    fn default() -> Known {
        Known {
            existing: BTreeSet::new(),
            inside: BTreeSet::new(),
            fields: BTreeMap::new(),
            paid: 0,
            room: -1,
        }
    }
}

impl Known {
    /// Another way to the place.
    pub(super) fn meet(&mut self, way: &Known) {
        self.existing.retain(|value| way.existing.contains(value));
        self.inside.retain(|fact| way.inside.contains(fact));
        self.fields.retain(|place, value| way.fields.get(place) == Some(value));
        self.paid = self.paid.min(way.paid);
        self.room = self.room.min(way.room);
    }

    /// Another way to a block.
    pub(super) fn note(blocks: &mut BTreeMap<u32, Known>, block: u32, way: &Known) {
        blocks.entry(block).and_modify(|known| known.meet(way)).or_insert_with(|| way.clone());
    }

    /// The same, on another way from a function that has been put in place of a call.
    pub(super) fn returns(found: &mut Option<Known>, way: &Known) {
        match found {
            Some(known) => known.meet(way),
            None => *found = Some(way.clone()),
        }
    }

    /// What stays true where control also comes from the end of a loop that begins here: branches back have asked for fuel, and room
    /// stays.
    pub(super) fn around(&self) -> Known {
        Known { fields: BTreeMap::new(), ..self.clone() }
    }

    /// The same where control may come into the loop from elsewhere.
    pub(super) fn around_entered(&self) -> Known {
        Known { paid: self.paid, room: self.room, ..Known::default() }
    }

    /// What a branch says on one of its ways.
    pub(super) fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Exists(value) => self.exists(value),
            Fact::Below(index, limit) => self.is_below(index, limit),
        }
    }

    /// From here on a reference is known not to be null.
    fn exists(&mut self, reference: Value) {
        if self.existing.len() < EXISTING_MAX {
            self.existing.insert(reference);
        }
    }

    /// From here on an index is known to be below a number, or inside an array.
    pub(super) fn is_below(&mut self, index: Value, limit: Value) {
        if self.inside.len() < INSIDE_MAX {
            self.inside.insert((index, limit));
        }
    }

    /// Whether an index is known to be below a number, or inside an array.
    pub(super) fn below(&self, index: Value, limit: Value) -> bool {
        self.inside.contains(&(index, limit))
    }

    /// What is known where the interpreter enters.
    pub(super) fn entered() -> Known {
        Known { paid: FUEL_AHEAD, ..Known::default() }
    }

    /// Whether the stack has room for so many bytes above the frame of the function itself.
    pub(super) fn has_room(&self, bytes: i64) -> bool {
        bytes <= self.room
    }

    /// Behind a call: nothing is known of the fuel any more, nor of fields.
    pub(super) fn call(&mut self) {
        self.paid = 0;
        self.fields.clear();
    }

    /// What is in a field, if that is known.
    pub(super) fn field(&self, object: Value, place: u16) -> Option<Value> {
        self.fields.get(&(object, place)).copied()
    }

    /// This is in a field now, because it has been loaded from there.
    pub(super) fn loaded(&mut self, object: Value, place: u16, value: Value) {
        if self.fields.len() < FIELDS_MAX {
            self.fields.insert((object, place), value);
        }
    }

    /// The same, because it has been stored there. Another reference may be to the same object, so of it nothing is known at this place; other
    /// places of objects are other fields, whatever their classes.
    pub(super) fn stored(&mut self, object: Value, place: u16, value: Value) {
        self.fields.retain(|&(_, other), _| other != place);
        self.loaded(object, place, value);
    }

    /// The same in another block of a copy of a loop, of which the ways to it are not followed.
    pub(super) fn elsewhere(&self) -> Known {
        Known { paid: 0, ..self.around() }
    }
}

/// What a branch says on one of its ways.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fact {
    /// A reference is not null.
    Exists(Value),
    /// A number is below another, both without sign.
    Below(Value, Value),
}

/// The place from which the interpreter can do anew what has been done since.
#[derive(Debug, Default)]
pub(super) struct Anchor {
    at: Option<u32>,
    /// Registers that are needed there.
    live: RegSet,
}

/// What registers hold in a loop.
#[derive(Debug)]
pub(super) struct Steady {
    /// The last branch back.
    pub(super) end: u32,
    pub(super) values: BTreeMap<u16, Value>,
}

/// How fuel is asked for.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Numbers that grow by what is asked for ahead, and what they are without it.
    asked: Vec<(Inst, i64)>,
    /// Reductions that are charged without a question anywhere.
    charged: i64,
}

/// Whether an instruction can be done again, as long as the registers that it reads are what they were.
fn is_repeatable(op: Opcode) -> bool {
    let info = op.info();
    let effects = [
        Effect::Writes,
        Effect::Allocates,
        Effect::Ends,
        Effect::Charges,
        Effect::Bulk,
        Effect::Calls,
        Effect::Blocks,
        Effect::External,
    ];
    matches!(info.kind, OpKind::Pure | OpKind::PureImm | OpKind::Special)
        && !effects.into_iter().any(|effect| info.has(effect))
}

impl Lower<'_, '_> {
    /// Leaves for null.
    pub(super) fn exists(&mut self, reference: Value, pc: u32) {
        if !self.is_checked(pc) && !self.known.existing.contains(&reference) {
            let null = self.b.ins().icmp_imm_s(IntCC::Equal, reference, 0);
            self.trap_if(null, pc);
            self.note_existing(reference);
        }
    }

    /// From here on a reference is known not to be null.
    pub(super) fn note_existing(&mut self, reference: Value) {
        self.known.exists(reference);
    }

    /// Notes a branch, with what is known on its ways.
    pub(super) fn note_ways(&mut self, ways: &mut BTreeMap<u32, Known>, pc: u32, op: Opcode, words: &[u64]) {
        let next = pc + words.len() as u32;
        let said = self.said.take();
        let way = |to: u32| {
            let mut known = self.behind(pc, to);
            if let Some((_, fact)) = said.filter(|&(at, _)| at == to) {
                known.learn(fact);
            }
            known
        };
        let mut targets = Vec::new();
        visit_branch_targets(pc, op, words, |to| targets.push(to as u32));
        // Of a branch to where control goes anyway nothing is known.
        let both = targets.contains(&next);
        for to in targets {
            Known::note(ways, to, &if both { self.behind(pc, to) } else { way(to) });
        }
        Known::note(ways, next, &if both { self.behind(pc, next) } else { way(next) });
    }

    /// What is known on the way from one place to another. Out of a loop there is another way, from its copy, where the same has been asked but
    /// fields hold values of its own.
    pub(super) fn behind(&self, from: u32, to: u32) -> Known {
        let leaves = |&(head, end): &(u32, u32)| (head..=end).contains(&from) && !(head..=end).contains(&to);
        if self.frame.copied.iter().any(leaves) { self.known.around() } else { self.known.clone() }
    }

    /// Leaves, in front of this instruction or of an earlier one that can be done again, because it traps if the condition holds.
    pub(super) fn trap_if(&mut self, condition: Value, pc: u32) {
        let at = match self.anchor.at {
            Some(at) => at,
            None => {
                self.frame.liveness.live_before(self.frame.function, pc, &mut self.anchor.live);
                self.anchor.at = Some(pc);
                pc
            }
        };
        self.leaves = true;
        self.bail_if(condition, at);
    }

    /// Control comes from elsewhere, or something has been done that cannot be done again.
    pub(super) fn drop_anchor(&mut self) {
        self.anchor.at = None;
    }

    /// Behind an instruction: whether what has been done can still be done again from where it could.
    pub(super) fn move_anchor(&mut self, op: Opcode, words: &[u64]) {
        if self.anchor.at.is_none() {
            return;
        }
        let mut stays = is_repeatable(op);
        visit_registers(op, words, |access, register| {
            stays &= access != Access::Def || !self.anchor.live.contains(register);
        });
        if !stays {
            self.drop_anchor();
        }
    }

    /// A number that fuel is compared with: this one, and what is asked for ahead.
    pub(super) fn fuel_number(&mut self, number: i64) -> Value {
        let value = self.int(number);
        if let Some(inst) = self.b.func.dfg.value_def(value).inst() {
            self.ahead.asked.push((inst, number));
        }
        value
    }

    /// Charges, and asks for fuel ahead.
    pub(super) fn charge(&mut self, weight: i64, pc: u32) {
        self.settle();
        let fuel = self.b.use_var(self.fuel);
        let least = self.fuel_number(weight);
        let short = self.b.ins().icmp(IntCC::SignedLessThan, fuel, least);
        self.bail_if(short, pc);
        self.pay(fuel, weight);
        self.known.paid = FUEL_AHEAD;
    }

    fn pay(&mut self, fuel: Value, weight: i64) {
        let left = self.b.ins().iadd_imm_s(fuel, -weight);
        self.b.def_var(self.fuel, left);
    }

    /// The beginning of a function: leaves unless there is room for its registers, so many, and fuel.
    pub(super) fn begin_function(&mut self, registers: u16, weight: i64, pc: u32) {
        let size = i64::from(self.frame.offset + u32::from(registers)) * 8;
        if !self.known.has_room(size) {
            let end = self.b.ins().iadd_imm_s(self.base, size);
            let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.stack_limit);
            let deep = self.b.ins().icmp(IntCC::UnsignedGreaterThan, end, limit);
            self.bail_if(deep, pc);
            self.known.room = size;
        }
        if !self.frame.is_inlined() {
            let stack = self.b.ins().get_stack_pointer(types::I64);
            let limit = self.b.ins().load(types::I64, CONSTANT, self.ctx, self.off.native_stack_end);
            let deep = self.b.ins().icmp(IntCC::UnsignedLessThan, stack, limit);
            self.bail_if(deep, pc);
        }
        if self.frame.is_inlined() && weight <= self.known.paid {
            let fuel = self.b.use_var(self.fuel);
            self.pay(fuel, weight);
            self.known.paid -= weight;
            self.ahead.charged += weight;
            return;
        }
        self.charge(weight, pc);
    }

    /// When everything has been lowered: puts in how much fuel is asked for ahead. Between two questions each function that is put in place of a
    /// call is entered once at most, because there is a question at every branch back; so no more is needed than all of them take together.
    pub(super) fn ask_ahead(&mut self) {
        let ahead = self.ahead.charged.min(FUEL_AHEAD);
        for (inst, number) in std::mem::take(&mut self.ahead.asked) {
            self.b.func.dfg.insts[inst] =
                InstructionData::UnaryImm { opcode: Cranelift::Iconst, imm: Imm64::new(number + ahead) };
        }
    }

    /// Registers that nothing writes in a loop, and what they hold in front of it: then that is what they hold in it. None where control
    /// comes into the loop from elsewhere too.
    pub(super) fn steady(&mut self, head: u32) -> Option<Steady> {
        if self.is_entered() {
            return None;
        }
        let heads = &self.frame.heads;
        let mut end = heads.get(&head).map_or(head, |&(_, end)| end);
        // Loops that begin in it belong to it, up to their ends.
        while let Some(further) =
            heads.range(head..=end).map(|(_, &(_, other))| other).filter(|&other| other > end).max()
        {
            end = further;
        }
        let code: &[u64] = &self.frame.function.code;
        let mut elsewhere = false;
        for (pc, op, words) in instructions(code).take_while(|&(pc, ..)| pc < head) {
            visit_branch_targets(pc, op, words, |to| elsewhere |= to > head.into() && to <= end.into());
        }
        if elsewhere {
            return None;
        }
        let mut written = BTreeSet::new();
        for (_, op, words) in instructions_from(code, head).take_while(|&(pc, ..)| pc <= end) {
            visit_registers(op, words, |access, register| {
                if access == Access::Def {
                    written.insert(register);
                }
            });
        }
        let live = self.frame.live(|out| self.frame.liveness.live_before(self.frame.function, head, out));
        let steady = live.iter().filter(|register| !written.contains(register));
        let values = steady.map(|&register| (register, self.reg(register))).collect();
        Some(Steady { end, values })
    }

    /// Whether this version is entered in the middle.
    pub(super) fn is_entered(&self) -> bool {
        matches!(self.form, Form::Loops(_)) && !self.frame.is_inlined()
    }

    /// Blocks to which the interpreter comes straight: where it enters, or by the branch there.
    pub(super) fn entered(&self) -> BTreeSet<u32> {
        let Form::Loops(points) = self.form else { return BTreeSet::new() };
        let mut entered = BTreeSet::new();
        for &at in points.iter().filter(|_| !self.frame.is_inlined()) {
            entered.insert(at);
            if self.frame.blocks.contains_key(&at) {
                continue;
            }
            if let Some((_, op, words)) = instructions_from(&self.frame.function.code, at).next() {
                visit_branch_targets(at, op, words, |to| entered.extend([to as u32]));
                entered.insert(at + words.len() as u32);
            }
        }
        entered
    }
}
