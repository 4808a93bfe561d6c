//! New processes and messages.
//!
//! A message is one reference. What `receive` takes is found by class: the machine looks for the oldest message whose class is in a
//! list, so no code of the program runs on those that stay.

use mvm_isa::{Opcode, Syscall, TypeId};
use mvm_module::{FuncId, Literal, LiteralId, Signature};

use super::body::{Code, Want};
use super::closures::BOUND_MAX;
use super::regs::Regs;
use super::work::{Adapter, Job};
use crate::hir::{Arm, ExprId, ExprKind, PatId, PatKind};
use crate::types::Ty;

impl Code<'_, '_> {
    /// `spawn` and `receive`.
    pub(crate) fn process(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        match &body.exprs[expr.index()].kind {
            ExprKind::Spawn { .. } => self.spawn(expr, want),
            ExprKind::Receive { message, arms, after } => self.receive(*message, arms, *after, expr, want),
            _ => Regs::NONE,
        }
    }

    fn spawn(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        let ExprKind::Spawn { function, generics, args, options } = &node.kind else { return Regs::NONE };
        let operands: Vec<ExprId> = args.iter().chain(options).copied().collect();
        let values = self.values(&operands);
        let types = self.types(generics);
        let function = self.low.instance(*function, types, false);
        let fixed: Vec<u16> = values[..args.len()].iter().flat_map(|value| value.to_vec()).collect();
        self.at(node.span);
        let ty = self.low.fn_type(Signature::default());
        let reference = self.temp(ty);
        if fixed.is_empty() {
            let literal = self.low.fn_literal(function, ty);
            self.b.insn(Opcode::Fref, &[reference.into(), literal.0.into()]);
        } else if fixed.len() <= BOUND_MAX {
            self.b.bind(reference, function, &fixed);
        } else {
            let types: Vec<TypeId> = fixed.iter().map(|&register| self.b.type_of(register)).collect();
            let class = self.low.cell_class(&types);
            let id = self.low.classes[class].id;
            let object = self.temp(id);
            self.b.new_with(object, id, &fixed);
            let function = self.low.job(Job::Adapter(Adapter::Unpack { function, class }));
            self.b.bind(reference, function, &[object]);
        }
        let to = self.target(want, Ty::INT);
        match values.get(args.len()).and_then(|options| options.first()) {
            Some(&options) => self.b.sys(Syscall::SpawnWith as u32, &[reference, options], &to),
            None => self.b.sys(Syscall::Spawn as u32, &[reference], &to),
        }
        to
    }

    fn receive(
        &mut self,
        message: Ty,
        arms: &[Arm],
        after: Option<(ExprId, ExprId)>,
        expr: ExprId,
        want: Want,
    ) -> Regs {
        let (ty, message) = (self.ty_of(expr), self.ty(message));
        let to = match want {
            Want::Any => Want::Into(self.temps(ty)),
            other => other,
        };
        let mark = self.mark();
        let timeout = match after {
            Some((delay, _)) => self.one(delay),
            None => self.number(-1),
        };
        self.at(self.expr(expr).span);
        let note = self.note_of(message);
        let again = self.b.block();
        self.b.jump(again);
        self.b.start(again);
        let (found, how, text) = (self.temp(TypeId::ANY), self.int_temp(), self.temp(TypeId::STR));
        match self.wanted_classes(message, arms) {
            Some(mut classes) => {
                classes.extend(note.map(|(class, _)| class));
                let list = self.temp(TypeId::ARRAY_I64);
                let literal = LiteralId(self.low.literals.len() as u32);
                self.low.literals.push(Literal::Types(classes.into()));
                self.b.insn(Opcode::ConstLiteral, &[list.into(), literal.0.into()]);
                self.b.sys(Syscall::ReceiveOf as u32, &[list, timeout], &[found, how, text]);
            }
            None => self.b.sys(Syscall::Receive as u32, &[timeout], &[found, how, text]),
        }
        let end = self.b.block();
        if let Some((_, late)) = after {
            let (over, some) = (self.b.block(), self.b.block());
            self.b.branch(Opcode::Bnull, &[found.into()], over, some);
            self.b.start(over);
            self.arm(late, to);
            self.b.jump(end);
            self.b.start(some);
        }
        if let Some((class, tell)) = note {
            let (test, told, other) = (self.int_temp(), self.b.block(), self.b.block());
            self.b.insn(Opcode::Test, &[test.into(), found.into(), class.0.into()]);
            self.b.branch(Opcode::BneI64Imm, &[test.into(), 0], told, other);
            self.b.start(told);
            let cast = self.temp(class);
            self.b.insn(Opcode::Cast, &[cast.into(), found.into(), class.0.into()]);
            self.b.call(Opcode::Call, tell.0, &[cast, how, text], &[]);
            self.b.jump(again);
            self.b.start(other);
        }
        let value = self.unpacked(Some(found), message);
        for (number, arm) in arms.iter().enumerate() {
            let next = (number + 1 < arms.len()).then(|| self.b.block());
            let arm_mark = self.mark();
            self.pattern(arm.pat, message, value, next);
            self.arm(arm.body, to);
            self.release(arm_mark);
            self.b.jump(end);
            if let Some(next) = next {
                self.b.start(next);
            }
        }
        self.b.start(end);
        self.release(mark);
        match to {
            Want::Into(to) => to,
            _ => Regs::NONE,
        }
    }

    /// What the machine sends for `monitor` is a note with the function that makes the message of it: its class, and the
    /// function of the library that sends the message.
    fn note_of(&mut self, message: Ty) -> Option<(TypeId, FuncId)> {
        let lang = &self.low.program.lang;
        let (&note, &tell) = (lang.nominals.get("ExitNote")?, lang.fns.get("tell_exit")?);
        let note = self.low.types.named(note, &[message]);
        let class = self.low.class_type(note);
        Some((class, self.low.instance(tell, [message].into(), false)))
    }

    /// The classes of the messages that arms take; none when one takes all.
    fn wanted_classes(&mut self, message: Ty, arms: &[Arm]) -> Option<Vec<TypeId>> {
        let mut classes = Vec::new();
        for arm in arms {
            self.classes_of(message, arm.pat, &mut classes)?;
        }
        Some(classes)
    }

    fn classes_of(&mut self, message: Ty, pat: PatId, classes: &mut Vec<TypeId>) -> Option<()> {
        let body = self.body;
        match &body.pats[pat.index()].kind {
            PatKind::Case(case, _) => {
                let class = self.low.case_class(message, *case);
                classes.push(self.low.classes[class].id);
            }
            PatKind::Class(class, _) => {
                let class = self.ty(*class);
                classes.push(self.low.class_type(class));
            }
            PatKind::Or(parts) => {
                for &part in parts {
                    self.classes_of(message, part, classes)?;
                }
            }
            _ => return None,
        }
        Some(())
    }
}
