//! Activations: of the function itself, and of those that are put in place of calls.

use std::collections::BTreeMap;
use std::rc::Rc;

use cranelift_codegen::ir::{Block, Value};
use cranelift_frontend::{FunctionBuilder, Variable};
use mvm_exec::Image;
use mvm_module::liveness::{Liveness, RegSet};
use mvm_module::{FuncId, Function};

use super::call_type;
use super::known::{Known, Steady};
use super::throws::Throws;
use crate::methods::Methods;

/// A call as the frame above is told of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call {
    /// Place in the calling function.
    pub(super) pc: u32,
    /// Slots from the frame of the caller to that of the callee.
    pub(super) delta: u16,
    /// Word below the frame of the callee.
    pub(super) header: u64,
}

/// An activation around an inlined one.
#[derive(Clone)]
pub(super) struct Outer {
    pub(super) id: FuncId,
    pub(super) number: usize,
    pub(super) registers: Rc<[Variable]>,
    pub(super) offset: u32,
    pub(super) call: Call,
    /// Registers that are needed after the call.
    pub(super) live: Rc<[u16]>,
}

/// An activation.
pub(super) struct Frame<'a> {
    pub(super) id: FuncId,
    /// 0 for the function itself; else its place, from 1 on, among those that are put in place of calls.
    pub(super) number: usize,
    pub(super) function: &'a Function,
    pub(super) liveness: &'a Liveness,
    /// Place of the function in the image.
    pub(super) start: u32,
    /// Where native code can go on in it.
    pub(super) points: Rc<[u32]>,
    /// Code that is left to the interpreter.
    pub(super) throws: Rc<Throws>,
    /// Slots from the frame of the function itself to this one.
    pub(super) offset: u32,
    pub(super) registers: Rc<[Variable]>,
    /// Registers that nothing writes in this version, and what they hold: it is in the frame.
    pub(super) fixed: BTreeMap<u16, Value>,
    /// The same of the loops around the block that is lowered, the innermost last.
    pub(super) steady: Vec<Steady>,
    pub(super) blocks: BTreeMap<u32, Block>,
    /// First and last place of the loops of which there is a copy.
    pub(super) copied: Vec<(u32, u32)>,
    /// In front of the blocks at which loops begin: where they are entered from outside, and the place of the last branch back.
    pub(super) heads: BTreeMap<u32, (Block, u32)>,
    /// Where native code leaves in front of an instruction, in loops also of the copy without checks.
    pub(super) bails: BTreeMap<(u32, bool), Block>,
    /// Where it leaves because a call has.
    pub(super) broken: Vec<(Block, Call)>,
    /// Those around it, the next one first.
    pub(super) outer: Vec<Outer>,
    /// Where it returns to, and what takes the results. None for the function itself.
    pub(super) returns: Option<(Block, Vec<Variable>)>,
    /// What is known behind all of its returns.
    pub(super) returned: Option<Known>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        b: &mut FunctionBuilder<'_>,
        image: &'a Image,
        methods: &Methods<'_>,
        id: FuncId,
    ) -> Frame<'a> {
        let function = &image.module().functions[id.0 as usize];
        Frame {
            id,
            number: 0,
            function,
            liveness: image.module().liveness(id),
            start: image.start_of(id),
            points: methods.resume_points(id),
            throws: methods.throws(id),
            offset: 0,
            registers: function.registers.iter().map(|&ty| b.declare_var(call_type(ty))).collect(),
            fixed: BTreeMap::new(),
            steady: Vec::new(),
            blocks: BTreeMap::new(),
            copied: Vec::new(),
            heads: BTreeMap::new(),
            bails: BTreeMap::new(),
            broken: Vec::new(),
            outer: Vec::new(),
            returns: None,
            returned: None,
        }
    }

    /// Where control goes that comes to this place, but not by a backward branch.
    pub(super) fn forward(&self, pc: u32) -> Block {
        self.heads.get(&pc).map_or_else(|| self.blocks[&pc], |&(head, _)| head)
    }

    pub(super) fn is_inlined(&self) -> bool {
        self.returns.is_some()
    }

    /// Place of a register, in bytes from the frame of the function itself.
    pub(super) fn at(&self, register: u16) -> i32 {
        (self.offset as i32 + i32::from(register)) * 8
    }

    /// Registers of a set that have to be written when native code leaves.
    pub(super) fn live(&self, fill: impl FnOnce(&mut RegSet)) -> Rc<[u16]> {
        let mut live = RegSet::new();
        fill(&mut live);
        live.iter().filter(|register| !self.fixed.contains_key(register)).collect()
    }

    /// How often the function is among the activations here.
    pub(super) fn depth_of(&self, id: FuncId) -> usize {
        self.outer.iter().filter(|outer| outer.id == id).count() + usize::from(self.id == id)
    }

    /// The activation around one that is put in place of a call.
    pub(super) fn around(&self, call: Call) -> Vec<Outer> {
        let live = self.live(|out| self.liveness.live_across(self.function, call.pc, out));
        let registers = Rc::clone(&self.registers);
        let own = Outer { id: self.id, number: self.number, registers, offset: self.offset, call, live };
        std::iter::once(own).chain(self.outer.iter().cloned()).collect()
    }

    /// Takes the places at which it leaves.
    pub(super) fn take(&mut self) -> Frame<'a> {
        Frame {
            registers: Rc::clone(&self.registers),
            points: Rc::clone(&self.points),
            throws: Rc::clone(&self.throws),
            fixed: std::mem::take(&mut self.fixed),
            steady: Vec::new(),
            blocks: BTreeMap::new(),
            copied: Vec::new(),
            heads: BTreeMap::new(),
            bails: std::mem::take(&mut self.bails),
            broken: std::mem::take(&mut self.broken),
            outer: std::mem::take(&mut self.outer),
            returns: None,
            returned: None,
            ..*self
        }
    }
}
