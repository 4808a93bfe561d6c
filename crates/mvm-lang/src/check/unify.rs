//! Type variables, which types fit which, and what implements what.

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use crate::errors::{M0301, M0309, M0318, M0327};
use crate::hir::{ExprId, ExprKind, NominalId, NominalKind, ParamId};
use crate::types::{Ty, TyKind};

/// Why a type is expected somewhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Why {
    /// What is expected there: "the parameter `a`".
    pub(crate) what: String,
    /// Where that is said.
    pub(crate) place: Option<Span>,
}

impl Why {
    pub(crate) fn new(what: impl Into<String>, place: Option<Span>) -> Why {
        Why { what: what.into(), place }
    }
}

/// A bound that is judged when types are known.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    params: Vec<ParamId>,
    args: Vec<Ty>,
    span: Span,
}

impl<'t> Checker<'t> {
    /// A new type variable.
    pub(crate) fn fresh(&mut self) -> Ty {
        let number = self.vars.len() as u32;
        self.vars.push(None);
        self.program.types.intern(TyKind::Var(number))
    }

    /// The type, or what its variable stands for; parts may still be variables.
    pub(crate) fn shallow(&self, mut ty: Ty) -> Ty {
        while let &TyKind::Var(number) = self.program.types.kind(ty) {
            match self.vars.get(number as usize).copied().flatten() {
                Some(solution) => ty = solution,
                None => break,
            }
        }
        // An optional whose inner type turned out to be an optional is that one.
        if let &TyKind::Optional(inner) = self.program.types.kind(ty)
            && let &TyKind::Var(_) = self.program.types.kind(inner)
        {
            let inner = self.shallow(inner);
            if let TyKind::Optional(_) = self.program.types.kind(inner) {
                return inner;
            }
        }
        ty
    }

    /// What the type is.
    pub(crate) fn kind(&self, ty: Ty) -> &TyKind {
        self.program.types.kind(self.shallow(ty))
    }

    /// The type with all solutions in it.
    pub(crate) fn zonk(&mut self, ty: Ty) -> Ty {
        let vars = std::mem::take(&mut self.vars);
        let result = zonk(&mut self.program.types, &vars, ty);
        self.vars = vars;
        result
    }

    /// Whether there are variables without solution in the type.
    pub(crate) fn is_open(&mut self, ty: Ty) -> bool {
        let ty = self.zonk(ty);
        self.program.types.any(ty, &|kind| matches!(kind, TyKind::Var(_)))
    }

    /// Variables that have been reported are of no consequence any more.
    pub(crate) fn give_up(&mut self, ty: Ty) {
        let ty = self.zonk(ty);
        let mut open = Vec::new();
        self.program.types.map(ty, &mut |types, part| {
            if let TyKind::Var(number) = *types.kind(part) {
                open.push(number);
            }
            None
        });
        for number in open {
            self.vars[number as usize] = Some(Ty::ERROR);
        }
    }

    /// Makes two types one, if that is possible.
    pub(crate) fn unify(&mut self, a: Ty, b: Ty) -> bool {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == b || a == Ty::ERROR || b == Ty::ERROR {
            return true;
        }
        match (self.program.types.kind(a).clone(), self.program.types.kind(b).clone()) {
            (TyKind::Var(var), _) => self.solve(var, b),
            (_, TyKind::Var(var)) => self.solve(var, a),
            (TyKind::Optional(a), TyKind::Optional(b)) => self.unify(a, b),
            (TyKind::Tuple(a), TyKind::Tuple(b)) => {
                a.len() == b.len() && a.iter().zip(&b).all(|(&a, &b)| self.unify(a, b))
            }
            (TyKind::Fn(a, x), TyKind::Fn(b, y)) => {
                a.len() == b.len() && a.iter().zip(&b).all(|(&a, &b)| self.unify(a, b)) && self.unify(x, y)
            }
            (TyKind::Named(a, x), TyKind::Named(b, y)) => {
                a == b && x.iter().zip(&y).all(|(&a, &b)| self.unify(a, b))
            }
            _ => false,
        }
    }

    fn solve(&mut self, var: u32, ty: Ty) -> bool {
        let ty = self.zonk(ty);
        if self.program.types.any(ty, &|kind| *kind == TyKind::Var(var)) {
            return false;
        }
        self.vars[var as usize] = Some(ty);
        true
    }

    /// The types that a class, enum or interface names directly, its base class first.
    pub(crate) fn supers(&mut self, ty: Ty) -> Vec<Ty> {
        let (id, args) = match self.kind(ty).clone() {
            TyKind::Named(id, args) => (id, args.to_vec()),
            TyKind::Param(id) => return self.program.params[id.index()].bounds.clone(),
            TyKind::Int => (self.lang("Int"), Vec::new()),
            TyKind::Float => (self.lang("Float"), Vec::new()),
            TyKind::Bool => (self.lang("Bool"), Vec::new()),
            TyKind::Str => (self.lang("Str"), Vec::new()),
            TyKind::Bytes => (self.lang("Bytes"), Vec::new()),
            _ => return Vec::new(),
        };
        let Some(nominal) = self.program.nominals.get(id.index()) else { return Vec::new() };
        let all: Vec<Ty> = nominal.base.iter().chain(&nominal.interfaces).copied().collect();
        let params = nominal.generics.clone();
        // `Self` in the arguments of an interface is the type itself.
        let mut args = args;
        if nominal.kind == NominalKind::Interface {
            args.push(ty);
        }
        all.into_iter().map(|of| self.program.types.subst(of, &params, &args)).collect()
    }

    /// A nominal of the prelude; one that does not exist when it is not there.
    pub(crate) fn lang(&self, name: &str) -> NominalId {
        self.program.lang.nominals.get(name).copied().unwrap_or(NominalId(u32::MAX))
    }

    /// The type as an instance of a class or interface above it (or itself).
    pub(crate) fn as_super(&mut self, ty: Ty, wanted: NominalId) -> Option<Ty> {
        let mut left = vec![self.shallow(ty)];
        let mut seen = 0;
        while let Some(ty) = left.pop() {
            if matches!(self.kind(ty), TyKind::Named(id, _) if *id == wanted) {
                return Some(ty);
            }
            seen += 1;
            if seen > 1_000 {
                return None;
            }
            let supers = self.supers(ty);
            left.extend(supers.into_iter().rev());
        }
        None
    }

    /// Whether values of the type implement the interface, by declaration or because all such types do.
    pub(crate) fn satisfies(&mut self, ty: Ty, bound: Ty) -> bool {
        let ty = self.shallow(ty);
        let &TyKind::Named(interface, _) = self.kind(bound) else { return true };
        if matches!(ty, Ty::ERROR | Ty::NEVER) {
            return true;
        }
        if let Some(found) = self.as_super(ty, interface) {
            return self.unify(found, bound);
        }
        if Some(interface) == self.known.hashable {
            return self.is_hashable(ty);
        }
        if Some(interface) == self.known.ordered {
            return self.is_ordered(ty);
        }
        false
    }

    /// Whether `==` of this type asks somewhere whether two objects are one: it is a class without `==`, or has such parts.
    pub(crate) fn compares_objects(&mut self, ty: Ty, depth: u32) -> bool {
        let ty = self.zonk(ty);
        match self.kind(ty).clone() {
            TyKind::Optional(inner) => self.compares_objects(inner, depth),
            TyKind::Tuple(parts) => parts.iter().any(|&part| self.compares_objects(part, depth)),
            TyKind::Named(id, args) => match self.program.nominals[id.index()].kind {
                NominalKind::Class if !self.is_collection(id) => self.find_member(ty, "==").is_none(),
                // An enum may hold itself.
                NominalKind::Enum => {
                    let parts = if depth < 3 { self.case_types(id, &args) } else { Vec::new() };
                    parts.into_iter().any(|part| self.compares_objects(part, depth + 1))
                }
                _ => args.iter().any(|&arg| self.compares_objects(arg, depth)),
            },
            _ => false,
        }
    }

    /// Whether values can be keys.
    pub(crate) fn is_hashable(&mut self, ty: Ty) -> bool {
        match self.kind(ty).clone() {
            TyKind::Error | TyKind::Never | TyKind::Var(_) => true,
            TyKind::Int | TyKind::Bool | TyKind::Str | TyKind::Unit => true,
            TyKind::Tuple(parts) => parts.iter().all(|&part| self.is_hashable(part)),
            TyKind::Optional(inner) => self.is_hashable(inner),
            TyKind::Named(id, args) => match self.program.nominals[id.index()].kind {
                NominalKind::Enum => {
                    self.case_types(id, &args).into_iter().all(|part| part == ty || self.is_hashable(part))
                }
                NominalKind::Class => {
                    !self.is_collection(id)
                        && (self.find_member(ty, "==").is_none() || self.find_member(ty, "hash").is_some())
                }
                NominalKind::Interface | NominalKind::Builtin => {
                    self.known.hashable.is_some_and(|hashable| self.as_super(ty, hashable).is_some())
                }
            },
            TyKind::Param(_) => {
                self.known.hashable.is_some_and(|hashable| self.as_super(ty, hashable).is_some())
            }
            TyKind::Float | TyKind::Bytes | TyKind::Fn(..) => false,
        }
    }

    /// Lists, maps and sets: their values change.
    pub(crate) fn is_collection(&self, id: NominalId) -> bool {
        let name = &self.program.nominals[id.index()].name;
        self.program.nominals[id.index()].module.0 == 0 && matches!(&**name, "List" | "Map" | "Set" | "Array")
    }

    /// Types in the payloads of an enum.
    pub(crate) fn case_types(&mut self, id: NominalId, args: &[Ty]) -> Vec<Ty> {
        let nominal = &self.program.nominals[id.index()];
        let params = nominal.generics.clone();
        let all: Vec<Ty> =
            nominal.cases.iter().flat_map(|case| case.fields.iter().map(|field| field.1)).collect();
        all.into_iter().map(|ty| self.program.types.subst(ty, &params, args)).collect()
    }

    /// Whether values have an order.
    pub(crate) fn is_ordered(&mut self, ty: Ty) -> bool {
        match self.kind(ty).clone() {
            TyKind::Error | TyKind::Never | TyKind::Var(_) => true,
            TyKind::Int | TyKind::Float | TyKind::Str => true,
            TyKind::Tuple(parts) => parts.iter().all(|&part| self.is_ordered(part)),
            TyKind::Named(id, _) => {
                let nominal = &self.program.nominals[id.index()];
                nominal.kind == NominalKind::Enum && nominal.cases.iter().all(|case| case.fields.is_empty())
                    || self.find_member(ty, "<=>").is_some()
            }
            TyKind::Param(_) => self.find_member(ty, "<=>").is_some(),
            _ => false,
        }
    }

    /// Whether values can be compared with `==`.
    pub(crate) fn has_equality(&mut self, ty: Ty) -> bool {
        match self.kind(ty).clone() {
            TyKind::Fn(..) => false,
            TyKind::Tuple(parts) => parts.iter().all(|&part| self.has_equality(part)),
            TyKind::Optional(inner) => self.has_equality(inner),
            TyKind::Named(id, args) if self.is_collection(id) => {
                args.iter().all(|&part| self.has_equality(part))
            }
            _ => true,
        }
    }

    /// Remembers that type arguments have to keep the bounds of their parameters.
    pub(crate) fn later_bounds(&mut self, id: Option<NominalId>, args: &[Ty], span: Span) {
        let Some(id) = id else { return };
        let params = self.program.nominals[id.index()].generics.clone();
        self.later_bounds_of(&params, args, span);
    }

    /// The same for parameters of a function.
    pub(crate) fn later_bounds_of(&mut self, params: &[ParamId], args: &[Ty], span: Span) {
        if !params.is_empty() {
            self.body.bounds.push(Bound { params: params.to_vec(), args: args.to_vec(), span });
        }
    }

    /// Judges the bounds that were remembered.
    pub(crate) fn judge_bounds(&mut self) {
        for Bound { params, args, span } in std::mem::take(&mut self.body.bounds) {
            let library = self.units.iter().any(|unit| unit.file == span.file && unit.library);
            for (&param, &arg) in params.iter().zip(&args) {
                let bounds = self.program.params[param.index()].bounds.clone();
                for bound in bounds {
                    let bound = self.program.types.subst(bound, &params, &args);
                    // `Self` is the implementing type by itself.
                    if self.program.params[param.index()].name.as_ref() == "Self"
                        || self.satisfies(arg, bound)
                    {
                        continue;
                    }
                    // Some methods of lists ask more of the elements than lists do; calls of them are judged.
                    if library && matches!(self.kind(arg), TyKind::Param(_)) {
                        continue;
                    }
                    let (shown, bound_shown) = (self.show(arg), self.show(bound));
                    let name = self.program.params[param.index()].name.clone();
                    let mut diagnostic =
                        Diagnostic::error(M0318, format!("`{shown}` is not `{bound_shown}`"))
                            .at(span, format!("needed here for `{name}: {bound_shown}`"));
                    if Some(bound) == self.known.hashable.map(|id| self.program.types.named(id, &[])) {
                        diagnostic = diagnostic.help(
                            "keys of maps and sets are int, bool, str, tuples and enums of such, and classes (with `==` only together with `hash`)",
                        );
                    } else if let Some(help) = self.help_with_bound(arg, bound) {
                        diagnostic = diagnostic.help(help);
                    }
                    self.report(diagnostic);
                }
            }
        }
    }

    /// What makes a type fit a bound.
    fn help_with_bound(&self, ty: Ty, bound: Ty) -> Option<String> {
        let &TyKind::Named(interface, _) = self.kind(bound) else { return None };
        match *self.kind(ty) {
            TyKind::Optional(_) => {
                Some("it may be `none`; take it out with `??`, `if let` or `!`".to_owned())
            }
            TyKind::Param(param) => {
                let (name, bound) = (&self.program.params[param.index()].name, self.show(bound));
                Some(format!("write `<{name}: {bound}>` where the type parameter is declared"))
            }
            TyKind::Named(id, _) if !self.is_collection(id) => {
                let name = &self.program.nominals[id.index()].name;
                if self.known.ordered == Some(interface) {
                    return Some(format!(
                        "give it an order: `fn <=>(other: {name}) -> int`, negative, 0 or positive"
                    ));
                }
                let open = self.known.number != Some(interface) && self.is_class(id);
                open.then(|| format!("write `class {name}: {}` and its methods", self.show(bound)))
            }
            _ => None,
        }
    }

    /// The expression as a value of the type, converted if need be; if it does not fit, that is reported.
    pub(crate) fn coerce(&mut self, expr: ExprId, to: Ty, why: &Why) -> ExprId {
        match self.try_coerce(expr, to) {
            Some(expr) => expr,
            None => {
                self.mismatch(expr, to, why);
                self.poison(expr)
            }
        }
    }

    /// The expression as a value of the type, if it fits.
    pub(crate) fn try_coerce(&mut self, expr: ExprId, to: Ty) -> Option<ExprId> {
        let from = self.shallow(self.body.expr(expr).ty);
        let to = self.shallow(to);
        if from == to || from == Ty::ERROR || to == Ty::ERROR || from == Ty::NEVER {
            return Some(expr);
        }
        let span = self.body.expr(expr).span;
        match (self.kind(from).clone(), self.kind(to).clone()) {
            (TyKind::Optional(from_inner), TyKind::Optional(to_inner)) => {
                if self.unify_or_not(from_inner, to_inner) {
                    return Some(expr);
                }
                let (a, b) = (self.shallow(from_inner), self.shallow(to_inner));
                self.is_below(a, b).then(|| self.body.push(ExprKind::Upcast(expr), to, span))
            }
            (TyKind::Var(_), TyKind::Optional(_)) | (_, TyKind::Var(_)) => {
                self.unify(from, to).then_some(expr)
            }
            (_, TyKind::Optional(inner)) => {
                let expr = self.try_coerce(expr, inner)?;
                Some(self.body.push(ExprKind::Some(expr), to, span))
            }
            (TyKind::Named(a, _), TyKind::Named(b, args)) if a == b => {
                let list = Some(a) == self.known.list;
                (self.unify_or_not(from, to) || list && self.coerce_parts(expr, to, &args)).then_some(expr)
            }
            (TyKind::Tuple(_), TyKind::Tuple(parts)) => {
                (self.unify_or_not(from, to) || self.coerce_parts(expr, to, &parts)).then_some(expr)
            }
            (TyKind::Var(_), _) => self.unify(from, to).then_some(expr),
            (_, TyKind::Named(..)) => {
                self.is_below(from, to).then(|| self.body.push(ExprKind::Upcast(expr), to, span))
            }
            (TyKind::Fn(params, result), TyKind::Fn(wanted, wanted_result))
                if params.len() == wanted.len()
                    && self.shallow(result) == Ty::NEVER
                    && params.iter().zip(&wanted).all(|(&a, &b)| self.unify(a, b)) =>
            {
                let _ = wanted_result;
                self.body.expr_mut(expr).ty = to;
                Some(expr)
            }
            _ => self.unify(from, to).then_some(expr),
        }
    }

    /// Converts the parts of a tuple or list that is written out, also at the end of a block. Whether all fit.
    fn coerce_parts(&mut self, expr: ExprId, to: Ty, parts: &[Ty]) -> bool {
        let new = match self.body.expr(expr).kind.clone() {
            ExprKind::Tuple(ids) if ids.len() == parts.len() => ids
                .iter()
                .zip(parts)
                .map(|(&id, &ty)| self.try_coerce(id, ty))
                .collect::<Option<_>>()
                .map(ExprKind::Tuple),
            ExprKind::List(ids) => {
                ids.iter().map(|&id| self.try_coerce(id, parts[0])).collect::<Option<_>>().map(ExprKind::List)
            }
            ExprKind::Block { statements, value: Some(value) } => {
                let from = self.body.expr(value).ty;
                (from == self.body.expr(expr).ty && self.coerce_parts(value, to, parts))
                    .then_some(ExprKind::Block { statements, value: Some(value) })
            }
            _ => None,
        };
        let Some(kind) = new else { return false };
        let made = self.body.expr_mut(expr);
        (made.kind, made.ty) = (kind, to);
        true
    }

    /// Unifies, and leaves no trace if that does not work.
    pub(crate) fn unify_or_not(&mut self, a: Ty, b: Ty) -> bool {
        let before = self.vars.clone();
        let unified = self.unify(a, b);
        if !unified {
            self.vars = before;
        }
        unified
    }

    /// Whether the first type is a class or built-in type below the second, which is another class or an interface.
    fn is_below(&mut self, from: Ty, to: Ty) -> bool {
        let &TyKind::Named(wanted, _) = self.kind(to) else { return false };
        match self.as_super(from, wanted) {
            Some(found) => self.unify(found, to),
            // Tuples, lists and the like implement some interfaces without saying so.
            None => {
                let derived = [self.known.hashable, self.known.ordered].contains(&Some(wanted));
                derived
                    && !matches!(self.kind(from), TyKind::Optional(_) | TyKind::Unit)
                    && self.satisfies(from, to)
            }
        }
    }

    fn poison(&mut self, expr: ExprId) -> ExprId {
        let span = self.body.expr(expr).span;
        self.body.push(ExprKind::Error, Ty::ERROR, span)
    }

    /// Reports that a value has another type than it should.
    pub(crate) fn mismatch(&mut self, expr: ExprId, to: Ty, why: &Why) {
        let (from, span) = (self.body.expr(expr).ty, self.body.expr(expr).span);
        self.mismatch_at(span, from, to, why);
    }

    /// The same for a type at a place.
    pub(crate) fn mismatch_at(&mut self, span: Span, from: Ty, to: Ty, why: &Why) {
        let (from, to) = (self.zonk(from), self.zonk(to));
        if from == Ty::ERROR || to == Ty::ERROR {
            return;
        }
        let inner = self.program.types.inner(from);
        let wanted = self.show(to);
        if inner.is_some_and(|inner| matches!(self.kind(inner), TyKind::Var(_))) {
            self.give_up(from);
            let help = format!("only an optional can be `none`: its type is written `{wanted}?`");
            self.error_help(M0327, span, format!("`{wanted}` is never `none`"), help);
            return;
        }
        let shown = self.show(from);
        let (code, message) = match inner {
            Some(inner) if inner == to => {
                (M0327, format!("this may be `none`: it is `{shown}`, and `{wanted}` is needed"))
            }
            _ => (M0301, format!("expected `{wanted}`, found `{shown}`")),
        };
        let mut diagnostic = Diagnostic::error(code, message).at(span, format!("this is `{shown}`"));
        if let Some(place) = why.place {
            diagnostic = diagnostic.with(place, format!("{} is `{wanted}`", why.what));
        } else if !why.what.is_empty() {
            diagnostic = diagnostic.note(format!("{} is `{wanted}`", why.what), None);
        }
        if let Some(help) = self.conversion(from, to) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// How a value of one type becomes one of the other.
    fn conversion(&mut self, from: Ty, to: Ty) -> Option<String> {
        if let TyKind::Fn(params, result) = self.kind(from)
            && params.is_empty()
            && *result == to
        {
            return Some("this is a function that is not called: a call has parentheses, `f()`".into());
        }
        if let &TyKind::Named(above, _) = self.kind(from)
            && matches!(*self.kind(to), TyKind::Named(below, _) if below != above && self.is_class(below))
            && self.as_super(to, above) == Some(from)
        {
            let wanted = self.show(to);
            return Some(format!(
                "`x as? {wanted}` gives a `{wanted}?`, `x as! {wanted}` throws if it is none"
            ));
        }
        if self.program.types.inner(from) == Some(to) {
            return Some(
                "give a value for `none` with `??`, take it apart with `if let`, or insist with `!`".into(),
            );
        }
        Some(match (from, to) {
            (Ty::INT, Ty::FLOAT) => "write `.to_float()` behind it".into(),
            (Ty::FLOAT, Ty::INT) => "write `.to_int()` behind it, which rounds towards zero".into(),
            (Ty::STR, Ty::INT) => "`.parse_int()` gives an `int?`".into(),
            (Ty::STR, Ty::FLOAT) => "`.parse_float()` gives a `float?`".into(),
            (Ty::BOOL, Ty::INT) => "write `if c { 1 } else { 0 }`".into(),
            (_, Ty::BOOL) if self.program.types.inner(from).is_some() => {
                "`x != none` asks whether it is there; `if let x { ... }` takes it out".into()
            }
            (Ty::INT, Ty::BOOL) => "compare it: `n != 0`".into(),
            (_, Ty::STR) if from != Ty::UNIT => "a value stands in a string like this: `\"{value}\"`".into(),
            _ => return None,
        })
    }

    /// Reports a type that is not known well enough.
    pub(crate) fn open_type(&mut self, span: Span, what: &str) {
        let class = what.strip_prefix("a type argument of `").and_then(|rest| rest.strip_suffix('`'));
        let help = match class.filter(|name| name.starts_with(char::is_uppercase)) {
            Some(class) => format!("write it behind the name: `{class}<int>(...)`"),
            None => "say it where the name is declared: `let xs: [int] = []`".to_owned(),
        };
        self.error_help(M0309, span, format!("the type of {what} cannot be found out"), help);
    }
}

/// The type with all solutions in it.
pub(crate) fn zonk(types: &mut crate::types::Types, vars: &[Option<Ty>], ty: Ty) -> Ty {
    types.map(ty, &mut |types, part| match *types.kind(part) {
        TyKind::Var(number) => {
            let solution = vars.get(number as usize).copied().flatten()?;
            Some(zonk(types, vars, solution))
        }
        TyKind::Optional(inner) => {
            let inner = zonk(types, vars, inner);
            Some(types.optional(inner))
        }
        _ => None,
    })
}
