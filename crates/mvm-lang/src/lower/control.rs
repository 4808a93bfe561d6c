//! Blocks, `let`, `if` and loops.

use mvm_isa::Opcode;
use mvm_opt::build::Block;

use super::body::{Code, Want};
use super::leaving::Scope;
use super::regs::Regs;
use crate::hir::{ExprId, ExprKind, LocalId, LoopId, PatId, PatKind};
use crate::types::Ty;

impl Code<'_, '_> {
    /// Statements, and the value of the last one.
    pub(crate) fn block(&mut self, statements: &[ExprId], value: Option<ExprId>, want: Want) -> Regs {
        let deferred =
            statements.iter().any(|&statement| matches!(self.expr(statement).kind, ExprKind::Defer(_)));
        if want == Want::Result && (deferred || value.is_none()) {
            let value = self.block(statements, value, Want::Any);
            self.return_regs(value);
            return Regs::NONE;
        }
        // Deferred code must not change a value that is a variable, and must not see that one has been assigned.
        let result = match value {
            Some(value) if want != Want::Nothing => {
                let ty = self.ty_of(value);
                if deferred || want == Want::Any { Some(self.temps(ty)) } else { None }
            }
            _ => None,
        };
        let outside = self.scopes.len();
        for &statement in statements {
            let mark = self.mark();
            if let ExprKind::Defer(code) = self.expr(statement).kind {
                self.open_defer(code);
                continue;
            }
            self.eval(statement, Want::Nothing);
            self.release(mark);
        }
        let given = match (value, result) {
            (None, _) => Regs::NONE,
            (Some(value), Some(to)) => {
                // Without deferred code a variable of an outer block may stay where it is.
                self.eval(value, Want::Into(to));
                to
            }
            (Some(value), None) => self.eval(value, want),
        };
        while self.scopes.len() > outside {
            self.close_defer();
        }
        if result.is_some() { self.give(want, given) } else { given }
    }

    /// `let` and `var`.
    pub(crate) fn let_stmt(&mut self, pat: PatId, value: Option<ExprId>) -> Regs {
        let body = self.body;
        let kind = &body.pats[pat.index()].kind;
        let mark = self.mark();
        match (kind, value) {
            (PatKind::Bind(local), Some(value)) => self.let_local(*local, value),
            (_, Some(value)) => {
                let ty = self.ty_of(value);
                let found = self.value(value);
                self.bind_pattern(pat, ty, found);
            }
            (_, None) => body.bound(pat, &mut |local| {
                self.declare(local);
            }),
        }
        self.release(mark);
        Regs::NONE
    }

    fn let_local(&mut self, local: LocalId, value: ExprId) {
        if self.is_shared(local) {
            // The value first: it may be about a variable of the same name.
            let found = self.value(value);
            self.declare(local);
            self.write_local(local, found);
        } else if let Some(to) = self.declare(local) {
            self.into(value, to);
        }
    }

    /// `if`.
    pub(crate) fn if_expr(&mut self, expr: ExprId, want: Want) -> Regs {
        let ExprKind::If { condition, then, otherwise } = self.expr(expr).kind else { return Regs::NONE };
        let ty = self.ty_of(expr);
        let to = match want {
            Want::Any => Want::Into(self.temps(ty)),
            other => other,
        };
        let (yes, end) = (self.b.block(), self.b.block());
        let no = if otherwise.is_some() { self.b.block() } else { end };
        self.at(self.expr(condition).span);
        self.branch(condition, yes, no);
        self.b.start(yes);
        self.arm(then, to);
        self.b.jump(end);
        if let Some(otherwise) = otherwise {
            self.b.start(no);
            self.arm(otherwise, to);
        }
        self.b.start(end);
        match to {
            Want::Into(to) => to,
            _ => Regs::NONE,
        }
    }

    /// Code of which one of several alternatives is executed.
    pub(crate) fn arm(&mut self, expr: ExprId, want: Want) {
        let mark = self.mark();
        self.eval(expr, want);
        self.release(mark);
    }

    /// Loops.
    pub(crate) fn loop_expr(&mut self, expr: ExprId) -> Regs {
        let mark = self.mark();
        match self.expr(expr).kind {
            ExprKind::While { id, condition, body } => self.while_loop(id, condition, body),
            ExprKind::ForRange { id, local, start, end, inclusive, down: true, body } => {
                self.for_down(id, local, [start, end], inclusive, body)
            }
            ExprKind::ForRange { id, local, start, end, inclusive, down: false, body } => {
                self.for_range(id, local, [start, end], inclusive, body);
            }
            ExprKind::ForEach { id, iterator, start, has_next, next, pat, body } => {
                self.let_local(iterator, start);
                self.for_each(id, has_next, next, pat, body);
            }
            _ => {}
        }
        self.release(mark);
        Regs::NONE
    }

    /// The condition stands at the end, so that each turn has one branch, and once in front.
    fn while_loop(&mut self, id: LoopId, condition: ExprId, body: ExprId) {
        let (turn, test, end) = (self.b.block(), self.b.block(), self.b.block());
        let forever = matches!(self.expr(condition).kind, ExprKind::Bool(true));
        // A condition that binds or is long stands once, at the beginning.
        let plain = self.is_small(condition);
        if forever {
            self.b.start(turn);
            self.turn(id, body, turn, end);
            self.b.jump(turn);
        } else if plain {
            self.branch(condition, turn, end);
            self.b.start(turn);
            self.turn(id, body, test, end);
            self.b.start(test);
            self.branch(condition, turn, end);
        } else {
            self.b.start(test);
            self.branch(condition, turn, end);
            self.b.start(turn);
            self.turn(id, body, test, end);
            self.b.jump(test);
        }
        self.b.start(end);
    }

    /// Whether a condition is a comparison of variables and constants or the like, whose code may stand twice.
    fn is_small(&self, condition: ExprId) -> bool {
        let simple = |expr: ExprId| {
            matches!(
                self.expr(expr).kind,
                ExprKind::Local(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Const(_)
            ) || matches!(self.expr(expr).kind, ExprKind::Field { object, .. }
                if matches!(self.expr(object).kind, ExprKind::Local(_)))
        };
        match self.expr(condition).kind {
            ExprKind::Compare(_, a, b) => simple(a) && simple(b),
            ExprKind::Not(a) => self.is_small(a),
            _ => simple(condition),
        }
    }

    /// The body of a loop, in the scope of its name.
    fn turn(&mut self, id: LoopId, body: ExprId, go_on: Block, end: Block) {
        self.scopes.push(Scope::Loop { id, end, go_on });
        self.arm(body, Want::Nothing);
        self.scopes.pop();
    }

    /// The register that counts for a loop: that of its variable; another one where the variable is assigned, because each turn has a fresh one.
    fn counter(&mut self, local: LocalId) -> u16 {
        let own = !self.body.locals[local.index()].assigned;
        match own.then(|| self.declare(local)).flatten() {
            Some(regs) => regs[0],
            None => self.own_registers(Ty::INT)[0],
        }
    }

    /// The body of a loop that counts.
    fn counted_turn(
        &mut self,
        id: LoopId,
        local: LocalId,
        counter: u16,
        body: ExprId,
        [step, done]: [Block; 2],
    ) {
        if self.body.locals[local.index()].assigned {
            self.declare(local);
            self.write_local(local, Regs::one(counter));
        }
        self.turn(id, body, step, done);
    }

    /// `for x in a..b`. The counter never passes the last number, so nothing overflows.
    fn for_range(&mut self, id: LoopId, local: LocalId, range: [ExprId; 2], inclusive: bool, body: ExprId) {
        let counter = self.counter(local);
        let limit = self.limit(range, counter, inclusive);
        let (turn, step, done) = (self.b.block(), self.b.block(), self.b.block());
        self.branch_limit(counter, limit, inclusive, turn, done);
        self.b.start(turn);
        self.counted_turn(id, local, counter, body, [step, done]);
        self.b.start(step);
        let one_more = [counter.into(), counter.into(), 1];
        if limit.room {
            self.b.insn(Opcode::AddI64Imm, &one_more);
            self.branch_limit(counter, limit, inclusive, turn, done);
        } else {
            let next = self.b.block();
            self.branch_limit(counter, limit, false, next, done);
            self.b.start(next);
            self.b.insn(Opcode::AddI64Imm, &one_more);
            self.b.jump(turn);
        }
        self.b.start(done);
    }

    /// `for x in (a..b).reversed()`. The counter never passes the first number, so nothing overflows.
    fn for_down(&mut self, id: LoopId, local: LocalId, range: [ExprId; 2], inclusive: bool, body: ExprId) {
        let [start, end] = range;
        let least = match self.known_int(start).and_then(|known| i16::try_from(known).ok()) {
            Some(known) => Limit { end: known.into(), immediate: true, room: true },
            None => {
                let register = self.own_registers(Ty::INT)[0];
                self.into(start, Regs::one(register));
                Limit { end: register.into(), immediate: false, room: false }
            }
        };
        let counter = self.counter(local);
        self.into(end, Regs::one(counter));
        let (turn, step, done) = (self.b.block(), self.b.block(), self.b.block());
        let [above, not_below] = match least.immediate {
            true => [Opcode::BgtI64Imm, Opcode::BgeI64Imm],
            false => [Opcode::BltI64, Opcode::BleI64],
        };
        // Of two registers the smaller one stands first.
        let operands = match least.immediate {
            true => [counter.into(), least.end],
            false => [least.end, counter.into()],
        };
        let one_less = [counter.into(), counter.into(), -1];
        let begin = self.b.block();
        self.b.branch(if inclusive { not_below } else { above }, &operands, begin, done);
        self.b.start(begin);
        if !inclusive {
            self.b.insn(Opcode::AddI64Imm, &one_less);
        }
        self.b.jump(turn);
        self.b.start(turn);
        self.counted_turn(id, local, counter, body, [step, done]);
        self.b.start(step);
        if least.room {
            self.b.insn(Opcode::AddI64Imm, &one_less);
            self.b.branch(not_below, &operands, turn, done);
        } else {
            let next = self.b.block();
            self.b.branch(above, &operands, next, done);
            self.b.start(next);
            self.b.insn(Opcode::AddI64Imm, &one_less);
            self.b.jump(turn);
        }
        self.b.start(done);
    }

    /// Evaluates a range: the start goes into the counter. The end is what it is now, whatever the loop assigns.
    fn limit(&mut self, [start, end]: [ExprId; 2], counter: u16, inclusive: bool) -> Limit {
        if let Some(known) = self.known_int(end) {
            self.into(start, Regs::one(counter));
            let room = !inclusive || known < i64::MAX;
            if i16::try_from(known).is_ok() {
                return Limit { end: known, immediate: true, room };
            }
            let register = self.own_registers(Ty::INT)[0];
            self.b.const_i64(register, known);
            return Limit { end: register.into(), immediate: false, room };
        }
        self.into(start, Regs::one(counter));
        let Some(&last) = self.value(end).first() else {
            return Limit { end: 0, immediate: true, room: true };
        };
        let stays = matches!(self.expr(end).kind, ExprKind::Local(_)) && !self.is_temp(last);
        let register = if stays && !self.varies(Regs::one(last)) {
            last
        } else {
            let register = self.own_registers(Ty::INT)[0];
            self.b.mov(register, last);
            register
        };
        Limit { end: register.into(), immediate: false, room: !inclusive }
    }

    fn branch_limit(&mut self, counter: u16, limit: Limit, inclusive: bool, yes: Block, no: Block) {
        let op = match (limit.immediate, inclusive) {
            (true, true) => Opcode::BleI64Imm,
            (true, false) => Opcode::BltI64Imm,
            (false, true) => Opcode::BleI64,
            (false, false) => Opcode::BltI64,
        };
        self.b.branch(op, &[counter.into(), limit.end], yes, no);
    }

    /// `for` over an iterator, which is in its local already.
    fn for_each(&mut self, id: LoopId, has_next: ExprId, next: ExprId, pat: PatId, body: ExprId) {
        let (turn, test, end) = (self.b.block(), self.b.block(), self.b.block());
        self.b.start(test);
        self.at(self.expr(has_next).span);
        self.branch(has_next, turn, end);
        self.b.start(turn);
        let mark = self.mark();
        self.let_stmt(pat, Some(next));
        self.release(mark);
        self.turn(id, body, test, end);
        self.b.jump(test);
        self.b.start(end);
    }
}

/// Where the counter of a loop ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limit {
    /// A number or a register.
    end: i64,
    /// Whether it is a number.
    immediate: bool,
    /// Whether there is a number behind every one that the counter takes.
    room: bool,
}
