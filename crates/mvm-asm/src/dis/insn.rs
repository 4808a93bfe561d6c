//! One function as text: instructions, labels, handler ranges, debug lines.
//!
//! Everything here is total: words that are no instruction become comments.

use std::collections::BTreeMap;

use mvm_isa::{
    Access, NO_REG, Opcode, Operand, Shape, Syntax, Syscall, TypeId, field_a, field_b, imm32, insn_len,
    opcode_of, targets, visit_registers,
};
use mvm_module::{FuncId, Function, LiteralId};

use super::names::{Names, float, quoted, register_names};

/// An instruction, or a word that is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoded {
    /// Index of the first word.
    pub(super) pc: u32,
    /// The opcode, unless the words are not an instruction.
    pub(super) op: Option<Opcode>,
    /// Number of words.
    pub(super) len: u32,
}

/// Splits code into instructions.
pub(super) fn decode(code: &[u64]) -> impl Iterator<Item = Decoded> + '_ {
    let mut pc = 0;
    std::iter::from_fn(move || {
        let word = *code.get(pc)?;
        let known = opcode_of(word).ok().map(|op| (op, insn_len(op, word)));
        let (op, len) = match known {
            Some((op, len)) if len <= code.len() - pc => (Some(op), len),
            _ => (None, 1),
        };
        let decoded = Decoded { pc: pc as u32, op, len: len as u32 };
        pc += len;
        Some(decoded)
    })
}

/// Names inside one function.
pub(super) struct FunctionNames<'n, 'm> {
    pub(super) names: &'n Names<'m>,
    pub(super) function: &'m Function,
    pub(super) registers: Vec<String>,
    /// Labels by the pc they stand at.
    pub(super) labels: BTreeMap<u32, String>,
}

impl<'n, 'm> FunctionNames<'n, 'm> {
    pub(super) fn new(names: &'n Names<'m>, function: &'m Function) -> Self {
        let labels = labels(function);
        FunctionNames { names, function, registers: register_names(function), labels }
    }

    pub(super) fn register(&self, number: u16) -> String {
        match self.registers.get(usize::from(number)) {
            Some(name) => name.clone(),
            None => format!("_{number}"),
        }
    }

    /// The label at a place; a place that has none is shown as a number.
    pub(super) fn label_at(&self, pc: u32) -> String {
        self.labels.get(&pc).cloned().unwrap_or_else(|| format!("`pc {pc}`"))
    }

    fn register_type(&self, number: u16) -> Option<TypeId> {
        self.function.registers.get(usize::from(number)).copied()
    }

    /// The label at a distance from `pc`; one that leads nowhere is shown as a number.
    fn label(&self, pc: u32, offset: i64) -> String {
        let target = i64::from(pc) + offset;
        let known = u32::try_from(target).ok().and_then(|target| self.labels.get(&target));
        known.cloned().unwrap_or_else(|| format!("`pc {target}`"))
    }

    /// The instruction at `insn` as mnemonic and operands.
    pub(super) fn text(&self, insn: Decoded) -> (&'static str, String) {
        let words = self.function.code.get(insn.pc as usize..(insn.pc + insn.len) as usize).unwrap_or(&[]);
        let Some(op) = insn.op.filter(|_| !words.is_empty()) else {
            return (";", format!("not an instruction: {:#018x}", words.first().copied().unwrap_or(0)));
        };
        let info = op.info();
        let operands = match info.shape {
            Shape::Fixed => self.fixed(op, words, insn.pc),
            Shape::Switch => self.switch(op, words, insn.pc),
            Shape::Call | Shape::CallMany | Shape::TailCall | Shape::Bind | Shape::Sys => {
                self.call_like(op, words)
            }
            Shape::RetMany => Registers::of(op, words).sources(self).join(", "),
            Shape::NewWith => {
                let fields = Registers::of(op, words).sources(self).join(", ");
                let class = self.names.ty(TypeId(field_b(words[0])));
                format!("{}, {class}({fields})", self.register(field_a(words[0])))
            }
        };
        (info.name, operands)
    }

    fn fixed(&self, op: Opcode, words: &[u64], pc: u32) -> String {
        let info = op.info();
        let mut parts: Vec<String> = Vec::with_capacity(info.operands.len());
        for (slot, operand) in info.operands.iter().enumerate() {
            // Slots 0 to 2 are in the first word, the others in the second.
            let value = match slot {
                0..3 => (words[0] >> (16 * (slot + 1))) as u16,
                _ => words.get(1).map_or(0, |word| (word >> (16 * (slot - 3))) as u16),
            };
            let second = words.get(1).copied().unwrap_or(0);
            parts.push(match operand {
                Operand::Def(_) | Operand::Src(_) => self.register(value),
                Operand::Imm16 => (value as i16).to_string(),
                Operand::Imm32 => imm32(words[0]).to_string(),
                Operand::WordI64 => (second as i64).to_string(),
                Operand::WordF64 => float(f64::from_bits(second)),
                Operand::Literal => self.names.literal(LiteralId(imm32(words[0]) as u32)),
                // A test for a box is written as one for its number.
                Operand::Type if op == Opcode::Test && TypeId(value) == TypeId::BOX_I64 => "i64".into(),
                Operand::Type if op == Opcode::Test && TypeId(value) == TypeId::BOX_F64 => "f64".into(),
                Operand::Type => self.names.ty(TypeId(value)),
                Operand::Field => self.field(info.operands, words, slot, value),
                Operand::Func => self.names.function(FuncId(imm32(words[0]) as u32)),
                Operand::Label16 | Operand::Label32 => {
                    targets(op, words).first().map_or_else(String::new, |t| self.label(pc, t.offset))
                }
                // The assembler computes these.
                Operand::Weight | Operand::FrameSize => continue,
            });
        }
        match info.syntax {
            Syntax::Plain => {}
            Syntax::Index(at) => join_two(&mut parts, usize::from(at), "[", "]"),
            Syntax::Field(at) => join_two(&mut parts, usize::from(at), ".", ""),
        }
        parts.join(", ")
    }

    /// The name of the field at an offset of the object in the operand before.
    fn field(&self, operands: &[Operand], words: &[u64], slot: usize, offset: u16) -> String {
        let object = slot.checked_sub(1).filter(|&k| k < 3 && matches!(operands[k], Operand::Src(_)));
        let object = object.map(|k| (words[0] >> (16 * (k + 1))) as u16);
        let layout = object
            .and_then(|register| self.register_type(register))
            .and_then(|ty| self.names.classes.layout(ty));
        match layout.and_then(|layout| layout.field_at(offset)) {
            Some(field) => quoted(&field.name),
            None => format!("`field {offset}`"),
        }
    }

    fn switch(&self, op: Opcode, words: &[u64], pc: u32) -> String {
        let mut parts = vec![self.register(field_a(words[0]))];
        parts.extend(targets(op, words).iter().map(|target| self.label(pc, target.offset)));
        parts.join(", ")
    }

    /// `results, callee(arguments)`.
    fn call_like(&self, op: Opcode, words: &[u64]) -> String {
        let word = words[0];
        let info = op.info();
        let by_reference = matches!(info.operands, [Operand::Src(_)]);
        let registers = Registers::of(op, words);
        let mut arguments: &[u16] = &registers.sources;
        let target = match info.shape {
            Shape::Call | Shape::Bind => imm32(word) as u32 & 0xff_ffff,
            _ => imm32(word) as u32,
        };
        let callee = if by_reference {
            arguments = arguments.get(1..).unwrap_or(&[]);
            self.register(field_b(word))
        } else {
            self.callee(op, target, arguments.first().copied())
        };
        let arguments = arguments.iter().map(|&r| self.register(r)).collect::<Vec<_>>().join(", ");
        let call = format!("{callee}({arguments})");
        match registers.results.as_slice() {
            [] => call,
            [one] => format!("{}, {call}", self.register(*one)),
            many => {
                let many = many.iter().map(|&r| self.register(r)).collect::<Vec<_>>().join(", ");
                format!("({many}), {call}")
            }
        }
    }

    /// The name in front of the arguments.
    fn callee(&self, op: Opcode, target: u32, first: Option<u16>) -> String {
        match op {
            Opcode::CallVirtual | Opcode::CallVirtualMany => {
                let class = first.and_then(|register| self.register_type(register));
                let layout = class.and_then(|ty| self.names.classes.layout(ty).zip(Some(ty)));
                let method =
                    layout.and_then(|(layout, ty)| layout.methods.get(target as usize).zip(Some(ty)));
                match method {
                    Some((method, ty)) => format!("{}.{}", self.names.ty(ty), quoted(&method.name)),
                    None => format!("`method {target}`"),
                }
            }
            Opcode::CallInterface | Opcode::CallInterfaceMany => self.selector(target),
            Opcode::Sys => match Syscall::from_number(target) {
                Some(call) => call.info().name.to_string(),
                None => format!("`syscall {target}`"),
            },
            _ => self.names.function(FuncId(target)),
        }
    }

    fn selector(&self, number: u32) -> String {
        let selector = self.names.module.selectors.get(number as usize);
        let name = selector.and_then(|&selector| self.names.selector(selector));
        name.unwrap_or_else(|| format!("`selector {number}`"))
    }
}

/// Joins operand `at` and the next to one: `a[i]`, `object.field`.
fn join_two(parts: &mut Vec<String>, at: usize, between: &str, after: &str) {
    if at + 1 < parts.len() {
        let second = parts.remove(at + 1);
        parts[at] = format!("{}{between}{second}{after}", parts[at]);
    }
}

/// Registers of a call-like instruction.
struct Registers {
    sources: Vec<u16>,
    results: Vec<u16>,
}

impl Registers {
    fn of(op: Opcode, words: &[u64]) -> Registers {
        let mut registers = Registers { sources: Vec::new(), results: Vec::new() };
        visit_registers(op, words, |access, register| match access {
            Access::Src => registers.sources.push(register),
            Access::Def if register == NO_REG => {}
            Access::Def => registers.results.push(register),
        });
        registers
    }

    fn sources(&self, names: &FunctionNames<'_, '_>) -> Vec<String> {
        self.sources.iter().map(|&register| names.register(register)).collect()
    }
}

/// Gives a label to every place that a branch or a handler leads to, in the order of the code.
fn labels(function: &Function) -> BTreeMap<u32, String> {
    let nested = super::function::nested(&function.handlers);
    let mut places: BTreeMap<u32, String> = BTreeMap::new();
    let mut starts = Vec::new();
    for insn in decode(&function.code) {
        starts.push(insn.pc);
        let Some(op) = insn.op else { continue };
        let words = &function.code[insn.pc as usize..];
        for target in targets(op, words) {
            if let Ok(place) = u32::try_from(i64::from(insn.pc) + target.offset) {
                places.insert(place, String::new());
            }
        }
    }
    starts.push(function.code.len() as u32);
    for handler in &function.handlers {
        places.insert(handler.target, String::new());
        if !nested {
            places.extend([(handler.start, String::new()), (handler.end, String::new())]);
        }
    }
    places.retain(|place, _| starts.binary_search(place).is_ok());
    for (number, label) in places.values_mut().enumerate() {
        *label = format!("L{}", number + 1);
    }
    places
}
