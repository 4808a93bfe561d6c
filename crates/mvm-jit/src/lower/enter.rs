//! How control comes into a function: from its caller, or from the interpreter, in the middle.
//!
//! Where the interpreter enters in the middle of loops into each other, Cranelift sees no loops any more but the innermost: there are several ways
//! into the outer ones. What does not change is therefore made known by hand: registers that nothing writes are values of the
//! whole version, and lengths and addresses of the arrays in them are loaded at entry.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::Switch;
use mvm_isa::{Access, Opcode, TypeId, field_b, visit_registers};
use mvm_module::cfg::{instructions_from, visit_branch_targets};
use mvm_module::liveness::RegSet;

use super::known::Known;
use super::loops::element_of;
use super::{CONSTANT, Form, Lower, TRUSTED, call_type};

/// Arrays whose lengths are loaded at entry, at most.
const ARRAYS_MAX: usize = 6;
/// Entries at which such an array may be gone, at most.
const GONE_MAX: usize = 4;

impl Lower<'_, '_> {
    /// Goes from the entry to the first block, or to the place at which the interpreter enters.
    pub(super) fn enter(&mut self, params: &[Value]) {
        let Form::Loops(back) = self.form else {
            for (k, &value) in params.iter().enumerate() {
                self.b.def_var(self.frame.registers[k], value);
            }
            for &register in self.frame.liveness.entry_live() {
                let float = self.frame.function.registers[usize::from(register)] == TypeId::F64;
                let zero = if float { self.b.ins().f64const(0.0) } else { self.int(0) };
                self.set(register, zero);
            }
            self.b.ins().jump(self.frame.forward(0), &[]);
            return;
        };
        let fuel = self.b.use_var(self.fuel);
        let (otherwise, enough) = (self.b.create_block(), self.b.create_block());
        let needed = self.fuel_number(0);
        let short = self.b.ins().icmp(IntCC::SignedLessThan, fuel, needed);
        self.b.ins().brif(short, otherwise, &[], enough, &[]);
        self.continue_in(enough);
        let pc = self.b.ins().load(types::I64, TRUSTED, self.ctx, self.off.pc);
        self.fix(back, pc);
        let mut switch = Switch::new();
        let mut entries = Vec::new();
        for &at in back {
            let block = self.b.create_block();
            switch.set_entry(u128::from(self.address(at)), block);
            entries.push((at, block));
        }
        switch.emit(&mut self.b, pc, otherwise);
        self.continue_in(otherwise);
        let left = self.b.ins().iconst(types::I64, -1);
        self.b.ins().return_(&[left]);
        for (at, block) in entries {
            self.continue_in(block);
            self.known = Known::entered();
            self.drop_anchor();
            self.b.def_var(self.fuel, fuel);
            for register in self.live_at(at).iter() {
                if !self.frame.fixed.contains_key(&register) {
                    self.reload(register);
                }
            }
            match instructions_from(&self.frame.function.code, at).next() {
                Some((_, op, words)) if !self.frame.blocks.contains_key(&at) => {
                    self.entering = true;
                    self.instruction(at, op, words);
                    self.entering = false;
                }
                _ => {
                    self.b.ins().jump(self.frame.forward(at), &[]);
                }
            }
        }
    }

    fn live_at(&self, pc: u32) -> RegSet {
        let mut live = RegSet::new();
        self.frame.liveness.live_before(self.frame.function, pc, &mut live);
        live
    }

    /// Finds the registers that are live at entries and never written after them: their values are those in the frame, which nobody writes
    /// either, so they need not be written when native code leaves.
    fn fix(&mut self, back: &[u32], pc: Value) {
        let mut live = BTreeSet::new();
        for &at in back {
            live.extend(self.live_at(at).iter());
        }
        let arrays = self.look_through(&mut live);
        for register in live {
            let ty = call_type(self.frame.function.registers[usize::from(register)]);
            // Where it is dead, it is what happens to be there.
            let value = self.b.ins().load(ty, CONSTANT, self.base, self.frame.at(register));
            self.frame.fixed.insert(register, value);
        }
        for register in arrays {
            let gone: Vec<u32> =
                back.iter().copied().filter(|&at| !self.live_at(at).contains(register)).collect();
            if gone.len() > GONE_MAX {
                continue;
            }
            let mut array = self.reg(register);
            for at in gone {
                let (here, null) = (self.int(self.address(at) as i64), self.int(0));
                let here = self.b.ins().icmp(IntCC::Equal, pc, here);
                array = self.b.ins().select(here, null, array);
            }
            let object = self.object(array);
            let length = self.b.ins().uload32(TRUSTED, object, 0);
            self.frame.fixed.insert(register, array);
            self.lengths.insert(array, length);
        }
    }

    /// Keeps the registers that nothing writes in the code that can be reached. Returns those of them that are arrays of which elements are
    /// accessed.
    fn look_through(&self, registers: &mut BTreeSet<u16>) -> Vec<u16> {
        let function = self.frame.function;
        let mut arrays: BTreeMap<u16, ()> = BTreeMap::new();
        for &start in self.frame.blocks.keys() {
            for (at, op, words) in instructions_from(&function.code, start) {
                if at != start && self.frame.blocks.contains_key(&at) {
                    break;
                }
                visit_registers(op, words, |access, register| {
                    if access == Access::Def {
                        registers.remove(&register);
                    }
                });
                let array = match op {
                    Opcode::ArrayLen => Some(field_b(words[0])),
                    _ => element_of(op, words[0]).map(|(array, _)| array),
                };
                arrays.extend(array.map(|array| (array, ())));
                let mut ends = false;
                visit_branch_targets(at, op, words, |_| ends = true);
                if ends {
                    break;
                }
            }
        }
        arrays.into_keys().filter(|array| registers.contains(array)).take(ARRAYS_MAX).collect()
    }
}
