//! What registers are known to hold: value numbering over the dominator tree.
//!
//! Every value that an instruction gives has a number; two registers with one number hold the same. A register that is
//! written once has the same number wherever that instruction lies on every way; other registers have theirs as long as
//! control can have come one way only (an extended basic block). The contents of the heap are numbered by kind: what may
//! write gives them a new number, so that loads with equal operands and an equal number of the heap are equal.
//!
//! [`walk`] goes over a graph and shows a [`Rewriter`] each instruction with what is known in front of it; what the
//! instruction then says becomes known. Constant folding, copies, common subexpressions and fused instructions are
//! rewriters, a file each under `passes/`.

use std::collections::BTreeMap;

use mvm_isa::{Access, Effect, Opcode, Operand, Shape, TypeId, field_b, field_c, imm32};
use mvm_module::classes::ClassTable;
use mvm_module::limits;

use crate::flow::Flow;
use crate::graph::{Block, BlockId, End, Graph, Insn, NONE};
use crate::passes::Context;
use crate::planted::Planted;

/// Number of a value.
pub(crate) type Vn = u32;

/// No register.
const NOWHERE: u16 = u16::MAX;

/// An expression: the instruction, the values it reads, and its other operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Expr {
    /// Which instruction.
    pub(crate) op: Opcode,
    /// Values of its sources; [`NONE`] for those it does not have.
    pub(crate) args: [Vn; 3],
    /// Immediate, type, field or literal.
    pub(crate) extra: u64,
    /// Number of the heap contents that it reads.
    heap: u32,
}

/// What is known of a value.
#[derive(Debug, Clone, Copy)]
struct Value {
    /// The bits, if it is a constant number or null.
    constant: Option<u64>,
    /// Register that is written only once and holds it.
    global: u16,
    /// Register that held it first in some extended block.
    local: u16,
    /// What it was computed by.
    expr: Option<Expr>,
    /// It is a new object of this class.
    class: Option<TypeId>,
}

/// Kinds of heap contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heap {
    Fields,
    Arrays,
    Blocks,
}

/// What is known at one place of a graph.
pub(crate) struct Values<'c> {
    /// Layouts and subtyping.
    pub(crate) classes: &'c ClassTable,
    planted: Option<Planted>,
    /// Types of the registers.
    pub(crate) types: Vec<TypeId>,
    flow: Flow,
    /// How often each register is written: 0, 1, or 2 for more.
    writes: Vec<u8>,
    /// Number of the value of a register that is written once, when that has been seen.
    global: Vec<Vn>,
    /// Block in which it is written; [`NONE`] for parameters, which are known everywhere.
    global_in: Vec<BlockId>,
    /// Scope and number of the value that other registers have.
    local: Vec<(u32, Vn)>,
    /// Scope in which a value is known not to be null.
    not_null: Vec<u32>,
    values: Vec<Value>,
    exprs: BTreeMap<Expr, Vn>,
    /// By what they are: a reference or a float, and their bits.
    constants: BTreeMap<(bool, bool, u64), Vn>,
    /// Number of the contents of each kind of heap object.
    heap: [u32; 3],
    heaps: u32,
    scope: u32,
    scopes: u32,
    block: BlockId,
    log: Vec<Undo>,
    /// Instructions to stand in front of the one that is shown.
    inserted: Vec<Insn>,
}

enum Undo {
    Local(u16, (u32, Vn)),
    NotNull(Vn, u32),
}

/// What becomes of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays as it was.
    Same,
    /// It is another one now.
    Changed,
    /// It goes.
    Gone,
}

/// What a pass does with what is known.
pub(crate) trait Rewriter {
    /// May replace an instruction by one that does the same.
    fn insn(&mut self, values: &mut Values<'_>, insn: &mut Insn) -> Fate;

    /// May replace the end of a block; whether it has.
    fn end(&mut self, _values: &mut Values<'_>, _end: &mut End) -> bool {
        false
    }
}

/// Shows a rewriter all instructions that can be reached; whether anything has changed.
pub(crate) fn walk(graph: &mut Graph, context: &Context<'_>, rewriter: &mut impl Rewriter) -> bool {
    let Some(flow) = Flow::of(graph) else { return false };
    let tops: Vec<BlockId> = flow.tops().collect();
    let mut values = Values::new(graph, context, flow);
    let mut changed = false;
    // Blocks to go into, with how far to go back in the log before, and the heap contents at the end of the one above.
    let mut stack: Vec<(BlockId, usize, u32, [u32; 3])> = Vec::new();
    for top in tops {
        stack.push((top, 0, 0, [0; 3]));
        while let Some((number, mark, scope, heap)) = stack.pop() {
            values.back_to(mark);
            values.go_into(graph, number, scope, heap);
            changed |= values.over(graph, number, rewriter);
            let (mark, scope, heap) = (values.log.len(), values.scope, values.heap);
            for &below in values.flow.below(number) {
                stack.push((below, mark, scope, heap));
            }
        }
    }
    for &ty in &values.types[graph.registers.len()..] {
        // There was room for it.
        let _ = graph.new_register(ty, &"".into());
    }
    changed
}

impl<'c> Values<'c> {
    fn new(graph: &Graph, context: &Context<'c>, flow: Flow) -> Values<'c> {
        let count = graph.registers.len();
        let mut writes = vec![0u8; count];
        let mut global_in = vec![NONE; count];
        for (block, insn) in graph.insns() {
            insn.visit(|access, register| {
                if access == Access::Def {
                    let writes = &mut writes[usize::from(register)];
                    *writes = (*writes + 1).min(2);
                    global_in[usize::from(register)] = block;
                }
            });
        }
        graph.ranges.iter().for_each(|range| writes[usize::from(range.register)] = 2);
        for param in &mut writes[..usize::from(graph.params)] {
            *param *= 2;
        }
        let mut values = Values {
            classes: context.classes,
            planted: context.planted,
            types: graph.registers.clone(),
            flow,
            writes,
            global: vec![NONE; count],
            global_in,
            local: vec![(NONE, NONE); count],
            not_null: Vec::new(),
            values: Vec::new(),
            exprs: BTreeMap::new(),
            constants: BTreeMap::new(),
            heap: [0; 3],
            heaps: 0,
            scope: 0,
            scopes: 0,
            block: 0,
            log: Vec::new(),
            inserted: Vec::new(),
        };
        for register in 0..count as u16 {
            if values.writes[usize::from(register)] == 0 {
                let param = register < graph.params;
                let value = if param { values.fresh() } else { values.constant_of(register, 0) };
                values.global[usize::from(register)] = value;
                if param {
                    values.values[value as usize].global = register;
                }
            }
        }
        values
    }

    fn back_to(&mut self, mark: usize) {
        while self.log.len() > mark {
            match self.log.pop() {
                Some(Undo::Local(register, old)) => self.local[usize::from(register)] = old,
                Some(Undo::NotNull(value, old)) => self.not_null[value as usize] = old,
                None => return,
            }
        }
    }

    /// Begins a block, below a dominator with this scope and these heap contents at its end.
    fn go_into(&mut self, graph: &Graph, number: BlockId, scope: u32, heap: [u32; 3]) {
        self.block = number;
        let above = self.flow.only[number as usize];
        if above == NONE {
            self.scopes += 1;
            self.scope = self.scopes;
            self.forget_heap(&[Heap::Fields, Heap::Arrays, Heap::Blocks]);
            return;
        }
        self.scope = scope;
        self.heap = heap;
        if let End::Branch { insn, taken, next } = &graph.blocks[above as usize].end
            && taken != next
        {
            self.learn(insn, *taken == number);
        }
    }

    /// What a branch says where it has gone.
    fn learn(&mut self, insn: &Insn, taken: bool) {
        let sources = insn.sources();
        match (insn.op, &*sources) {
            (Opcode::BeqI64Imm, &[x]) if taken => self.is_number(x, field_b(insn.words()[0])),
            (Opcode::BneI64Imm, &[x]) if !taken => self.is_number(x, field_b(insn.words()[0])),
            (Opcode::Bnull | Opcode::Bnonnull, &[x]) if (insn.op == Opcode::Bnull) == taken => {
                let null = self.constant_of(x, 0);
                self.set_local(x, null);
            }
            (Opcode::Bnull | Opcode::Bnonnull, &[x]) => {
                let value = self.of(x);
                self.note_not_null(value);
            }
            _ => {}
        }
    }

    fn is_number(&mut self, register: u16, bits: u16) {
        let value = self.constant_of(register, i64::from(bits as i16) as u64);
        self.set_local(register, value);
    }

    fn over(&mut self, graph: &mut Graph, number: BlockId, rewriter: &mut impl Rewriter) -> bool {
        let mut changed = false;
        let block = &mut graph.blocks[number as usize];
        let Block { insns, end, .. } = block;
        for mut insn in std::mem::take(insns) {
            let fate = rewriter.insn(self, &mut insn);
            changed |= fate != Fate::Same;
            for before in std::mem::take(&mut self.inserted) {
                self.note(&before);
                insns.push(before);
            }
            if fate != Fate::Gone {
                self.note(&insn);
                insns.push(insn);
            }
        }
        changed |= rewriter.end(self, end);
        changed
    }

    /// A new register, which is written once and in this block; none when there are too many.
    pub(crate) fn new_register(&mut self, ty: TypeId) -> Option<u16> {
        let number = self.types.len();
        if number >= limits::REGISTERS_MAX {
            return None;
        }
        self.types.push(ty);
        self.writes.push(1);
        self.global.push(NONE);
        self.global_in.push(self.block);
        self.local.push((NONE, NONE));
        Some(number as u16)
    }

    /// Puts an instruction in front of the one that is shown.
    pub(crate) fn insert(&mut self, insn: Insn) {
        self.inserted.push(insn);
    }

    fn fresh(&mut self) -> Vn {
        self.values.push(Value { constant: None, global: NOWHERE, local: NOWHERE, expr: None, class: None });
        self.not_null.push(NONE);
        self.values.len() as Vn - 1
    }

    /// The value with these bits, as a register of the type of `register` holds it.
    pub(crate) fn constant_of(&mut self, register: u16, bits: u64) -> Vn {
        let ty = self.types[usize::from(register)];
        let kind = (ty.is_ref(), ty == TypeId::F64, bits);
        if let Some(&value) = self.constants.get(&kind) {
            return value;
        }
        let value = self.fresh();
        self.values[value as usize].constant = Some(bits);
        self.constants.insert(kind, value);
        value
    }

    /// The value that a register holds here.
    pub(crate) fn of(&mut self, register: u16) -> Vn {
        let index = usize::from(register);
        let (scope, value) = self.local[index];
        if scope == self.scope {
            return value;
        }
        let value = self.global[index];
        if value != NONE
            && self.writes[index] < 2
            && (self.global_in[index] == NONE || self.flow.dominates(self.global_in[index], self.block))
        {
            return value;
        }
        let value = self.fresh();
        self.values[value as usize].local = register;
        self.set_local(register, value);
        value
    }

    /// The bits of a value, if it is a number or null that is known.
    pub(crate) fn constant(&self, value: Vn) -> Option<u64> {
        self.values[value as usize].constant
    }

    /// What a value was computed by, if that is known.
    pub(crate) fn expr(&self, value: Vn) -> Option<Expr> {
        self.values[value as usize].expr
    }

    /// The class of a value that is a new object.
    pub(crate) fn class(&self, value: Vn) -> Option<TypeId> {
        self.values[value as usize].class
    }

    /// Whether a reference is known not to be null here.
    pub(crate) fn is_not_null(&self, value: Vn) -> bool {
        self.not_null[value as usize] == self.scope || self.values[value as usize].class.is_some()
    }

    /// A register that holds the value here: the first one that did, if it still does.
    pub(crate) fn holder(&self, value: Vn) -> Option<u16> {
        let Value { global, local, .. } = self.values[value as usize];
        [local, global].into_iter().find(|&register| register != NOWHERE && self.holds(register, value))
    }

    /// Whether a register is known to hold a value here.
    fn holds(&self, register: u16, value: Vn) -> bool {
        let index = usize::from(register);
        let (scope, here) = self.local[index];
        if scope == self.scope {
            return here == value || self.plants(Planted::OldCopies);
        }
        self.global[index] == value
            && self.writes[index] < 2
            && (self.global_in[index] == NONE || self.flow.dominates(self.global_in[index], self.block))
    }

    fn set_local(&mut self, register: u16, value: Vn) {
        let index = usize::from(register);
        self.log.push(Undo::Local(register, self.local[index]));
        self.local[index] = (self.scope, value);
    }

    fn note_not_null(&mut self, value: Vn) {
        self.log.push(Undo::NotNull(value, self.not_null[value as usize]));
        self.not_null[value as usize] = self.scope;
    }

    /// A register holds this value from here on.
    fn set(&mut self, register: u16, value: Vn) {
        let index = usize::from(register);
        self.set_local(register, value);
        if self.writes[index] < 2 {
            self.global[index] = value;
            let known = self.values[value as usize].global;
            if known == NOWHERE || !self.holds(known, value) {
                self.values[value as usize].global = register;
            }
        }
        let known = self.values[value as usize].local;
        if known == NOWHERE || !self.holds(known, value) {
            self.values[value as usize].local = register;
        }
    }

    fn plants(&self, bug: Planted) -> bool {
        cfg!(feature = "planted-bugs") && self.planted == Some(bug)
    }

    fn forget_heap(&mut self, kinds: &[Heap]) {
        if self.plants(Planted::StaleLoads) {
            return;
        }
        for &kind in kinds {
            self.heaps += 1;
            self.heap[kind as usize] = self.heaps;
        }
    }

    /// The expression that an instruction computes, if it gives the same for the same operands.
    pub(crate) fn expr_of(&mut self, insn: &Insn) -> Option<Expr> {
        let info = insn.op.info();
        let heap = self.heap_read_by(insn.op)?;
        let mut args = [NONE; 3];
        let mut count = 0;
        insn.visit(|access, register| {
            if access == Access::Src {
                if count < 3 {
                    args[count] = self.of(register);
                }
                count += 1;
            }
        });
        if count > 3 || info.shape != Shape::Fixed {
            return None;
        }
        let words = insn.words();
        let extra = match info.operands {
            [.., Operand::Imm16 | Operand::Type | Operand::Field] if info.operands.len() == 3 => {
                field_c(words[0]).into()
            }
            [_, Operand::Type, ..] => field_b(words[0]).into(),
            [_, Operand::Literal] => imm32(words[0]) as u32 as u64,
            _ => 0,
        };
        if is_commutative(insn.op) && args[0] > args[1] {
            args.swap(0, 1);
        }
        Some(Expr { op: insn.op, args, extra, heap })
    }

    /// The number of the heap contents that an instruction depends on: 0 for none. None for instructions that give
    /// something else each time.
    fn heap_read_by(&self, op: Opcode) -> Option<u32> {
        use Opcode as O;
        let info = op.info();
        if matches!(op, O::ConstLiteral | O::Fref) {
            // One object for each literal and process.
            return Some(0);
        }
        if matches!(op, O::Mov | O::ConstI64 | O::ConstI64Wide | O::ConstF64 | O::ConstNull) {
            return None;
        }
        if op.is_plain()
            || op.opposite().is_none() && info.effects.is_empty() && info.kind != mvm_isa::OpKind::Special
        {
            return Some(0);
        }
        if info.effects != [Effect::Reads] {
            return None;
        }
        match info.operands {
            // Text, byte strings, and lengths and classes of objects do not change; blocks can be freed.
            _ if matches!(
                op,
                O::ArrayLen | O::Test | O::Cast | O::UnboxI64 | O::UnboxF64 | O::Same | O::BytesGet
            ) =>
            {
                Some(0)
            }
            [_, Operand::Src(mvm_isa::Ty::Str | mvm_isa::Ty::Bytes), ..] => Some(0),
            [_, Operand::Src(mvm_isa::Ty::Object), Operand::Field] => Some(self.heap[Heap::Fields as usize]),
            [_, Operand::Src(mvm_isa::Ty::ArrayOf(_) | mvm_isa::Ty::RefArray), Operand::Src(_)] => {
                Some(self.heap[Heap::Arrays as usize])
            }
            [_, Operand::Src(mvm_isa::Ty::Block), ..] => Some(self.heap[Heap::Blocks as usize]),
            _ => None,
        }
    }

    /// The value of an expression, if some instruction has computed it on the way here.
    pub(crate) fn known(&self, expr: &Expr) -> Option<Vn> {
        self.exprs.get(expr).copied().filter(|&value| self.holder(value).is_some())
    }

    /// What is known behind an instruction.
    fn note(&mut self, insn: &Insn) {
        use Opcode as O;
        let words = insn.words();
        match (insn.op, insn.result()) {
            (O::Mov, Some(to)) => {
                let value = self.of(insn.sources()[0]);
                return self.set(to, value);
            }
            (O::ConstI64, Some(to)) => return self.set_constant(to, i64::from(imm32(words[0])) as u64),
            (O::ConstI64Wide | O::ConstF64, Some(to)) => return self.set_constant(to, words[1]),
            (O::ConstNull, Some(to)) => return self.set_constant(to, 0),
            _ => {}
        }
        let expr = self.expr_of(insn);
        let known = expr.and_then(|expr| self.known(&expr));
        let object = self.object_of(insn).map(|object| self.of(object));
        self.note_writes(insn);
        if let Some(object) = object {
            self.note_not_null(object);
        }
        let length = if insn.op == O::NewArray { Some(self.of(insn.sources()[0])) } else { None };
        match insn.result() {
            Some(to) => {
                let value = known.unwrap_or_else(|| self.fresh());
                if known.is_none() {
                    self.values[value as usize].expr = expr;
                    if let Some(expr) = expr {
                        self.exprs.insert(expr, value);
                    }
                    if matches!(insn.op, O::New | O::NewWith) {
                        self.values[value as usize].class = Some(TypeId(field_b(words[0])));
                    }
                }
                self.set(to, value);
                if gives_objects(insn.op) {
                    self.note_not_null(value);
                }
                if let Some(length) = length {
                    let args = [value, NONE, NONE];
                    self.exprs.insert(Expr { op: O::ArrayLen, args, extra: 0, heap: 0 }, length);
                }
            }
            None => {
                for to in insn.results() {
                    let value = self.fresh();
                    self.set(to, value);
                }
            }
        }
        self.note_stored(insn);
    }

    fn set_constant(&mut self, to: u16, bits: u64) {
        let value = self.constant_of(to, bits);
        self.set(to, value);
    }

    /// The register whose object an instruction has looked at, so that it was not null.
    fn object_of(&self, insn: &Insn) -> Option<u16> {
        let info = insn.op.info();
        if !info.traps.contains(&mvm_isa::TrapCode::NullReference) || info.shape == Shape::Sys {
            return None;
        }
        insn.sources().first().copied().filter(|&register| self.types[usize::from(register)].is_ref())
    }

    fn note_writes(&mut self, insn: &Insn) {
        let info = insn.op.info();
        let all = [Heap::Fields, Heap::Arrays, Heap::Blocks];
        if info.has(Effect::Calls)
            || info.has(Effect::External)
            || info.has(Effect::Blocks)
            || insn.op == Opcode::Brk
        {
            self.forget_heap(&all);
        } else if info.has(Effect::Writes) {
            match info.operands {
                _ if insn.op == Opcode::Serial => {}
                [Operand::Src(mvm_isa::Ty::Object), ..] => self.forget_heap(&[Heap::Fields]),
                [Operand::Src(mvm_isa::Ty::Array | mvm_isa::Ty::ArrayOf(_) | mvm_isa::Ty::RefArray), ..] => {
                    self.forget_heap(&[Heap::Arrays]);
                }
                [Operand::Src(mvm_isa::Ty::Block), ..] => self.forget_heap(&[Heap::Blocks]),
                _ => self.forget_heap(&all),
            }
        }
    }

    /// A load of what was just stored gives that. (Not floats: a NaN may be stored in another form. Not narrow ones.)
    fn note_stored(&mut self, insn: &Insn) {
        use Opcode as O;
        let (op, kind) = match insn.op {
            O::SetFieldI64 => (O::GetFieldI64, Heap::Fields),
            O::SetFieldRef => (O::GetFieldRef, Heap::Fields),
            O::SetI64 => (O::GetI64, Heap::Arrays),
            O::SetRef => (O::GetRef, Heap::Arrays),
            _ => return,
        };
        let sources: Vec<Vn> = insn.sources().into_iter().map(|register| self.of(register)).collect();
        let heap = self.heap[kind as usize];
        let (expr, value) = match *sources {
            [object, value] => {
                let extra = field_b(insn.words()[0]).into();
                (Expr { op, args: [object, NONE, NONE], extra, heap }, value)
            }
            [array, index, value] => (Expr { op, args: [array, index, NONE], extra: 0, heap }, value),
            _ => return,
        };
        self.exprs.insert(expr, value);
    }
}

/// Whether an instruction always gives an object.
fn gives_objects(op: Opcode) -> bool {
    use Opcode as O;
    op.info().has(Effect::Allocates) && !matches!(op, O::Call)
}

/// Whether the first two operands may change places.
fn is_commutative(op: Opcode) -> bool {
    use Opcode as O;
    matches!(
        op,
        O::AddI64
            | O::MulI64
            | O::MulhI64
            | O::MulhuI64
            | O::MinI64
            | O::MaxI64
            | O::MinuI64
            | O::MaxuI64
            | O::AndI64
            | O::OrI64
            | O::XorI64
            | O::EqI64
            | O::NeI64
            | O::Add32I64
            | O::Mul32I64
            | O::AddCheckedI64
            | O::MulCheckedI64
            | O::EqF64
            | O::NeF64
            | O::Same
    )
}
