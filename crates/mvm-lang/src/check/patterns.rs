//! Patterns: which values they take, and what they bind.

use mvm_diag::{Diagnostic, Span};

use super::collect::text_of;
use super::unify::Why;
use super::{Checker, Item};
use crate::ast::{self, AstNode};
use crate::errors::{M0301, M0315, M0325};
use crate::hir::{Literal, NominalId, NominalKind, PatId, PatKind};
use crate::kinds::SyntaxKind as K;
use crate::literal;
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// A pattern for values of a type. `tests`: of `match`, `if let` and the like, where a name does not take `none`; else of
    /// `let`, `for` and parameters, where it takes everything.
    pub(crate) fn pattern(&mut self, pattern: ast::Pattern<'t>, ty: Ty, tests: bool) -> PatId {
        let span = self.span_ast(pattern);
        if tests
            && let Some(inner) = match *self.kind(ty) {
                TyKind::Optional(inner) => Some(inner),
                _ => None,
            }
        {
            return match pattern {
                ast::Pattern::WildcardPattern(_) => self.body.pat(PatKind::Wildcard, ty, span),
                ast::Pattern::LiteralPattern(literal)
                    if literal.value().is_some_and(|value| value.kind() == K::NoneWord) =>
                {
                    self.body.pat(PatKind::None, ty, span)
                }
                ast::Pattern::OrPattern(or) => self.or_pattern(or, ty, span),
                pattern => {
                    let pat = self.pattern(pattern, inner, true);
                    self.body.pat(PatKind::Some(pat), ty, span)
                }
            };
        }
        match pattern {
            ast::Pattern::WildcardPattern(_) => self.body.pat(PatKind::Wildcard, ty, span),
            ast::Pattern::NamePattern(name) => self.name_pattern(name, ty, span),
            ast::Pattern::CasePattern(case) => self.case_pattern(case, ty, tests, span),
            ast::Pattern::TuplePattern(tuple) => self.tuple_pattern(tuple, ty, tests, span),
            ast::Pattern::LiteralPattern(literal) => self.literal_pattern(literal, ty, span),
            ast::Pattern::RangePattern(range) => self.range_pattern(range, ty, span),
            ast::Pattern::OrPattern(or) => self.or_pattern(or, ty, span),
        }
    }

    fn name_pattern(&mut self, pattern: ast::NamePattern<'t>, ty: Ty, span: Span) -> PatId {
        let name = text_of(pattern.name());
        if let Some(class) = pattern.class() {
            let class_span = self.span_ast(class);
            let class = self.ty(class);
            let class = self.class_test(ty, class, class_span);
            let local = self.bind(name, class, span);
            return self.body.pat(PatKind::Class(class, local), ty, span);
        }
        let local = self.bind(name, ty, span);
        self.body.pat(PatKind::Bind(local), ty, span)
    }

    /// A new name in the scope that is open.
    pub(crate) fn bind(&mut self, name: &'t str, ty: Ty, span: Span) -> crate::hir::LocalId {
        let start = self.body.scopes.last().copied().unwrap_or(0);
        let local = self.body.local(name, ty, span);
        if name.is_empty() {
            return local;
        }
        if let Some(other) = self.body.names.declare(name, local, start) {
            let first = self.body.infos[other.index()].span;
            self.report(
                Diagnostic::error(M0315, format!("`{name}` is declared twice in one block"))
                    .at(span, "again here")
                    .with(first, "first here")
                    .help(
                        "assign with `=` alone, or take another name; an inner block may use the name again",
                    ),
            );
        }
        local
    }

    /// The case that a path names when values of a type are matched: cases of that type first.
    fn find_case(&mut self, path: &[crate::tree::Token<'t>], ty: Ty, span: Span) -> Option<(NominalId, u32)> {
        let last = *path.last()?;
        if path.len() > 1 {
            let owner = path[path.len() - 2];
            if path.len() > 2 {
                let Some(Item::Nominal(id)) = self.type_item(&path[..path.len() - 1]) else { return None };
                return self.case_of(id, last.text(), span);
            }
            let Some(id) = self.static_owner(owner.text()) else {
                let place = self.span_token(owner);
                self.error(M0325, place, format!("there is no enum `{}`", owner.text()));
                return None;
            };
            return self.case_of(id, last.text(), span);
        }
        if let TyKind::Named(id, _) = *self.kind(ty)
            && self.program.nominals[id.index()].kind == NominalKind::Enum
        {
            return self.case_of(id, last.text(), span);
        }
        match self.lookup_item(last.text()) {
            Some(Item::Cases(cases)) => Some(cases[0]),
            _ => {
                let name = last.text();
                let diagnostic = Diagnostic::error(M0325, format!("there is no case `{name}`")).at(span, "");
                self.report(match name {
                    "Some" | "Just" => diagnostic.help(
                        "on an optional a name alone takes the value that is there: `x => ...`, and `none => ...` the rest",
                    ),
                    "None" | "Nothing" => diagnostic.help("write `none => ...`"),
                    _ => diagnostic,
                });
                None
            }
        }
    }

    fn case_of(&mut self, id: NominalId, name: &str, span: Span) -> Option<(NominalId, u32)> {
        let nominal = &self.program.nominals[id.index()];
        if let Some(number) = nominal.cases.iter().position(|case| &*case.name == name) {
            return Some((id, number as u32));
        }
        let of = nominal.name.clone();
        let near = self.near(name, nominal.cases.iter().map(|case| &*case.name)).map(str::to_owned);
        let all: Vec<String> = nominal.cases.iter().map(|case| case.name.to_string()).collect();
        let mut diagnostic = Diagnostic::error(M0325, format!("`{of}` has no case `{name}`")).at(span, "");
        diagnostic = match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if all.is_empty() => diagnostic,
            None => diagnostic.help(format!("its cases are: {}", all.join(", "))),
        };
        self.report(diagnostic);
        None
    }

    fn case_pattern(&mut self, pattern: ast::CasePattern<'t>, ty: Ty, tests: bool, span: Span) -> PatId {
        let path: Vec<_> = pattern.path().collect();
        let args: Option<Vec<ast::Pattern<'t>>> = ast::children::<ast::PatternArgs<'t>>(pattern.node())
            .next()
            .map(|args| args.patterns().collect());
        if self.shallow(ty) == Ty::ERROR {
            for &arg in args.iter().flatten() {
                self.pattern(arg, Ty::ERROR, tests);
            }
            return self.body.pat(PatKind::Wildcard, ty, span);
        }
        let Some((id, number)) = self.find_case(&path, ty, span) else {
            for &arg in args.iter().flatten() {
                self.pattern(arg, Ty::ERROR, tests);
            }
            return self.body.pat(PatKind::Wildcard, Ty::ERROR, span);
        };
        let generics = self.program.nominals[id.index()].generics.clone();
        let params: Vec<Ty> = generics.iter().map(|_| self.fresh()).collect();
        let whole = self.program.types.named(id, &params);
        if !self.unify(whole, ty) {
            let (shown, wanted) = (self.show(ty), self.program.nominals[id.index()].name.clone());
            self.error(M0301, span, format!("this is a case of `{wanted}`, and the value is `{shown}`"));
        }
        let case = self.program.nominals[id.index()].cases[number as usize].clone();
        let Some(args) = args else {
            return self.body.pat(PatKind::Case(number, None), ty, span);
        };
        if args.len() != case.fields.len() {
            let fields: Vec<_> = case.fields.iter().map(|(name, _)| name.to_string()).collect();
            let message = format!(
                "`{}` holds {}, and the pattern has {}",
                case.name,
                super::tyexpr::count(case.fields.len(), "value"),
                args.len()
            );
            let help = if fields.is_empty() {
                format!("write `{}` without parentheses", case.name)
            } else {
                format!("write `{}({})`, with `_` for what is not needed", case.name, fields.join(", "))
            };
            self.error_help(M0325, span, message, help);
        }
        let mut patterns = Vec::new();
        for (index, &arg) in args.iter().enumerate() {
            let ty = match case.fields.get(index) {
                Some(&(_, ty)) => self.program.types.subst(ty, &generics, &params),
                None => Ty::ERROR,
            };
            patterns.push(self.pattern(arg, ty, tests));
        }
        patterns.truncate(case.fields.len());
        while patterns.len() < case.fields.len() {
            patterns.push(self.body.pat(PatKind::Wildcard, Ty::ERROR, span));
        }
        self.body.pat(PatKind::Case(number, Some(patterns)), ty, span)
    }

    fn tuple_pattern(&mut self, pattern: ast::TuplePattern<'t>, ty: Ty, tests: bool, span: Span) -> PatId {
        let parts: Vec<_> = pattern.patterns().collect();
        if let [one] = parts[..] {
            return self.pattern(one, ty, tests);
        }
        let types = match self.kind(ty).clone() {
            TyKind::Tuple(types) if types.len() == parts.len() => types.to_vec(),
            TyKind::Var(_) => {
                let types: Vec<Ty> = parts.iter().map(|_| self.fresh()).collect();
                let tuple = self.program.types.intern(TyKind::Tuple(types.clone().into()));
                self.unify(ty, tuple);
                types
            }
            TyKind::Error => vec![Ty::ERROR; parts.len()],
            _ => {
                let shown = self.show(ty);
                self.error(
                    M0325,
                    span,
                    format!("this takes a tuple of {} apart, and the value is `{shown}`", parts.len()),
                );
                vec![Ty::ERROR; parts.len()]
            }
        };
        let patterns = parts.iter().zip(types).map(|(&part, ty)| self.pattern(part, ty, tests)).collect();
        self.body.pat(PatKind::Tuple(patterns), ty, span)
    }

    fn literal_pattern(&mut self, pattern: ast::LiteralPattern<'t>, ty: Ty, span: Span) -> PatId {
        if let Some(text) = pattern.string() {
            self.pattern_type(Ty::STR, ty, span);
            let text = text.plain_text().unwrap_or_else(|| {
                self.error(M0325, span, "a string with values in it is no pattern; compare with `if`");
                String::new()
            });
            return self.body.pat(PatKind::Literal(Literal::Str(text.into())), ty, span);
        }
        let Some(token) = pattern.value() else { return self.body.pat(PatKind::Wildcard, ty, span) };
        let minus = pattern.minus().is_some();
        let value = match token.kind() {
            K::TrueWord => Literal::Bool(true),
            K::FalseWord => Literal::Bool(false),
            K::Float => {
                let value = literal::float(token.text()).unwrap_or(0.0);
                Literal::Float(if minus { -value } else { value })
            }
            K::Char => Literal::Int(literal::character(token.text()).map_or(0, |c| i64::from(u32::from(c)))),
            K::Int => {
                let value = self.int_value(token.text(), minus, span);
                if self.shallow(ty) == Ty::FLOAT { Literal::Float(value as f64) } else { Literal::Int(value) }
            }
            K::NoneWord => {
                let shown = self.show(ty);
                self.error(M0325, span, format!("`none` is no `{shown}`: the value is always there"));
                return self.body.pat(PatKind::Wildcard, Ty::ERROR, span);
            }
            _ => return self.body.pat(PatKind::Wildcard, Ty::ERROR, span),
        };
        let own = match value {
            Literal::Int(_) => Ty::INT,
            Literal::Float(_) => Ty::FLOAT,
            Literal::Bool(_) => Ty::BOOL,
            Literal::Str(_) => Ty::STR,
        };
        self.pattern_type(own, ty, span);
        self.body.pat(PatKind::Literal(value), ty, span)
    }

    fn pattern_type(&mut self, own: Ty, ty: Ty, span: Span) {
        if !self.unify(own, ty) {
            self.mismatch_at(span, own, ty, &Why::new("the value that is matched", None));
        }
    }

    /// The value of an int as it is written; one that does not fit is reported.
    pub(crate) fn int_value(&mut self, text: &str, minus: bool, span: Span) -> i64 {
        let Some(value) = literal::integer(text) else { return 0 };
        let decimal = !text.starts_with("0x")
            && !text.starts_with("0b")
            && !text.starts_with("0X")
            && !text.starts_with("0B");
        if minus {
            return (value as i64).wrapping_neg();
        }
        if decimal && value > i64::MAX as u64 {
            self.error_help(
                M0301,
                span,
                "this number is larger than the largest int",
                "`int.max` is 9_223_372_036_854_775_807",
            );
        }
        value as i64
    }

    fn range_pattern(&mut self, pattern: ast::RangePattern<'t>, ty: Ty, span: Span) -> PatId {
        self.pattern_type(Ty::INT, ty, span);
        let mut end_of = |literal: Option<ast::LiteralPattern<'t>>| -> Option<i64> {
            let literal = literal?;
            let token = literal.value()?;
            let place = self.span_ast(literal);
            match token.kind() {
                K::Int => Some(self.int_value(token.text(), literal.minus().is_some(), place)),
                K::Char => literal::character(token.text()).map(|c| i64::from(u32::from(c))),
                _ => {
                    self.error(M0325, place, "the ends of a range are ints");
                    None
                }
            }
        };
        let (start, end) = (end_of(pattern.start()), end_of(pattern.end()));
        let (Some(start), Some(end)) = (start, end) else {
            return self.body.pat(PatKind::Wildcard, Ty::ERROR, span);
        };
        let last = if pattern.inclusive().is_some() { Some(end) } else { end.checked_sub(1) };
        match last {
            Some(last) if start <= last => self.body.pat(PatKind::Range(start, last), ty, span),
            _ => {
                self.error(M0325, span, "no int is in this range");
                self.body.pat(PatKind::Wildcard, Ty::ERROR, span)
            }
        }
    }

    fn or_pattern(&mut self, or: ast::OrPattern<'t>, ty: Ty, span: Span) -> PatId {
        let before = self.body.names.len();
        let parts: Vec<_> = or.patterns().collect();
        let patterns: Vec<PatId> = parts.iter().map(|&part| self.pattern(part, ty, true)).collect();
        if let Some(local) = self.body.names.first_since(before) {
            let place = self.body.infos[local.index()].span;
            self.error_help(
                M0325,
                place,
                "patterns joined by `|` bind no names",
                "write an arm for each, or `_` in the place of the name",
            );
        }
        self.body.names.truncate(before);
        self.body.pat(PatKind::Or(patterns), ty, span)
    }
}
