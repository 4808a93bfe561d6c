//! Straight-line programs of pure instructions.
//!
//! A [`Case`] carries no registers and no text: `sem::eval` runs it directly ([`Case::check_with_eval`]), and a test of
//! an executor assembles it, one instruction a step, with arguments and constants in registers of the types that the
//! table asks for.

use mvm_isa::{Opcode, Operand as Row, Trap, TrapCode, Ty, sem};

/// Where a step takes an operand from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// Argument of the case.
    Arg(usize),
    /// Result of an earlier step.
    Step(usize),
    /// A constant: the bits of a register, or the immediate of the instruction, sign-extended.
    Const(u64),
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// A pure instruction.
    pub op: Opcode,
    /// Its sources in assembly order, an immediate included.
    pub operands: Vec<Value>,
}

/// What the last step of a case has to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This register, bit for bit.
    Value(u64),
    /// Some step raises one of these traps.
    Trap(&'static [TrapCode]),
}

/// A program with its arguments and what it has to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Where it comes from, for messages.
    pub name: String,
    /// At least one step; the result is that of the last.
    pub program: Vec<Step>,
    /// Registers of the arguments.
    pub args: Vec<u64>,
    /// What has to come out.
    pub expected: Expected,
}

impl Case {
    /// Types of the arguments, [`Ty::I64`] or [`Ty::F64`], from the rows that read them. An argument that nothing
    /// reads is an integer.
    pub fn arg_types(&self) -> Vec<Ty> {
        let mut types = vec![Ty::I64; self.args.len()];
        for step in &self.program {
            for (value, ty) in step.operands.iter().zip(operand_types(step.op)) {
                if let (Value::Arg(index), Some(ty)) = (value, ty) {
                    types[*index] = ty;
                }
            }
        }
        types
    }

    /// Type of the result.
    pub fn result_type(&self) -> Ty {
        let def = |row: &Row| if let Row::Def(ty) = row { Some(*ty) } else { None };
        self.program.last().and_then(|step| step.op.info().operands.iter().find_map(def)).unwrap_or(Ty::I64)
    }

    /// Judges what an executor gave. `Err` is a message.
    pub fn judge(&self, got: Result<u64, Trap>) -> Result<(), String> {
        let fits = match (self.expected, got) {
            (Expected::Value(wanted), Ok(value)) => wanted == value,
            (Expected::Trap(codes), Err(trap)) => codes.contains(&trap.code),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(format!("{}: args {:x?}: expected {:x?}, got {got:x?}", self.name, self.args, self.expected))
    }

    /// Runs the case with [`sem::eval`] and judges the result.
    pub fn check_with_eval(&self) -> Result<(), String> {
        let mut results: Vec<u64> = Vec::new();
        for step in &self.program {
            let operands: Vec<u64> = step
                .operands
                .iter()
                .map(|value| match *value {
                    Value::Arg(index) => self.args[index],
                    Value::Step(index) => results[index],
                    Value::Const(bits) => bits,
                })
                .collect();
            match sem::eval(step.op, &operands) {
                Some(Ok(result)) => results.push(result),
                Some(Err(trap)) => return self.judge(Err(trap)),
                None => return Err(format!("{}: {:?} does not take {operands:x?}", self.name, step.op)),
            }
        }
        self.judge(Ok(results.last().copied().unwrap_or(0)))
    }
}

/// For each source operand of a pure instruction its register type; `None` for an immediate.
pub fn operand_types(op: Opcode) -> impl Iterator<Item = Option<Ty>> {
    op.info().operands.iter().filter_map(|row| match row {
        Row::Src(ty) => Some(Some(*ty)),
        Row::Imm16 => Some(None),
        _ => None,
    })
}
