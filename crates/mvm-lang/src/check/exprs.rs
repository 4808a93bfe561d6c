//! Expressions: where each kind is checked.

use mvm_diag::Span;

use super::Checker;
use super::body::Want;
use super::unify::Why;
use crate::ast::{self, AstNode};
use crate::errors::{M0308, M0328, M0330};
use crate::hir::{ExprId, ExprKind, NominalKind};
use crate::kinds::SyntaxKind as K;
use crate::literal::{self, Align, Format};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// An expression that has to be of a type.
    pub(crate) fn expect(&mut self, expr: ast::Expr<'t>, ty: Ty, why: &Why) -> ExprId {
        let id = self.infer(expr, Want::Of(ty));
        self.coerce(id, ty, why)
    }

    /// An expression; what is wanted is a hint.
    pub(crate) fn infer(&mut self, expr: ast::Expr<'t>, want: Want) -> ExprId {
        match expr {
            ast::Expr::NameExpr(_)
            | ast::Expr::FieldExpr(_)
            | ast::Expr::CallExpr(_)
            | ast::Expr::IndexExpr(_)
            | ast::Expr::UnwrapExpr(_) => self.chain(expr, want),
            _ => self.infer_plain(expr, want),
        }
    }

    /// An expression that is no chain of `.`, `()`, `[]` and `!`.
    pub(crate) fn infer_plain(&mut self, expr: ast::Expr<'t>, want: Want) -> ExprId {
        let span = self.span_ast(expr);
        let guards = std::mem::take(&mut self.body.chain);
        let id = match expr {
            ast::Expr::Literal(literal) => self.literal(literal, want, span),
            ast::Expr::Str(text) => self.string(text, span),
            ast::Expr::SelfExpr(_) => self.self_value(span),
            ast::Expr::SuperExpr(_) => {
                self.error_help(
                    M0328,
                    span,
                    "`super` is no value",
                    "it stands in front of a method of the base class: `super.show()`, `super.init(...)`",
                );
                self.poisoned(span)
            }
            ast::Expr::ParenExpr(paren) => match paren.expr() {
                Some(inner) => self.infer(inner, want),
                None => self.poisoned(span),
            },
            ast::Expr::TupleExpr(tuple) => self.tuple(tuple, want, span),
            ast::Expr::ListExpr(list) => self.list(list, want, span),
            ast::Expr::MapExpr(map) => self.map(map, want, span),
            ast::Expr::UnaryExpr(unary) => self.unary(unary, want, span),
            ast::Expr::BinaryExpr(binary) => self.binary(binary, want, span),
            ast::Expr::IsExpr(test) => self.is_expr(test, span),
            ast::Expr::CastExpr(cast) => self.cast(cast, span),
            ast::Expr::Closure(closure) => self.closure(closure, want, span),
            ast::Expr::IfExpr(expr) => self.if_expr(expr, want),
            ast::Expr::MatchExpr(expr) => self.match_expr(expr, want),
            ast::Expr::TryExpr(expr) => self.try_expr(expr, want),
            ast::Expr::ReceiveExpr(expr) => self.receive(expr, want, span),
            ast::Expr::SelectExpr(expr) => self.select(expr, want, span),
            ast::Expr::SpawnExpr(expr) => self.spawn(expr, span),
            ast::Expr::ThrowExpr(expr) => self.throw_expr(expr),
            ast::Expr::ReturnExpr(expr) => self.return_expr(expr),
            ast::Expr::BreakExpr(expr) => self.break_expr(expr),
            ast::Expr::ContinueExpr(expr) => self.continue_expr(expr),
            ast::Expr::NameExpr(_)
            | ast::Expr::FieldExpr(_)
            | ast::Expr::CallExpr(_)
            | ast::Expr::IndexExpr(_)
            | ast::Expr::UnwrapExpr(_) => self.chain(expr, want),
        };
        self.body.chain = guards;
        id
    }

    /// What is wanted when an optional of it would do as well.
    pub(crate) fn wanted(&self, want: Want) -> Option<Ty> {
        let ty = self.shallow(want.ty()?);
        Some(match *self.program.types.kind(ty) {
            TyKind::Optional(inner) => self.shallow(inner),
            _ => ty,
        })
    }

    fn literal(&mut self, literal: ast::Literal<'t>, want: Want, span: Span) -> ExprId {
        let Some(token) = literal.token() else { return self.poisoned(span) };
        match token.kind() {
            K::Int => {
                let value = self.int_value(token.text(), false, span);
                self.int_literal(value, want, span)
            }
            K::Char => {
                let value = literal::character(token.text()).map_or(0, |c| i64::from(u32::from(c)));
                self.body.push(ExprKind::Int(value), Ty::INT, span)
            }
            K::Float => {
                let value = literal::float(token.text()).unwrap_or(0.0);
                self.body.push(ExprKind::Float(value), Ty::FLOAT, span)
            }
            K::TrueWord => self.body.push(ExprKind::Bool(true), Ty::BOOL, span),
            K::FalseWord => self.body.push(ExprKind::Bool(false), Ty::BOOL, span),
            K::NoneWord => {
                let ty = match want.ty().map(|ty| self.shallow(ty)) {
                    Some(ty) if ty == Ty::ERROR || matches!(self.kind(ty), TyKind::Optional(_)) => ty,
                    _ => {
                        let inner = self.fresh();
                        self.body.must_be_known.push((inner, span, "`none`".to_owned()));
                        self.program.types.optional(inner)
                    }
                };
                self.body.push(ExprKind::None, ty, span)
            }
            _ => self.poisoned(span),
        }
    }

    /// An int as it is written; a float where one is wanted.
    pub(crate) fn int_literal(&mut self, value: i64, want: Want, span: Span) -> ExprId {
        match self.wanted(want) {
            Some(Ty::FLOAT) => self.body.push(ExprKind::Float(value as f64), Ty::FLOAT, span),
            _ => self.body.push(ExprKind::Int(value), Ty::INT, span),
        }
    }

    fn string(&mut self, text: ast::Str<'t>, span: Span) -> ExprId {
        let parts = text.parts();
        match &parts[..] {
            [] => return self.body.push(ExprKind::Str("".into()), Ty::STR, span),
            [ast::StrPart::Text(text)] => {
                return self.body.push(ExprKind::Str(text.as_str().into()), Ty::STR, span);
            }
            _ => {}
        }
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                ast::StrPart::Text(text) => {
                    pieces.push(self.body.push(ExprKind::Str(text.into()), Ty::STR, span));
                }
                ast::StrPart::Hole(hole) => {
                    let place = self.span_ast(hole);
                    let Some(value) = hole.value() else { continue };
                    let id = self.infer(value, Want::Value);
                    let id = match hole.format() {
                        Some(format) => self.formatted(id, format, place),
                        None => id,
                    };
                    self.judge_shown(id);
                    pieces.push(id);
                }
            }
        }
        self.body.push(ExprKind::Interpolate(pieces), Ty::STR, span)
    }

    fn judge_shown(&mut self, id: ExprId) {
        let (ty, span) = (self.body.expr(id).ty, self.body.expr(id).span);
        if self.shallow(ty) == Ty::UNIT {
            self.error(M0330, span, "this gives no value, so there is nothing to show");
        }
    }

    /// `{value:format}` as a call of the library.
    fn formatted(&mut self, value: ExprId, format: Format, span: Span) -> ExprId {
        let ty = self.body.expr(value).ty;
        let ty = self.shallow(ty);
        let string =
            |this: &mut Self, text: String| this.body.push(ExprKind::Str(text.into()), Ty::STR, span);
        let form = string(self, format.form.map(String::from).unwrap_or_default());
        let fill = string(self, format.fill.to_string());
        let align = match format.align {
            None => "",
            Some(Align::Left) => "<",
            Some(Align::Center) => "^",
            Some(Align::Right) => ">",
        };
        let align = string(self, align.to_owned());
        let width = self.body.push(ExprKind::Int(format.width.into()), Ty::INT, span);
        let digits = format.digits.map_or(-1, i64::from);
        let digits = self.body.push(ExprKind::Int(digits), Ty::INT, span);
        let plus = self.body.push(ExprKind::Bool(format.plus), Ty::BOOL, span);
        let zeros = self.body.push(ExprKind::Bool(format.zeros), Ty::BOOL, span);
        let wrong = match ty {
            Ty::INT => format
                .digits
                .map(|_| "an int has no digits behind a point")
                .or_else(|| (format.form == Some('e')).then_some("`e` is a format of floats")),
            Ty::FLOAT => {
                matches!(format.form, Some('x' | 'X' | 'b' | 'o')).then_some("this is a format of ints")
            }
            Ty::ERROR => None,
            _ => (format.form.is_some() || format.plus || format.zeros)
                .then_some("`+`, zeros and forms are for numbers"),
        };
        if let Some(wrong) = wrong {
            let shown = self.show(ty);
            self.error_help(M0330, span, format!("this format does not fit `{shown}`"), wrong);
            return self.poisoned(span);
        }
        match ty {
            Ty::INT => {
                self.library_call("format_int", vec![value, form, plus, zeros, fill, align, width], span)
            }
            Ty::FLOAT => {
                let args = vec![value, digits, form, plus, zeros, fill, align, width];
                self.library_call("format_float", args, span)
            }
            Ty::ERROR => self.poisoned(span),
            _ => {
                let text = self.body.push(ExprKind::Show(value), Ty::STR, span);
                self.library_call("format_text", vec![text, digits, fill, align, width], span)
            }
        }
    }

    fn tuple(&mut self, tuple: ast::TupleExpr<'t>, want: Want, span: Span) -> ExprId {
        let elements: Vec<_> = tuple.elements().collect();
        if elements.is_empty() {
            return self.unit(span);
        }
        let hints = match self.wanted(want).map(|ty| self.program.types.kind(ty).clone()) {
            Some(TyKind::Tuple(parts)) if parts.len() == elements.len() => Some(parts),
            _ => None,
        };
        let mut ids = Vec::new();
        for (index, &element) in elements.iter().enumerate() {
            let id = match hints.as_ref().map(|hints| hints[index]) {
                Some(hint) => {
                    let id = self.infer(element, Want::Of(hint));
                    self.try_coerce(id, hint).unwrap_or(id)
                }
                None => self.infer(element, Want::Value),
            };
            self.no_unit(id);
            ids.push(id);
        }
        let types: Vec<Ty> = ids.iter().map(|&id| self.body.expr(id).ty).collect();
        let ty = self.program.types.intern(TyKind::Tuple(types.into()));
        self.body.push(ExprKind::Tuple(ids), ty, span)
    }

    fn no_unit(&mut self, id: ExprId) {
        let (ty, span) = (self.body.expr(id).ty, self.body.expr(id).span);
        if self.shallow(ty) == Ty::UNIT && !matches!(self.body.expr(id).kind, ExprKind::Unit) {
            self.error(crate::errors::M0301, span, "this gives no value");
        }
    }

    fn list(&mut self, list: ast::ListExpr<'t>, want: Want, span: Span) -> ExprId {
        let hint = match self.wanted(want).map(|ty| self.program.types.kind(ty).clone()) {
            Some(TyKind::Named(id, args)) if Some(id) == self.known.list => args.first().copied(),
            _ => None,
        };
        let elements: Vec<_> = list.elements().collect();
        let (element, ids) = self.elements(&elements, hint, "the first element");
        if elements.is_empty() && hint.is_none() && self.wanted(want) != Some(Ty::ERROR) {
            self.body.must_be_known.push((element, span, "the elements of `[]`".to_owned()));
        }
        let ty = self.list_of(element);
        self.body.push(ExprKind::List(ids), ty, span)
    }

    /// Values of one type.
    fn elements(&mut self, all: &[ast::Expr<'t>], hint: Option<Ty>, first: &str) -> (Ty, Vec<ExprId>) {
        let known = hint.filter(|&ty| !matches!(self.kind(ty), TyKind::Var(_)));
        if let Some(ty) = known {
            let why = Why::new("an element", None);
            return (ty, all.iter().map(|&element| self.expect(element, ty, &why)).collect());
        }
        // Without a hint ints become floats if one of them is a float.
        let float = all.iter().any(|&element| is_float_literal(element));
        let want = if float && all.iter().all(|&element| is_number_literal(element)) {
            Want::Of(Ty::FLOAT)
        } else {
            Want::Value
        };
        let ids: Vec<ExprId> = all.iter().map(|&element| self.infer(element, want)).collect();
        if ids.is_empty() {
            let ty = hint.unwrap_or_else(|| self.fresh());
            return (ty, ids);
        }
        ids.iter().for_each(|&id| self.no_unit(id));
        let (ids, ty) = self.join(ids, Want::Value, first);
        if let Some(hint) = hint {
            self.unify(hint, ty);
        }
        (ty, ids)
    }

    fn map(&mut self, map: ast::MapExpr<'t>, want: Want, span: Span) -> ExprId {
        let hint = match self.wanted(want).map(|ty| self.program.types.kind(ty).clone()) {
            Some(TyKind::Named(id, args)) if Some(id) == self.known.map => Some((args[0], args[1])),
            _ => None,
        };
        let entries: Vec<_> = map.entries().collect();
        let keys: Vec<_> = entries.iter().filter_map(|entry| entry.key()).collect();
        let values: Vec<_> = entries.iter().filter_map(|entry| entry.value()).collect();
        let (key, key_ids) = self.elements(&keys, hint.map(|hint| hint.0), "the first key");
        let (value, value_ids) = self.elements(&values, hint.map(|hint| hint.1), "the first value");
        if entries.is_empty() && hint.is_none() && self.wanted(want) != Some(Ty::ERROR) {
            self.body.must_be_known.push((key, span, "the keys of `[:]`".to_owned()));
            self.body.must_be_known.push((value, span, "the values of `[:]`".to_owned()));
        }
        let Some(id) = self.known.map else { return self.poisoned(span) };
        self.later_bounds(Some(id), &[key, value], span);
        let ty = self.program.types.named(id, &[key, value]);
        self.body.push(ExprKind::Map(key_ids.into_iter().zip(value_ids).collect()), ty, span)
    }

    /// The type that `is`, `as` and patterns ask for, with the arguments that follow from the value's type.
    pub(crate) fn class_test(&mut self, value: Ty, class: Ty, span: Span) -> Ty {
        let value = self.shallow(value);
        // `none` is of no class.
        let value = match *self.kind(value) {
            TyKind::Optional(inner) => self.shallow(inner),
            _ => value,
        };
        if value == Ty::ERROR || class == Ty::ERROR {
            return class;
        }
        let reference = match *self.kind(value) {
            TyKind::Named(id, _) => {
                matches!(self.program.nominals[id.index()].kind, NominalKind::Class | NominalKind::Interface)
                    || Some(id) == self.known.any
            }
            _ => false,
        };
        let shown = self.show(class);
        if !reference {
            let value = self.show(value);
            self.error_help(
                M0308,
                span,
                format!("a value of `{value}` is never anything else, so there is nothing to test"),
                "`is` and `as` ask for the class of an object",
            );
            return Ty::ERROR;
        }
        let below = match (self.kind(value).clone(), self.kind(class).clone()) {
            (TyKind::Named(of, _), TyKind::Named(wanted, _)) => {
                let (up, down) = (self.as_super(class, of), self.as_super(value, wanted));
                let related = up.is_some_and(|up| self.may_be_same(up, value))
                    || down.is_some_and(|down| self.may_be_same(down, class));
                let interface = [of, wanted]
                    .iter()
                    .any(|id| self.program.nominals[id.index()].kind == NominalKind::Interface);
                related || interface || Some(of) == self.known.any
            }
            (TyKind::Named(of, _), _) => {
                self.program.nominals[of.index()].kind == NominalKind::Interface
                    && self.satisfies(class, value)
                    || Some(of) == self.known.any
            }
            _ => false,
        };
        if !below {
            let value = self.show(value);
            self.error(M0308, span, format!("a `{value}` is never a `{shown}`"));
            return Ty::ERROR;
        }
        class
    }

    /// Whether two types are the same, as far as is known yet and whatever stands for type parameters.
    fn may_be_same(&mut self, a: Ty, b: Ty) -> bool {
        let (a, b) = (self.zonk(a), self.zonk(b));
        let open = |ty| self.program.types.any(ty, &|kind| matches!(kind, TyKind::Var(_) | TyKind::Param(_)));
        a == b || open(a) || open(b)
    }

    fn is_expr(&mut self, test: ast::IsExpr<'t>, span: Span) -> ExprId {
        let (Some(value), Some(written)) = (test.expr(), test.ty()) else { return self.poisoned(span) };
        let value = self.infer(value, Want::Value);
        let ty = self.body.expr(value).ty;
        let place = self.span_ast(written);
        // A case of an enum.
        if let (ast::Type::NamedType(named), TyKind::Named(id, _)) = (written, self.kind(ty).clone())
            && self.program.nominals[id.index()].kind == NominalKind::Enum
            && let Some(last) = named.path().last()
        {
            let number =
                self.program.nominals[id.index()].cases.iter().position(|case| &*case.name == last.text());
            let Some(number) = number else {
                let of = self.program.nominals[id.index()].name.clone();
                self.error(crate::errors::M0325, place, format!("`{of}` has no case `{}`", last.text()));
                return self.poisoned(span);
            };
            let kind = crate::hir::PatKind::Case(number as u32, None);
            let pat = self.body.pat(kind, ty, place);
            return self.body.push(ExprKind::Let(pat, value), Ty::BOOL, span);
        }
        let class = self.ty(written);
        let class = self.class_test(ty, class, place);
        self.body.push(ExprKind::Is(value, class), Ty::BOOL, span)
    }

    fn cast(&mut self, cast: ast::CastExpr<'t>, span: Span) -> ExprId {
        let (Some(value), Some(written)) = (cast.expr(), cast.ty()) else { return self.poisoned(span) };
        let value = self.infer(value, Want::Value);
        let ty = self.body.expr(value).ty;
        let place = self.span_ast(written);
        let class = self.ty(written);
        let class = self.class_test(ty, class, place);
        if class == Ty::ERROR {
            return self.poisoned(span);
        }
        if cast.throws().is_some() {
            return self.body.push(ExprKind::AsForced(value, class), class, span);
        }
        let optional = self.program.types.optional(class);
        self.body.push(ExprKind::AsOptional(value, class), optional, span)
    }
}

/// Whether an expression is made of number literals only.
pub(crate) fn is_number_literal(expr: ast::Expr<'_>) -> bool {
    match expr {
        ast::Expr::Literal(literal) => {
            literal.token().is_some_and(|token| matches!(token.kind(), K::Int | K::Float))
        }
        ast::Expr::ParenExpr(paren) => paren.expr().is_some_and(is_number_literal),
        ast::Expr::UnaryExpr(unary) => {
            unary.op() == Some(ast::UnaryOp::Negate) && unary.operand().is_some_and(is_number_literal)
        }
        ast::Expr::BinaryExpr(binary) => {
            matches!(
                binary.op(),
                Some(ast::BinaryOp::Add | ast::BinaryOp::Sub | ast::BinaryOp::Mul | ast::BinaryOp::Div)
            ) && binary.left().is_some_and(is_number_literal)
                && binary.right().is_some_and(is_number_literal)
        }
        _ => false,
    }
}

fn is_float_literal(expr: ast::Expr<'_>) -> bool {
    is_number_literal(expr) && expr.node().all_tokens().any(|token| token.kind() == K::Float)
}
