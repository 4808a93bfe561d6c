//! Operators.

use mvm_diag::{Diagnostic, Span};

use super::body::Want;
use super::exprs::is_number_literal;
use super::unify::Why;
use super::{Checker, Member};
use crate::ast::{self, BinaryOp, UnaryOp};
use crate::errors::{M0301, M0308};
use crate::hir::{Comparison, ExprId, ExprKind, Op};
use crate::kinds::SyntaxKind as K;
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    pub(crate) fn unary(&mut self, unary: ast::UnaryExpr<'t>, want: Want, span: Span) -> ExprId {
        let (Some(operand), Some(op)) = (unary.operand(), unary.op()) else { return self.poisoned(span) };
        if op == UnaryOp::Not {
            let value = self.expect(operand, Ty::BOOL, &Why::new("what `not` takes", None));
            return self.body.push(ExprKind::Not(value), Ty::BOOL, span);
        }
        if let (UnaryOp::Negate, ast::Expr::Literal(literal)) = (op, operand)
            && let Some(token) = literal.token()
            && token.kind() == K::Int
        {
            let value = self.int_value(token.text(), true, span);
            return self.int_literal(value, want, span);
        }
        // What comes out is no optional, whatever is wanted of it.
        let value = self.infer(operand, self.wanted(want).map_or(Want::Value, Want::Of));
        let ty = self.body.expr(value).ty;
        let ty = self.shallow(ty);
        match (op, ty) {
            (_, Ty::ERROR) => self.poisoned(span),
            (UnaryOp::Negate, Ty::INT | Ty::FLOAT) => self.body.push(ExprKind::Negate(value), ty, span),
            (UnaryOp::Complement, Ty::INT) => self.body.push(ExprKind::Complement(value), ty, span),
            (UnaryOp::Negate, _) if self.is_number(ty) => self.body.push(ExprKind::Negate(value), ty, span),
            (UnaryOp::Negate, _) if self.find_member(ty, "unary -").is_some() => {
                self.call_member(value, "unary -", Vec::new(), span)
            }
            _ => {
                let shown = self.show(ty);
                let text = if op == UnaryOp::Negate { "-" } else { "~" };
                self.error(M0308, span, format!("`{text}` takes no `{shown}`"));
                self.poisoned(span)
            }
        }
    }

    /// Whether it is a type parameter that stands for numbers.
    pub(crate) fn is_number(&mut self, ty: Ty) -> bool {
        matches!(self.kind(ty), TyKind::Param(_))
            && self.known.number.is_some_and(|number| self.as_super(ty, number).is_some())
    }

    /// Both operands; a literal takes the type of the other one.
    pub(crate) fn operands(&mut self, left: ast::Expr<'t>, right: ast::Expr<'t>) -> (ExprId, ExprId) {
        if takes_hint(left) && !takes_hint(right) {
            let right = self.infer(right, Want::Value);
            let ty = self.body.expr(right).ty;
            return (self.infer(left, Want::Of(ty)), right);
        }
        let left_id = self.infer(left, Want::Value);
        let ty = self.body.expr(left_id).ty;
        let hint = match self.shallow(ty) {
            Ty::INT if is_number_literal(left) => Want::Value,
            ty => Want::Of(ty),
        };
        let right_id = self.infer(right, hint);
        // Two literals, of which only the second is a float.
        let right_ty = self.body.expr(right_id).ty;
        if is_number_literal(left) && self.shallow(right_ty) == Ty::FLOAT && self.shallow(ty) == Ty::INT {
            return (self.infer(left, Want::Of(Ty::FLOAT)), right_id);
        }
        (left_id, right_id)
    }

    pub(crate) fn binary(&mut self, binary: ast::BinaryExpr<'t>, want: Want, span: Span) -> ExprId {
        let (Some(left), Some(right), Some(op)) = (binary.left(), binary.right(), binary.op()) else {
            return self.poisoned(span);
        };
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let why = Why::new(format!("what `{}` takes", op.text()), None);
                let (left, right) = (self.expect(left, Ty::BOOL, &why), self.expect(right, Ty::BOOL, &why));
                let kind =
                    if op == BinaryOp::And { ExprKind::And(left, right) } else { ExprKind::Or(left, right) };
                self.body.push(kind, Ty::BOOL, span)
            }
            BinaryOp::Coalesce => self.coalesce(left, right, want, span),
            BinaryOp::Range | BinaryOp::RangeInclusive => {
                let why = Why::new("an end of a range", None);
                let (left, right) = (self.expect(left, Ty::INT, &why), self.expect(right, Ty::INT, &why));
                self.range(left, right, op == BinaryOp::RangeInclusive, span)
            }
            BinaryOp::In => {
                let container = self.infer(right, Want::Value);
                let ty = self.body.expr(container).ty;
                let ty = self.shallow(ty);
                if ty == Ty::ERROR {
                    self.infer(left, Want::Value);
                    return self.poisoned(span);
                }
                if self.find_member(ty, "contains").is_none() {
                    let shown = self.show(ty);
                    self.error(
                        M0308,
                        span,
                        format!("`in` takes something with a method `contains`, and `{shown}` has none"),
                    );
                    self.infer(left, Want::Value);
                    return self.poisoned(span);
                }
                self.call_contains(container, left, span)
            }
            op => {
                let (left, right) = match (is_number_literal(left), is_number_literal(right)) {
                    // All of it is a literal, so it becomes what is wanted.
                    (true, true) => match self.wanted(want) {
                        Some(Ty::FLOAT) => {
                            (self.infer(left, Want::Of(Ty::FLOAT)), self.infer(right, Want::Of(Ty::FLOAT)))
                        }
                        _ => self.operands(left, right),
                    },
                    _ => self.operands(left, right),
                };
                self.binary_of(op, left, right, span)
            }
        }
    }

    /// `container.contains(left)`, in this order of evaluation: `left` first.
    fn call_contains(&mut self, container: ExprId, left: ast::Expr<'t>, span: Span) -> ExprId {
        let (local, keep) = self.bind_temp(container);
        let this = self.read_temp(local);
        let call = self.call_member_exprs(this, "contains", &[left], span);
        let result = self.body.expr(call).ty;
        if !matches!(self.shallow(result), Ty::BOOL | Ty::ERROR) {
            let shown = self.show(result);
            self.error(
                M0308,
                span,
                format!("`in` asks `contains`, which is to give a `bool` and gives `{shown}`"),
            );
            return self.poisoned(span);
        }
        self.body.push(ExprKind::Block { statements: vec![keep], value: Some(call) }, Ty::BOOL, span)
    }

    /// `a..b`
    pub(crate) fn range(&mut self, start: ExprId, end: ExprId, inclusive: bool, span: Span) -> ExprId {
        let ty = self.range_type();
        let Some(id) = self.known.range else { return self.poisoned(span) };
        if inclusive {
            let found = self.nominals[id.index()].members.get("inclusive").copied();
            if let Some(Member::Static(function)) = found {
                let kind = ExprKind::Call { function, generics: Box::new([]), args: vec![start, end] };
                return self.body.push(kind, ty, span);
            }
        }
        match self.init_of(id) {
            Some(init) => self.body.push(ExprKind::New { init, args: vec![start, end] }, ty, span),
            None => self.poisoned(span),
        }
    }

    fn coalesce(&mut self, left: ast::Expr<'t>, right: ast::Expr<'t>, want: Want, span: Span) -> ExprId {
        let hint = match want.ty().map(|ty| self.shallow(ty)) {
            Some(ty) if !matches!(self.kind(ty), TyKind::Var(_)) => Want::Of(self.program.types.optional(ty)),
            _ => Want::Value,
        };
        let value = self.infer(left, hint);
        let ty = self.body.expr(value).ty;
        let ty = self.shallow(ty);
        let TyKind::Optional(inner) = *self.kind(ty) else {
            if ty != Ty::ERROR {
                let (shown, place) = (self.show(ty), self.body.expr(value).span);
                self.report(
                    Diagnostic::error(
                        M0301,
                        "`??` has an optional on its left, for which it gives another value",
                    )
                    .at(place, format!("this is `{shown}`, which is always there")),
                );
            }
            return self.infer(right, want);
        };
        let other = self.infer(right, Want::Of(inner));
        let other_ty = self.body.expr(other).ty;
        let optional = matches!(*self.kind(other_ty), TyKind::Optional(_));
        let result = if optional { ty } else { inner };
        let other = self.coerce(other, result, &Why::new("the other side", Some(self.body.expr(value).span)));
        let (local, keep) = self.bind_temp(value);
        let test = self.read_temp(local);
        let condition = self.body.push(ExprKind::IsSome(test), Ty::BOOL, span);
        let there = self.read_temp(local);
        let then = match optional {
            true => there,
            false => self.body.push(ExprKind::Unwrap(there), inner, span),
        };
        let choice = self.body.push(ExprKind::If { condition, then, otherwise: Some(other) }, result, span);
        self.body.push(ExprKind::Block { statements: vec![keep], value: Some(choice) }, result, span)
    }

    /// `old OP value` of an assignment `a OP= value`.
    pub(crate) fn binary_with(
        &mut self,
        op: BinaryOp,
        old: ExprId,
        value: ast::Expr<'t>,
        span: Span,
    ) -> ExprId {
        let ty = self.body.expr(old).ty;
        let right = self.infer(value, Want::Of(ty));
        self.binary_of(op, old, right, span)
    }

    /// An operator with operands that are checked.
    pub(crate) fn binary_of(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> ExprId {
        let (a, b) = (self.body.expr(left).ty, self.body.expr(right).ty);
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == Ty::ERROR || b == Ty::ERROR {
            return self.poisoned(span);
        }
        use BinaryOp as B;
        let comparison = match op {
            B::Equal => Some(Comparison::Equal),
            B::NotEqual => Some(Comparison::NotEqual),
            B::Less => Some(Comparison::Less),
            B::LessEqual => Some(Comparison::LessEqual),
            B::Greater => Some(Comparison::Greater),
            B::GreaterEqual => Some(Comparison::GreaterEqual),
            _ => None,
        };
        if let Some(comparison) = comparison {
            return self.comparison(comparison, op, left, right, span);
        }
        if op == B::Compare {
            let Some((left, right)) = self.ordered_pair(op, left, right, span) else {
                return self.poisoned(span);
            };
            return self.body.push(ExprKind::Order(left, right), Ty::INT, span);
        }
        let number = match op {
            B::Add => Some((Op::Add, true)),
            B::Sub => Some((Op::Sub, true)),
            B::Mul => Some((Op::Mul, true)),
            B::Div => Some((Op::Div, true)),
            B::Rem => Some((Op::Rem, true)),
            B::AddWrapping => Some((Op::AddWrapping, false)),
            B::SubWrapping => Some((Op::SubWrapping, false)),
            B::MulWrapping => Some((Op::MulWrapping, false)),
            B::BitAnd => Some((Op::BitAnd, false)),
            B::BitOr => Some((Op::BitOr, false)),
            B::BitXor => Some((Op::BitXor, false)),
            B::ShiftLeft => Some((Op::ShiftLeft, false)),
            B::ShiftRight => Some((Op::ShiftRight, false)),
            B::ShiftRightUnsigned => Some((Op::ShiftRightUnsigned, false)),
            _ => None,
        };
        let Some((number, floats)) = number else { return self.poisoned(span) };
        let plain = a == Ty::INT && b == Ty::INT
            || floats && a == Ty::FLOAT && b == Ty::FLOAT
            || floats && a == b && self.is_number(a);
        if plain {
            return self.body.push(ExprKind::Binary(number, left, right), a, span);
        }
        if op == B::Add && a == Ty::STR && b == Ty::STR {
            return self.body.push(ExprKind::Interpolate(vec![left, right]), Ty::STR, span);
        }
        if !matches!(a, Ty::INT | Ty::FLOAT | Ty::STR) && self.find_member(a, op.text()).is_some() {
            return self.call_member(left, op.text(), vec![right], span);
        }
        if a == Ty::NEVER || b == Ty::NEVER {
            return self.body.push(ExprKind::Binary(number, left, right), Ty::NEVER, span);
        }
        self.no_operator(op, left, right, span)
    }

    fn no_operator(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> ExprId {
        let (a, b) = (self.body.expr(left).ty, self.body.expr(right).ty);
        let (a, b) = (self.zonk(a), self.zonk(b));
        for (ty, side) in [(a, left), (b, right)] {
            if matches!(self.kind(ty), TyKind::Var(_)) {
                let place = self.body.expr(side).span;
                self.open_type(place, "this value");
                self.give_up(ty);
                return self.poisoned(span);
            }
        }
        let (shown_a, shown_b) = (self.show(a), self.show(b));
        let text = op.text();
        let message = if a == b {
            format!("`{text}` takes no `{shown_a}`")
        } else {
            format!("`{text}` takes no `{shown_a}` with `{shown_b}`")
        };
        let (at, other) = (self.body.expr(left).span, self.body.expr(right).span);
        let mut diagnostic = Diagnostic::error(M0308, message)
            .at(at, format!("this is `{shown_a}`"))
            .with(other, format!("this is `{shown_b}`"));
        let help = match (a, b) {
            (Ty::INT, Ty::FLOAT) | (Ty::FLOAT, Ty::INT) => {
                Some("nothing converts by itself: `.to_float()` behind the int, or `.to_int()` behind the float".to_owned())
            }
            _ if matches!(self.kind(a), TyKind::Optional(_)) || matches!(self.kind(b), TyKind::Optional(_)) => {
                Some("it may be `none`: give another value with `??`, take it out with `if let`, or insist with `!`".to_owned())
            }
            (Ty::STR, _) | (_, Ty::STR) if op == BinaryOp::Add => {
                Some("a value stands in a string like this: `\"text {value}\"`".to_owned())
            }
            (Ty::STR, _) if op == BinaryOp::Rem => {
                Some("values stand in the string: `\"{name} has {count:>5}\"`".to_owned())
            }
            (Ty::STR, Ty::INT) | (Ty::INT, Ty::STR) if op == BinaryOp::Mul => {
                Some("write `text.repeat(n)`".to_owned())
            }
            _ => match *self.kind(a) {
                TyKind::Named(id, _) if self.known.list == Some(id) && op == BinaryOp::Add => {
                    Some("`push` adds an element, `push_all` all of another list".to_owned())
                }
                TyKind::Named(id, _) => {
                    let name = self.program.nominals[id.index()].name.clone();
                    Some(format!("give `{name}` the operator: `fn {text}(other: {name}) -> {name}`"))
                }
                TyKind::Param(_) => Some("a bound says what the type can do: `<T: Number>`".to_owned()),
                _ => None,
            },
        };
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
        self.poisoned(span)
    }

    /// Both sides as one type; else that is reported.
    /// What is meant where values of these types are compared.
    fn help_to_compare(&self, a: Ty, b: Ty) -> Option<String> {
        match (self.kind(self.shallow(a)), self.kind(self.shallow(b))) {
            (TyKind::Str, TyKind::Int) => Some(
                "a number is read from a text by `text.parse_int()`, and is a text as `\"{n}\"`".to_owned(),
            ),
            (&TyKind::Named(id, _), TyKind::Str) => {
                let nominal = &self.program.nominals[id.index()];
                let case = nominal.cases.first()?;
                Some(format!("a case is compared without quotes: `{}`", case.name))
            }
            _ => None,
        }
    }

    fn same_type(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> Option<(ExprId, ExprId)> {
        let (a, b) = (self.body.expr(left).ty, self.body.expr(right).ty);
        if let Some(right) = self.try_coerce(right, a) {
            return Some((left, right));
        }
        if let Some(left) = self.try_coerce(left, b) {
            return Some((left, right));
        }
        let (shown_a, shown_b) = (self.show(a), self.show(b));
        let (at, other) = (self.body.expr(left).span, self.body.expr(right).span);
        let mut diagnostic = Diagnostic::error(M0308, format!("`{}` compares values of one type", op.text()))
            .at(at, format!("this is `{shown_a}`"))
            .with(other, format!("this is `{shown_b}`"));
        if matches!((self.shallow(a), self.shallow(b)), (Ty::INT, Ty::FLOAT) | (Ty::FLOAT, Ty::INT)) {
            diagnostic = diagnostic.help("nothing converts by itself: write `.to_float()` behind the int");
        } else if let Some(help) = self.help_to_compare(a, b).or_else(|| self.help_to_compare(b, a)) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
        None
    }

    fn ordered_pair(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> Option<(ExprId, ExprId)> {
        let (left, right) = self.same_type(op, left, right)?;
        let ty = self.body.expr(left).ty;
        if self.is_ordered(ty) {
            return Some((left, right));
        }
        let shown = self.show(ty);
        let mut diagnostic =
            Diagnostic::error(M0308, format!("values of `{shown}` have no order")).at(span, "");
        diagnostic = match self.kind(ty).clone() {
            TyKind::Optional(_) => {
                diagnostic.help("it may be `none`; take it out with `??`, `if let` or `!`")
            }
            TyKind::Named(id, _) if !self.is_collection(id) => {
                let name = self.program.nominals[id.index()].name.clone();
                diagnostic
                    .help(format!("give it one: `fn <=>(other: {name}) -> int`, negative, 0 or positive"))
            }
            TyKind::Param(_) => diagnostic.help("write `<T: Ordered>` where the type parameter is declared"),
            _ => diagnostic.help(
                "int, float, str, tuples of such, enums without payload and classes with `<=>` have one",
            ),
        };
        self.report(diagnostic);
        None
    }

    fn comparison(
        &mut self,
        comparison: Comparison,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        span: Span,
    ) -> ExprId {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let pair =
            if equality { self.same_type(op, left, right) } else { self.ordered_pair(op, left, right, span) };
        let Some((left, right)) = pair else { return self.poisoned(span) };
        let ty = self.body.expr(left).ty;
        let is_none = |id: ExprId| matches!(self.body.expr(id).kind, ExprKind::None);
        let other = if is_none(right) { Some(left) } else { is_none(left).then_some(right) };
        if let Some(value) = other.filter(|_| equality) {
            // Whether a value is there needs no `==` of it.
            let some = self.body.push(ExprKind::IsSome(value), Ty::BOOL, span);
            return match comparison {
                Comparison::NotEqual => some,
                _ => self.body.push(ExprKind::Not(some), Ty::BOOL, span),
            };
        }
        if equality && !self.has_equality(ty) {
            let shown = self.show(ty);
            self.error_help(
                M0308,
                span,
                format!("values of `{shown}` cannot be compared"),
                "functions have no `==`; `same(a, b)` asks whether two names stand for one object",
            );
        }
        self.body.push(ExprKind::Compare(comparison, left, right), Ty::BOOL, span)
    }
}

/// Whether an expression takes its type from the other side.
fn takes_hint(expr: ast::Expr<'_>) -> bool {
    let empty = match expr {
        ast::Expr::Literal(literal) => literal.token().is_some_and(|token| token.kind() == K::NoneWord),
        ast::Expr::ListExpr(list) => list.elements().next().is_none(),
        ast::Expr::MapExpr(map) => map.entries().next().is_none(),
        _ => false,
    };
    empty || is_number_literal(expr)
}
