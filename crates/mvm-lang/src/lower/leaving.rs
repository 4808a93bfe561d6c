//! Ways out of code: `break`, `continue`, `return`, `throw`, `try`, and `defer`, which stands in all of their ways.
//!
//! The code of a `defer` exists once. Everything that leaves its block writes down which way it goes, into a register, and
//! goes to that code; behind it a `switch` goes on. Exceptions come there by a handler range around the rest of the block.
//! What is behind the switch may meet the next `defer` outside, and so on.

use mvm_isa::{Opcode, TypeId};
use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::regs::Regs;
use crate::hir::{Catch, ExprId, ExprKind, LoopId};
use crate::types::Ty;

/// Something that ways out pass.
#[derive(Debug)]
pub(crate) enum Scope {
    /// A loop.
    Loop {
        /// Its name.
        id: LoopId,
        /// Where `break` goes.
        end: Block,
        /// Where `continue` goes.
        go_on: Block,
    },
    /// Deferred code, which runs whatever happens.
    Defer {
        /// Its expression.
        code: ExprId,
        /// Where it begins.
        start: Block,
        /// The number of the way that is taken.
        way: u16,
        /// The exception that is on its way.
        error: u16,
        /// Where an exception comes in.
        handler: Block,
        /// The ways, by number.
        exits: Vec<Exit>,
    },
}

/// A way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The end of the block.
    End(Block),
    /// `break`
    Break(LoopId),
    /// `continue`
    Continue(LoopId),
    /// `return`; the value is in its registers.
    Return,
    /// An exception, which is in this register.
    Throw(u16),
}

impl Code<'_, '_> {
    /// Code that does not go on, or may not.
    pub(crate) fn leaving(&mut self, expr: ExprId, want: Want) -> Regs {
        let body = self.body;
        let node = &body.exprs[expr.index()];
        match &node.kind {
            &ExprKind::Break(id) => self.leave_to(Exit::Break(id)),
            &ExprKind::Continue(id) => self.leave_to(Exit::Continue(id)),
            &ExprKind::Return(value) => self.return_value(value),
            &ExprKind::Throw(value) => {
                let error = self.one(value);
                self.at(node.span);
                self.b.throw(error);
            }
            // Those that are statements of a block are made there.
            &ExprKind::Defer(code) => {
                self.open_defer(code);
                self.close_defer();
            }
            ExprKind::Try { body, catches } => return self.try_expr(expr, *body, catches, want),
            _ => {}
        }
        Regs::NONE
    }

    fn return_value(&mut self, value: Option<ExprId>) {
        let waits = self.scopes.iter().any(|scope| matches!(scope, Scope::Defer { .. }));
        let result = self.result;
        let Some(value) = value.filter(|_| result != Ty::UNIT) else {
            if let Some(value) = value {
                self.eval(value, Want::Nothing);
            }
            return self.leave_to(Exit::Return);
        };
        if !waits {
            self.eval(value, Want::Result);
            return;
        }
        let to = match self.result_at {
            Some(to) => to,
            None => self.own_registers(result),
        };
        self.result_at = Some(to);
        self.into(value, to);
        self.leave_to(Exit::Return);
    }

    /// Goes a way, by way of the next deferred code.
    pub(crate) fn leave_to(&mut self, exit: Exit) {
        if !self.b.is_open() {
            return;
        }
        for scope in self.scopes.iter_mut().rev() {
            match scope {
                Scope::Loop { id, end, go_on } => match exit {
                    Exit::Break(wanted) if wanted == *id => return self.b.jump(*end),
                    Exit::Continue(wanted) if wanted == *id => return self.b.jump(*go_on),
                    _ => {}
                },
                Scope::Defer { start, way, exits, .. } => {
                    let number = match exits.iter().position(|known| *known == exit) {
                        Some(number) => number,
                        None => {
                            exits.push(exit);
                            exits.len() - 1
                        }
                    };
                    self.b.const_i64(*way, number as i64);
                    return self.b.jump(*start);
                }
            }
        }
        match exit {
            Exit::Return => {
                let value = self.result_at.filter(|_| self.result != Ty::UNIT).unwrap_or(Regs::NONE);
                self.b.ret(&value);
            }
            Exit::Throw(error) => self.b.throw(error),
            Exit::End(block) => self.b.jump(block),
            Exit::Break(_) | Exit::Continue(_) => self.b.unreachable(),
        }
    }

    /// From here to the end of the block, the code is deferred.
    pub(crate) fn open_defer(&mut self, code: ExprId) {
        let (start, handler) = (self.b.block(), self.b.block());
        let way = self.own_registers(Ty::INT)[0];
        let error = self.b.register(TypeId::ERROR);
        self.b.open_range(TypeId::ERROR, error, handler);
        self.scopes.push(Scope::Defer { code, start, way, error, handler, exits: Vec::new() });
    }

    /// The end of the block: here is the code of the innermost `defer`.
    pub(crate) fn close_defer(&mut self) {
        let end = self.b.block();
        self.leave_to(Exit::End(end));
        self.b.close_range();
        let Some(Scope::Defer { code, start, way, error, handler, mut exits }) = self.scopes.pop() else {
            return;
        };
        self.b.start(handler);
        self.b.const_i64(way, exits.len() as i64);
        exits.push(Exit::Throw(error));
        self.b.start(start);
        self.arm(code, Want::Nothing);
        let ways: Vec<(Block, Exit)> = exits.into_iter().map(|exit| (self.b.block(), exit)).collect();
        match *ways {
            [(only, _)] => self.b.jump(only),
            [(first, _), (second, _)] => {
                self.b.branch(Opcode::BeqI64Imm, &[way.into(), 0], first, second);
            }
            ref several => {
                let blocks: Vec<Block> = several.iter().map(|&(block, _)| block).collect();
                self.b.switch(way, blocks[blocks.len() - 1], &blocks);
            }
        }
        for (block, exit) in ways {
            self.b.start_apart(block);
            match exit {
                // Only this block's own end; all others pass what is around.
                Exit::End(block) => self.b.jump(block),
                // The exception goes to the handlers around by itself, by way of the code of the next `defer`.
                Exit::Throw(error) => self.b.throw(error),
                other => self.leave_to(other),
            }
        }
        self.b.start(end);
    }

    /// `try`. The first handler is the innermost.
    fn try_expr(&mut self, expr: ExprId, body: ExprId, catches: &[Catch], want: Want) -> Regs {
        let ty = self.ty_of(expr);
        let to = match want {
            Want::Any => Want::Into(self.temps(ty)),
            other => other,
        };
        let end = self.b.block();
        let mut handlers = Vec::with_capacity(catches.len());
        for catch in catches.iter().rev() {
            let class = self.ty(catch.class);
            let id = self.low.class_type(class);
            let handler = self.b.block();
            let register = match self.is_shared(catch.local) {
                true => self.b.register(id),
                false => self.declare(catch.local).map_or(0, |regs| regs[0]),
            };
            self.b.open_range(id, register, handler);
            handlers.push((handler, register, catch));
        }
        self.arm(body, to);
        for _ in catches {
            self.b.close_range();
        }
        self.b.jump(end);
        for (handler, register, catch) in handlers.into_iter().rev() {
            self.b.start_apart(handler);
            if self.is_shared(catch.local) {
                self.declare(catch.local);
                self.write_local(catch.local, Regs::one(register));
            }
            self.arm(catch.body, to);
            self.b.jump(end);
        }
        self.b.start(end);
        match to {
            Want::Into(to) => to,
            _ => Regs::NONE,
        }
    }
}
