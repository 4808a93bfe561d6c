//! Whether variables have a value when they are read, and `let`s get one only once.
//!
//! Only variables that are declared without a value matter, and in initialisers the fields of the object. A walk over the body
//! in the order of evaluation carries along which of them surely have a value, and which may have one.

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use crate::errors::{M0313, M0314, M0335};
use crate::hir::{ExprId, ExprKind, FnId, FnKind, LocalId, LoopId, NominalId, PatKind, Place};

/// A set of tracked things.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Set(Vec<bool>);

impl Set {
    fn both(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, &b)| *a &= b);
    }
    fn either(&mut self, other: &Set) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, &b)| *a |= b);
    }
}

#[derive(Debug, Clone)]
struct State {
    /// What surely has a value here.
    surely: Set,
    /// What may have one.
    maybe: Set,
    /// Control does not come here.
    dead: bool,
}

impl State {
    fn join(&mut self, other: &State) {
        if other.dead {
            return;
        }
        if self.dead {
            *self = other.clone();
            return;
        }
        self.surely.both(&other.surely);
        self.maybe.either(&other.maybe);
    }
}

struct Flow {
    /// Number of each local that is tracked.
    locals: Vec<Option<usize>>,
    /// Fields of the object of an initialiser: first number, count, class.
    fields: Option<(usize, NominalId)>,
    field_numbers: Vec<Option<usize>>,
    /// Whether the base's initialiser has run; tracked too.
    base: Option<usize>,
    own: Option<LocalId>,
    breaks: Vec<(LoopId, State)>,
    /// What is known where an initialiser is left by `return`.
    returns: Vec<(Span, State)>,
    in_closure: bool,
    reports: Vec<Diagnostic>,
}

impl<'t> Checker<'t> {
    /// Judges a body.
    pub(crate) fn flow(&mut self, id: FnId, root: Option<ExprId>) {
        let Some(root) = root else { return };
        let mut count = 0;
        let mut next = || {
            count += 1;
            count - 1
        };
        let locals: Vec<Option<usize>> =
            self.body.infos.iter().map(|info| (!info.has_value).then(&mut next)).collect();
        let function = &self.program.fns[id.index()];
        let is_init = function.kind == FnKind::Init && self.body.own.is_some();
        let owner = function.owner.filter(|_| is_init);
        let mut field_numbers = Vec::new();
        let mut base = None;
        if let Some(owner) = owner {
            let nominal = &self.program.nominals[owner.index()];
            field_numbers =
                nominal.fields.iter().map(|field| field.default.is_none().then(&mut next)).collect();
            base = nominal.base.is_some().then(next);
        }
        if count == 0 {
            return;
        }
        let empty = Set(vec![false; count]);
        let mut state = State { surely: empty.clone(), maybe: empty, dead: false };
        let mut flow = Flow {
            locals,
            fields: owner.map(|owner| (0, owner)),
            field_numbers,
            base,
            own: self.body.own.filter(|_| is_init),
            breaks: Vec::new(),
            returns: Vec::new(),
            in_closure: false,
            reports: Vec::new(),
        };
        self.walk(&mut flow, root, &mut state);
        if let Some(owner) = owner {
            for (span, state) in std::mem::take(&mut flow.returns) {
                self.judge_end_of_init(&flow, &state, owner, span);
                if flow.base.is_some_and(|base| !state.surely.0[base]) {
                    let message = "`return` leaves `init` before the initialiser of the base has run";
                    self.error_help(M0335, span, message, "call `super.init(...)` first");
                }
            }
            if !state.dead {
                self.judge_end_of_init(&flow, &state, owner, self.program.fns[id.index()].span);
            }
        }
        let mut reports = flow.reports;
        reports.dedup();
        for report in reports {
            self.report(report);
        }
    }

    fn judge_end_of_init(&mut self, flow: &Flow, state: &State, owner: NominalId, span: Span) {
        let missing: Vec<String> = self.program.nominals[owner.index()]
            .fields
            .iter()
            .zip(&flow.field_numbers)
            .filter(|(_, number)| number.is_some_and(|number| !state.surely.0[number]))
            .map(|(field, _)| field.name.to_string())
            .collect();
        if !missing.is_empty() {
            let verb = if missing.len() == 1 { "has" } else { "have" };
            self.error_help(
                M0335,
                span,
                format!("{} {verb} no value at the end of `init`", super::control::join_words(&missing)),
                "every field gets a value, on every way",
            );
        }
    }

    fn walk_all(&self, flow: &mut Flow, all: &[ExprId], state: &mut State) {
        for &id in all {
            self.walk(flow, id, state);
        }
    }

    fn read(&self, flow: &mut Flow, local: LocalId, state: &State, span: Span) {
        if let Some(number) = flow.locals[local.index()]
            && !state.surely.0[number]
            && !state.dead
        {
            let name = self.body.body.locals[local.index()].name.clone();
            let declared = self.body.infos[local.index()].span;
            let may = if state.maybe.0[number] { "not on every way" } else { "not yet" };
            flow.reports.push(
                Diagnostic::error(M0314, format!("`{name}` has no value here: {may}"))
                    .at(span, "")
                    .with(declared, "declared here without one"),
            );
        }
        if Some(local) == flow.own && !state.dead {
            self.read_self(flow, state, span);
        }
    }

    /// The object of an initialiser is used as a whole.
    fn read_self(&self, flow: &mut Flow, state: &State, span: Span) {
        let Some((_, owner)) = flow.fields else { return };
        let fields = &self.program.nominals[owner.index()].fields;
        let missing = fields
            .iter()
            .zip(&flow.field_numbers)
            .find(|(_, number)| number.is_some_and(|number| !state.surely.0[number]));
        let message = match missing {
            Some((field, _)) => {
                format!("`self` cannot be used before its field `{}` has a value", field.name)
            }
            None if flow.base.is_some_and(|base| !state.surely.0[base]) => {
                "`self` cannot be used before `super.init(...)`".to_owned()
            }
            None => return,
        };
        flow.reports.push(Diagnostic::error(M0335, message).at(span, "").help(
            "in `init` every own field is set first, then comes `super.init(...)`, then everything else",
        ));
    }

    fn assigned(
        &self,
        flow: &mut Flow,
        number: usize,
        local: Option<LocalId>,
        state: &mut State,
        span: Span,
    ) {
        if let Some(local) = local
            && state.maybe.0[number]
            && !state.dead
            && !self.body.infos[local.index()].mutable
        {
            let name = self.body.body.locals[local.index()].name.clone();
            let declared = self.body.infos[local.index()].span;
            flow.reports.push(
                Diagnostic::error(
                    M0313,
                    format!("`{name}` may have a value already, and a `let` gets one only once"),
                )
                .at(span, "")
                .with(declared, "declared here")
                .help(format!("declare it with `var {name}` to assign more than once")),
            );
        }
        state.surely.0[number] = true;
        state.maybe.0[number] = true;
    }

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of expression")]
    fn walk(&self, flow: &mut Flow, id: ExprId, state: &mut State) {
        let expr = self.body.expr(id);
        let span = expr.span;
        match &expr.kind {
            ExprKind::Local(local) => self.read(flow, *local, state, span),
            ExprKind::Field { object, class, field } => {
                if self.own_field(flow, *object, *class) {
                    if let Some(number) = flow.field_numbers[*field as usize]
                        && !state.surely.0[number]
                        && !state.dead
                    {
                        let name = &self.program.nominals[class.index()].fields[*field as usize].name;
                        flow.reports.push(
                            Diagnostic::error(M0314, format!("the field `{name}` has no value yet"))
                                .at(span, ""),
                        );
                    }
                } else {
                    self.walk(flow, *object, state);
                }
            }
            ExprKind::Assign { to, value } => self.walk_assign(flow, to, *value, state, span),
            ExprKind::SuperInit { args, .. } => {
                self.walk_all(flow, args, state);
                if let Some((_, owner)) = flow.fields {
                    let missing = self.program.nominals[owner.index()]
                        .fields
                        .iter()
                        .zip(&flow.field_numbers)
                        .find(|(_, number)| number.is_some_and(|number| !state.surely.0[number]));
                    if let Some((field, _)) = missing {
                        flow.reports.push(
                            Diagnostic::error(
                                M0335,
                                format!("`{}` has no value before `super.init`", field.name),
                            )
                            .at(span, "")
                            .help("in `init` every own field is set first, then comes `super.init(...)`"),
                        );
                    }
                }
                if let Some(base) = flow.base {
                    if state.maybe.0[base] && !state.dead {
                        flow.reports.push(
                            Diagnostic::error(M0335, "`super.init` may have run already")
                                .at(span, "")
                                .help("call it once, outside of loops"),
                        );
                    }
                    (state.surely.0[base], state.maybe.0[base]) = (true, true);
                }
            }
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.walk(flow, *left, state);
                let mut other = state.clone();
                self.walk(flow, *right, &mut other);
                state.join(&other);
            }
            ExprKind::LetStmt { value: Some(value), .. } => self.walk(flow, *value, state),
            // In each turn of a loop it is a new one.
            ExprKind::LetStmt { pat, value: None } => {
                if let PatKind::Bind(local) = self.body.body.pats[pat.index()].kind
                    && let Some(number) = flow.locals[local.index()]
                {
                    (state.surely.0[number], state.maybe.0[number]) = (false, false);
                }
            }
            ExprKind::If { condition, then, otherwise } => {
                self.walk(flow, *condition, state);
                let mut other = state.clone();
                self.walk(flow, *then, state);
                if let Some(otherwise) = otherwise {
                    self.walk(flow, *otherwise, &mut other);
                }
                state.join(&other);
            }
            ExprKind::Match { subject, arms } => {
                self.walk(flow, *subject, state);
                self.walk_arms(flow, arms, None, state);
            }
            ExprKind::Receive { arms, after, .. } => {
                let mut waiting = None;
                if let Some((time, body)) = after {
                    self.walk(flow, *time, state);
                    waiting = Some(*body);
                }
                self.walk_arms(flow, arms, waiting, state);
            }
            ExprKind::While { id, condition, body } => {
                let endless = matches!(self.body.expr(*condition).kind, ExprKind::Bool(true));
                self.walk_loop(flow, *id, &[*condition], &[*body], endless, state);
            }
            ExprKind::ForRange { id, start, end, body, .. } => {
                self.walk(flow, *start, state);
                self.walk(flow, *end, state);
                self.walk_loop(flow, *id, &[], &[*body], false, state);
            }
            ExprKind::ForEach { id, start, has_next, next, body, .. } => {
                self.walk(flow, *start, state);
                self.walk_loop(flow, *id, &[*has_next], &[*next, *body], false, state);
            }
            ExprKind::Break(id) => {
                let now = state.clone();
                match flow.breaks.iter_mut().find(|(of, _)| of == id) {
                    Some((_, at)) => at.join(&now),
                    None => flow.breaks.push((*id, now)),
                }
                state.dead = true;
            }
            ExprKind::Continue(_) => state.dead = true,
            ExprKind::Return(value) => {
                if let Some(value) = value {
                    self.walk(flow, *value, state);
                }
                if flow.fields.is_some() && !flow.in_closure && !state.dead {
                    flow.returns.push((span, state.clone()));
                }
                state.dead = true;
            }
            ExprKind::Throw(value) => {
                self.walk(flow, *value, state);
                state.dead = true;
            }
            ExprKind::Try { body, catches } => {
                let mut start = state.clone();
                self.walk(flow, *body, state);
                // Anything that the body assigns may have happened.
                start.maybe.either(&state.maybe);
                for catch in catches {
                    let mut other = start.clone();
                    self.walk(flow, catch.body, &mut other);
                    state.join(&other);
                }
            }
            ExprKind::Closure { body, .. } => {
                let mut inside = state.clone();
                let outer = std::mem::replace(&mut flow.in_closure, true);
                self.walk(flow, *body, &mut inside);
                flow.in_closure = outer;
            }
            kind => {
                let mut parts = Vec::new();
                kind.visit(&mut |part| parts.push(part));
                self.walk_all(flow, &parts, state);
                let ends = match kind {
                    ExprKind::Block { .. } => false,
                    _ => self.shallow(expr.ty) == crate::types::Ty::NEVER,
                };
                state.dead |= ends;
            }
        }
    }

    fn own_field(&self, flow: &Flow, object: ExprId, class: NominalId) -> bool {
        flow.fields.is_some_and(|(_, owner)| owner == class)
            && matches!(self.body.expr(object).kind, ExprKind::Local(local) if Some(local) == flow.own)
    }

    fn walk_assign(&self, flow: &mut Flow, to: &Place, value: ExprId, state: &mut State, span: Span) {
        match to {
            Place::Local(local) => {
                self.walk(flow, value, state);
                if let Some(number) = flow.locals[local.index()] {
                    self.assigned(flow, number, Some(*local), state, span);
                }
            }
            Place::Field { object, class, field } => {
                if self.own_field(flow, *object, *class) {
                    self.walk(flow, value, state);
                    let declared = &self.program.nominals[class.index()].fields[*field as usize];
                    let again = match flow.field_numbers[*field as usize] {
                        Some(number) => {
                            let before = state.maybe.0[number];
                            self.assigned(flow, number, None, state, span);
                            before
                        }
                        // The default of a field is put there by the initialiser itself.
                        None => span != declared.span,
                    };
                    if again && !declared.mutable && !state.dead {
                        flow.reports.push(
                            Diagnostic::error(
                                M0313,
                                format!(
                                    "`{}` may have a value already, and a `let` gets one only once",
                                    declared.name
                                ),
                            )
                            .at(span, "")
                            .with(declared.span, "declared here"),
                        );
                    }
                } else {
                    self.walk(flow, *object, state);
                    self.walk(flow, value, state);
                }
            }
        }
    }

    fn walk_arms(&self, flow: &mut Flow, arms: &[crate::hir::Arm], other: Option<ExprId>, state: &mut State) {
        let start = state.clone();
        let mut end: Option<State> = None;
        for arm in arms {
            let mut here = start.clone();
            if let Some(guard) = arm.guard {
                self.walk(flow, guard, &mut here);
            }
            self.walk(flow, arm.body, &mut here);
            match &mut end {
                Some(end) => end.join(&here),
                None => end = Some(here),
            }
        }
        if let Some(other) = other {
            let mut here = start.clone();
            self.walk(flow, other, &mut here);
            match &mut end {
                Some(end) => end.join(&here),
                None => end = Some(here),
            }
        }
        *state = end.unwrap_or(start);
    }

    fn walk_loop(
        &self,
        flow: &mut Flow,
        id: LoopId,
        test: &[ExprId],
        body: &[ExprId],
        endless: bool,
        state: &mut State,
    ) {
        self.walk_all(flow, test, state);
        let start = state.clone();
        let mut inside = state.clone();
        self.walk_all(flow, body, &mut inside);
        // The second turn sees what the first may have assigned.
        if inside.maybe != start.maybe {
            let mut again = start.clone();
            again.maybe.either(&inside.maybe);
            again.dead = inside.dead;
            self.walk_all(flow, body, &mut again);
        }
        let left = flow.breaks.iter().position(|(of, _)| *of == id).map(|at| flow.breaks.remove(at).1);
        *state = start;
        state.maybe.either(&inside.maybe);
        state.dead |= endless;
        if let Some(left) = left {
            state.join(&left);
        }
    }
}
