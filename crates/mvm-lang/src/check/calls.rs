//! Calls: which function, which arguments, which type arguments.

use mvm_diag::Span;

use super::access::Path;
use super::args::Slot;
use super::body::Want;
use super::members::Found;
use super::tyexpr::count;
use super::unify::Why;
use super::{Checker, Item, Member};
use crate::ast;
use crate::errors::{M0305, M0306, M0307, M0318, M0319, M0328};
use crate::hir::{ExprId, ExprKind, FnId, NominalId, NominalKind};
use crate::types::{Ty, TyKind};

/// Methods of lists that ask more of the elements than lists do.
const ASKS_ORDER: &[&str] = &["sort", "sorted", "min", "max", "binary_search"];
const ASKS_NUMBERS: &[&str] = &["sum"];
const ASKS_HASH: &[&str] = &["to_set", "unique"];
const ASKS_EQUALITY: &[&str] = &["contains", "index_of", "last_index_of", "remove", "count_of"];

impl<'t> Checker<'t> {
    /// A call of a function of the prelude.
    pub(crate) fn library_call(&mut self, name: &str, args: Vec<ExprId>, span: Span) -> ExprId {
        let Some(&function) = self.program.lang.fns.get(name) else { return self.poisoned(span) };
        let result = self.program.fns[function.index()].result;
        self.body.push(ExprKind::Call { function, generics: Box::new([]), args }, result, span)
    }

    /// A call of a method of a value with arguments that are checked and fit.
    pub(crate) fn call_member(
        &mut self,
        object: ExprId,
        name: &str,
        args: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let ty = self.body.expr(object).ty;
        if self.shallow(ty) == Ty::ERROR {
            return self.poisoned(span);
        }
        let Some(found) = self.find_member(ty, name) else {
            self.no_member(ty, name, span);
            return self.poisoned(span);
        };
        let Member::Method(method) = found.member else { return self.poisoned(span) };
        let function = &self.program.fns[method.index()];
        let generics = function.generics.clone();
        let (params, result) = (function.params.clone(), function.result);
        let mut actual = found.args.clone();
        while actual.len() < generics.len() {
            actual.push(self.fresh());
        }
        let mut all = vec![object];
        for (index, arg) in args.into_iter().enumerate() {
            let arg = match params.get(index + 1) {
                Some(param) => {
                    let wanted = self.program.types.subst(param.ty, &generics, &actual);
                    self.coerce(arg, wanted, &Why::new(format!("the operand of `{name}`"), None))
                }
                None => arg,
            };
            all.push(arg);
        }
        if all.len() != params.len() {
            let message = format!("`{name}` is to take {} here", count(all.len() - 1, "argument"));
            self.error(M0305, span, message);
            return self.poisoned(span);
        }
        let result = self.program.types.subst(result, &generics, &actual);
        self.method_call(ty, method, actual, all, result, span)
    }

    /// A call of a method with arguments as they are written.
    pub(crate) fn call_member_exprs(
        &mut self,
        object: ExprId,
        name: &str,
        args: &[ast::Expr<'t>],
        span: Span,
    ) -> ExprId {
        let ty = self.body.expr(object).ty;
        let Some(found) = self.find_member(ty, name) else {
            self.no_member(ty, name, span);
            return self.poisoned(span);
        };
        let Member::Method(method) = found.member else { return self.poisoned(span) };
        let (params, generics) = (
            self.program.fns[method.index()].params.clone(),
            self.program.fns[method.index()].generics.clone(),
        );
        let mut values = Vec::new();
        for (index, &arg) in args.iter().enumerate() {
            let value = match params.get(index + 1) {
                Some(param) => {
                    let wanted = self.program.types.subst(param.ty, &generics, &found.args);
                    let why = match name {
                        "[]" => Why::new("what stands in the brackets", None),
                        _ => Why::new(format!("the argument of `{name}`"), None),
                    };
                    self.expect(arg, wanted, &why)
                }
                None => self.infer(arg, Want::Value),
            };
            values.push(value);
        }
        self.judge_element(ty, name, span);
        self.call_member(object, name, values, span)
    }

    /// The call itself: of a method that is known, or of the one that the object has.
    fn method_call(
        &mut self,
        receiver: Ty,
        method: FnId,
        generics: Vec<Ty>,
        args: Vec<ExprId>,
        result: Ty,
        span: Span,
    ) -> ExprId {
        let own = &self.program.fns[method.index()];
        let builtin =
            own.owner.is_some_and(|owner| self.program.nominals[owner.index()].kind == NominalKind::Builtin);
        let fixed = builtin && !matches!(self.kind(receiver), TyKind::Param(_));
        let generics = generics.into();
        let kind = if fixed {
            ExprKind::Call { function: method, generics, args }
        } else {
            ExprKind::CallMethod { method, generics, args }
        };
        self.body.push(kind, result, span)
    }

    pub(crate) fn call(&mut self, call: ast::CallExpr<'t>, want: Want, span: Span) -> ExprId {
        let Some(callee) = call.callee() else { return self.poisoned(span) };
        let args: Vec<ast::Arg<'t>> = call.args().into_iter().flat_map(|args| args.args()).collect();
        match callee {
            ast::Expr::NameExpr(name) => {
                let Some(token) = name.name() else { return self.poisoned(span) };
                let text = token.text();
                let place = self.span_token(token);
                if let Some(local) = self.find_local(text) {
                    let callee = self.local_value(local, place);
                    return self.call_value(callee, &args, span);
                }
                if let Some(found) = self.own_member_of_scope(text) {
                    return self.call_own(&found, text, &args, want, span, place);
                }
                let types = name.args().map(|args| args.types().map(|ty| self.ty(ty)).collect());
                match self.lookup_item(text) {
                    Some(item) => self.call_item(&item, text, types, &args, want, span, place),
                    None => {
                        self.unknown_name(text, place, true);
                        self.check_args(&args);
                        self.poisoned(span)
                    }
                }
            }
            ast::Expr::FieldExpr(field) => self.call_field(field, &args, want, span),
            callee => {
                let callee = self.link(callee, Want::Value);
                self.call_value(callee, &args, span)
            }
        }
    }

    /// Checks arguments of a call that is wrong already.
    fn check_args(&mut self, args: &[ast::Arg<'t>]) {
        for value in args.iter().filter_map(|arg| arg.value()) {
            self.infer(value, Want::Of(Ty::ERROR));
        }
    }

    fn call_own(
        &mut self,
        found: &Found,
        name: &str,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        match found.member {
            Member::Method(_) => match self.implied_self(name, place) {
                Some(object) => self.call_found(object, found, name, args, want, span, place),
                None => {
                    self.check_args(args);
                    self.poisoned(span)
                }
            },
            Member::Static(id) => self.call_fn(id, Some(found.args.clone()), args, want, span, place),
            Member::Field(_) => match self.implied_self(name, place) {
                Some(object) => {
                    let callee = self.member_value(object, found, name, place);
                    self.call_value(callee, args, span)
                }
                None => self.poisoned(span),
            },
            Member::StaticConst(_) => {
                let callee =
                    self.static_value(found.owner, Some(found.args.clone()), found.member, want, place);
                self.call_value(callee, args, span)
            }
            Member::Case(number) => self.call_case(found.owner, number, None, args, want, span, place),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of a call")]
    fn call_item(
        &mut self,
        item: &Item,
        name: &str,
        types: Option<Vec<Ty>>,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        match item {
            &Item::Fn(id) => self.call_fn(id, None, args, want, span, place),
            &Item::Nominal(id) => self.construct(id, types, args, want, span, place),
            &Item::Alias(number) => {
                let ty = self.alias(number, &types.unwrap_or_default(), place);
                match self.program.types.kind(ty).clone() {
                    TyKind::Named(id, types) => {
                        self.construct(id, Some(types.to_vec()), args, want, span, place)
                    }
                    _ => {
                        self.error(M0307, place, format!("`{name}` is no class, so it is not called"));
                        self.check_args(args);
                        self.poisoned(span)
                    }
                }
            }
            Item::Cases(cases) => match self.choose_case(cases, name, want, place) {
                Some((id, number)) => self.call_case(id, number, None, args, want, span, place),
                None => {
                    self.check_args(args);
                    self.poisoned(span)
                }
            },
            Item::Const(_) | Item::Module(_) => {
                let callee = self.item_value(item, name, Want::Value, place);
                self.call_value(callee, args, span)
            }
        }
    }

    fn call_field(
        &mut self,
        field: ast::FieldExpr<'t>,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
    ) -> ExprId {
        let (Some(base), Some(name)) = (field.base(), field.name()) else { return self.poisoned(span) };
        let (text, place) = (name.text(), self.span_token(name));
        if let ast::Expr::SuperExpr(_) = base {
            return self.call_super(text, args, span, place);
        }
        match self.path(base) {
            Some(Path::Module(module)) => {
                let types = field.args().map(|args| args.types().map(|ty| self.ty(ty)).collect());
                return match self.import(module, text, place) {
                    Some(item) => self.call_item(&item, text, types, args, want, span, place),
                    None => {
                        self.check_args(args);
                        self.poisoned(span)
                    }
                };
            }
            Some(Path::Nominal(id, types)) => {
                return match self.static_member(id, text, place) {
                    Some(Member::Static(function)) => self.call_fn(function, types, args, want, span, place),
                    Some(Member::Case(number)) => self.call_case(id, number, types, args, want, span, place),
                    Some(member) => {
                        let callee = self.static_value(id, types, member, Want::Value, place);
                        self.call_value(callee, args, span)
                    }
                    None => {
                        self.check_args(args);
                        self.poisoned(span)
                    }
                };
            }
            Some(Path::Machine) => return self.call_machine(text, args, want, span, place),
            None => {}
        }
        let object = self.object_of(base, field.optional().is_some());
        let ty = self.body.expr(object).ty;
        let ty = self.shallow(ty);
        if ty == Ty::ERROR {
            self.check_args(args);
            return self.poisoned(span);
        }
        match self.find_seen(ty, text) {
            Some(found) => self.call_found(object, &found, text, args, want, span, place),
            None => {
                self.no_member(ty, text, place);
                self.check_args(args);
                self.poisoned(span)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of a call")]
    fn call_found(
        &mut self,
        object: ExprId,
        found: &Found,
        name: &str,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        let Member::Method(method) = found.member else {
            let callee = self.member_value(object, found, name, place);
            return self.call_value(callee, args, span);
        };
        self.judge_private(found, name, place);
        let receiver = self.body.expr(object).ty;
        self.judge_element(receiver, name, place);
        let function = &self.program.fns[method.index()];
        let generics = function.generics.clone();
        let (params, result, own) = (function.params.clone(), function.result, function.span);
        let mut actual = found.args.clone();
        while actual.len() < generics.len() {
            actual.push(self.fresh());
        }
        let slots = self.slots(&params[1..], &generics, &actual, own);
        let result = self.program.types.subst(result, &generics, &actual);
        self.hint_result(result, want);
        let mut object = Some(object);
        let (before, values) = self.match_args(name, &slots, args, &actual, &mut object, span);
        self.later_bounds_of(&generics, &actual, place);
        let mut all: Vec<ExprId> = object.into_iter().collect();
        all.extend(values);
        let id = self.method_call(receiver, method, actual, all, result, span);
        self.with_statements(before, id)
    }

    /// A call with statements in front of it.
    fn with_statements(&mut self, statements: Vec<ExprId>, id: ExprId) -> ExprId {
        if statements.is_empty() {
            return id;
        }
        let (ty, span) = (self.body.expr(id).ty, self.body.expr(id).span);
        self.body.push(ExprKind::Block { statements, value: Some(id) }, ty, span)
    }

    /// What methods of lists ask of the elements besides.
    pub(crate) fn judge_element(&mut self, receiver: Ty, name: &str, span: Span) {
        let element = match self.kind(receiver).clone() {
            TyKind::Named(id, args) if Some(id) == self.known.list => args[0],
            _ => return,
        };
        let (right, needs) = if ASKS_ORDER.contains(&name) {
            (self.is_ordered(element), "an order")
        } else if ASKS_NUMBERS.contains(&name) {
            let ty = self.shallow(element);
            let open = matches!(self.kind(ty), TyKind::Var(_));
            (open || matches!(ty, Ty::INT | Ty::FLOAT | Ty::ERROR) || self.is_number(ty), "numbers")
        } else if ASKS_HASH.contains(&name) {
            (self.is_hashable(element), "elements that can be keys")
        } else if ASKS_EQUALITY.contains(&name) {
            (self.has_equality(element), "elements with `==`")
        } else {
            return;
        };
        // In the library itself, elements are of any type.
        if !right && !self.units[self.module.index()].library {
            let shown = self.show(element);
            self.error_help(
                M0318,
                span,
                format!("`{name}` needs {needs}, and the elements are `{shown}`"),
                if needs == "an order" {
                    "`sorted_by(|x| x.key)` sorts by something that has an order"
                } else {
                    "`map` makes other elements of them"
                },
            );
        }
    }

    /// Uses what is wanted of the result to find type arguments.
    fn hint_result(&mut self, result: Ty, want: Want) {
        let Some(wanted) = self.wanted(want) else { return };
        if !self.is_open(result)
            || matches!(self.kind(result), TyKind::Var(_)) && matches!(self.kind(wanted), TyKind::Var(_))
        {
            return;
        }
        let result = match *self.kind(result) {
            TyKind::Optional(inner) => inner,
            _ => result,
        };
        // Only where it is an argument of something: `T` alone may become less than what is wanted.
        self.unify_or_not(result, wanted);
    }

    fn slots(
        &mut self,
        params: &[crate::hir::Param],
        generics: &[crate::hir::ParamId],
        actual: &[Ty],
        place: Span,
    ) -> Vec<Slot> {
        params
            .iter()
            .map(|param| Slot {
                name: param.name.to_string(),
                ty: self.program.types.subst(param.ty, generics, actual),
                default: param.default,
                place: Some(place),
            })
            .collect()
    }

    /// A call of a function of a module, or of a static one.
    pub(crate) fn call_fn(
        &mut self,
        id: FnId,
        owner_args: Option<Vec<Ty>>,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        if let Some(special) = self.call_print(id, args, span) {
            return special;
        }
        let spawning = std::mem::take(&mut self.body.spawning);
        if !spawning {
            self.judge_receives(id, place);
        }
        let function = &self.program.fns[id.index()];
        let (name, generics) = (function.name.clone(), function.generics.clone());
        let (params, result, own) = (function.params.clone(), function.result, function.span);
        let count = function.owner_generics;
        let mut actual = owner_args.filter(|args| args.len() == count).unwrap_or_default();
        while actual.len() < generics.len() {
            actual.push(self.fresh());
        }
        let slots = self.slots(&params, &generics, &actual, own);
        let result = self.program.types.subst(result, &generics, &actual);
        if !spawning {
            self.unify_mailbox(id, &generics, &actual);
        }
        self.hint_result(result, want);
        let (before, values) = self.match_args(&name, &slots, args, &actual, &mut None, span);
        self.later_bounds_of(&generics, &actual, place);
        for &ty in &actual {
            self.body.must_be_known.push((ty, place, format!("a type argument of `{name}`")));
        }
        let kind = ExprKind::Call { function: id, generics: actual.into(), args: values };
        let call = self.body.push(kind, result, span);
        self.with_statements(before, call)
    }

    /// `print(x)` and `eprint(x)` take anything.
    fn call_print(&mut self, id: FnId, args: &[ast::Arg<'t>], span: Span) -> Option<ExprId> {
        let function = &self.program.fns[id.index()];
        if function.module.0 != 0 || !matches!(&*function.name, "print" | "eprint") || args.len() > 1 {
            return None;
        }
        let text = match args.first().and_then(|arg| arg.value()) {
            Some(value) => {
                let value = self.infer(value, Want::Value);
                let (ty, place) = (self.body.expr(value).ty, self.body.expr(value).span);
                match self.shallow(ty) {
                    Ty::STR => value,
                    Ty::UNIT => {
                        self.error(
                            crate::errors::M0301,
                            place,
                            "this gives no value, so there is nothing to print",
                        );
                        value
                    }
                    _ => self.body.push(ExprKind::Show(value), Ty::STR, place),
                }
            }
            None => self.body.push(ExprKind::Str("".into()), Ty::STR, span),
        };
        let kind = ExprKind::Call { function: id, generics: Box::new([]), args: vec![text] };
        Some(self.body.push(kind, Ty::UNIT, span))
    }

    fn call_super(&mut self, name: &str, args: &[ast::Arg<'t>], span: Span, place: Span) -> ExprId {
        let Some((owner, own)) = self.own_object() else {
            self.error(M0328, place, "`super` stands in methods only");
            self.check_args(args);
            return self.poisoned(span);
        };
        if name == "init" {
            return self.super_init(owner, own, args, span, place);
        }
        let ty = self.self_type(owner);
        let object = self.local_value(own, place);
        for above in self.supers(ty) {
            let Some(found) = self.find_member(above, name) else { continue };
            let Member::Method(method) = found.member else { continue };
            if !self.has_body(method) {
                let shown = self.program.fns[method.index()].name.clone();
                self.error(M0328, place, format!("`{shown}` has no body that could be called"));
                self.check_args(args);
                return self.poisoned(span);
            }
            // The type that `Self` of an interface stands for is this class.
            let mut found = found;
            if self.program.nominals[found.owner.index()].kind == NominalKind::Interface
                && let Some(last) = found.args.last_mut()
            {
                *last = ty;
            }
            let call = self.call_found(object, &found, name, args, Want::Value, span, place);
            return self.fix_call(call);
        }
        self.no_member(ty, name, place);
        self.check_args(args);
        self.poisoned(span)
    }

    /// A call of the method itself instead of the one that the object has.
    fn fix_call(&mut self, id: ExprId) -> ExprId {
        let inner = match &self.body.expr(id).kind {
            ExprKind::Block { value: Some(value), .. } => *value,
            _ => id,
        };
        if let ExprKind::CallMethod { method, generics, args } = self.body.expr(inner).kind.clone() {
            self.body.expr_mut(inner).kind = ExprKind::Call { function: method, generics, args };
        }
        id
    }

    fn super_init(
        &mut self,
        owner: NominalId,
        own: crate::hir::LocalId,
        args: &[ast::Arg<'t>],
        span: Span,
        place: Span,
    ) -> ExprId {
        let base = self.program.nominals[owner.index()].base;
        let Some(TyKind::Named(base_id, base_args)) = base.map(|base| self.program.types.kind(base).clone())
        else {
            self.error(M0328, place, "this class has no base class");
            self.check_args(args);
            return self.poisoned(span);
        };
        if !self.in_init() {
            self.error(M0328, place, "`super.init` stands in `init` only");
            self.check_args(args);
            return self.poisoned(span);
        }
        let Some(init) = self.init_of(base_id) else { return self.poisoned(span) };
        let function = &self.program.fns[init.index()];
        let (generics, params, declared) =
            (function.generics.clone(), function.params.clone(), function.span);
        let slots = self.slots(&params[1..], &generics, &base_args, declared);
        let name = self.program.nominals[base_id.index()].name.clone();
        let (before, values) = self.match_args(&name, &slots, args, &base_args, &mut None, span);
        let kind = ExprKind::SuperInit { init, generics: base_args, object: own, args: values };
        let call = self.body.push(kind, Ty::UNIT, span);
        self.with_statements(before, call)
    }

    /// `Class(...)`
    fn construct(
        &mut self,
        id: NominalId,
        types: Option<Vec<Ty>>,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        let nominal = &self.program.nominals[id.index()];
        let (name, kind, is_abstract) = (nominal.name.clone(), nominal.kind, nominal.is_abstract);
        let generics = nominal.generics.clone();
        if kind == NominalKind::Builtin
            && let Some(&Member::Static(make)) = self.nominals[id.index()].members.get("make")
        {
            return self.call_fn(make, types, args, want, span, place);
        }
        if !self.is_class(id) || is_abstract {
            let help = match kind {
                NominalKind::Enum => "its values are its cases".to_owned(),
                NominalKind::Interface => "make an object of a class that implements it".to_owned(),
                _ => "make an object of a class below it".to_owned(),
            };
            let what = match kind {
                NominalKind::Enum => "an enum",
                NominalKind::Interface => "an interface",
                NominalKind::Class => "an abstract class",
                NominalKind::Builtin => "built in",
            };
            self.error_help(
                M0319,
                place,
                format!("`{name}` is {what}, so there are no objects of it alone"),
                help,
            );
            self.check_args(args);
            return self.poisoned(span);
        }
        let mut actual = types.unwrap_or_default();
        if !actual.is_empty() && actual.len() != generics.len() {
            let message = format!("`{name}` takes {}", count(generics.len(), "type argument"));
            self.error(M0305, place, message);
            actual.clear();
        }
        while actual.len() < generics.len() {
            actual.push(self.fresh());
        }
        let ty = self.program.types.named(id, &actual);
        self.hint_result(ty, want);
        let Some(init) = self.init_of(id) else {
            self.check_args(args);
            return self.poisoned(span);
        };
        let function = &self.program.fns[init.index()];
        let (params, declared, private) =
            (function.params.clone(), function.span, self.fns[init.index()].private);
        if private && !self.sees_private(id) {
            self.error(crate::errors::M0320, place, format!("the initialiser of `{name}` is private"));
        }
        let slots = self.slots(&params[1..], &generics, &actual, declared);
        let (before, values) = self.match_args(&name, &slots, args, &actual, &mut None, span);
        self.later_bounds_of(&generics, &actual, place);
        for &ty in &actual {
            self.body.must_be_known.push((ty, place, format!("a type argument of `{name}`")));
        }
        let object = self.body.push(ExprKind::New { init, args: values }, ty, span);
        self.with_statements(before, object)
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of a call")]
    fn call_case(
        &mut self,
        id: NominalId,
        number: u32,
        types: Option<Vec<Ty>>,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        let generics = self.program.nominals[id.index()].generics.clone();
        let case = self.program.nominals[id.index()].cases[number as usize].clone();
        let actual = types.filter(|types| types.len() == generics.len());
        let actual: Vec<Ty> = actual.unwrap_or_else(|| generics.iter().map(|_| self.fresh()).collect());
        let ty = self.program.types.named(id, &actual);
        self.hint_result(ty, want);
        if case.fields.is_empty() {
            self.error_help(
                M0307,
                place,
                format!("the case `{}` holds nothing, so it is not called", case.name),
                format!("write `{}`", case.name),
            );
            self.check_args(args);
            return self.poisoned(span);
        }
        let slots: Vec<Slot> = case
            .fields
            .iter()
            .map(|(name, ty)| Slot {
                name: name.to_string(),
                ty: self.program.types.subst(*ty, &generics, &actual),
                default: None,
                place: Some(case.span),
            })
            .collect();
        let (before, values) = self.match_args(&case.name, &slots, args, &actual, &mut None, span);
        for &ty in &actual {
            self.body.must_be_known.push((ty, place, format!("a type argument of `{}`", case.name)));
        }
        let made = self.body.push(ExprKind::NewCase { case: number, args: values }, ty, span);
        self.with_statements(before, made)
    }

    /// A call of a function value.
    fn call_value(&mut self, callee: ExprId, args: &[ast::Arg<'t>], span: Span) -> ExprId {
        let ty = self.body.expr(callee).ty;
        let (params, result) = match self.kind(ty).clone() {
            TyKind::Fn(params, result) => (params, result),
            TyKind::Error => {
                self.check_args(args);
                return self.poisoned(span);
            }
            kind => {
                let (shown, place) = (self.show(ty), self.body.expr(callee).span);
                let help = match kind {
                    TyKind::Optional(_) => "it may be `none`; take it out with `if let` or `!` first",
                    _ => "what has no parentheses in its declaration is used without them",
                };
                self.error_help(
                    M0307,
                    place,
                    format!("`{shown}` is no function, so it cannot be called"),
                    help,
                );
                self.check_args(args);
                return self.poisoned(span);
            }
        };
        if args.len() != params.len() || args.iter().any(|arg| arg.name().is_some()) {
            let message = format!(
                "this function takes {}, and {} are given",
                count(params.len(), "argument"),
                args.len()
            );
            match args.iter().find(|arg| arg.name().is_some()) {
                Some(named) => {
                    let at = self.span_ast(*named);
                    self.error(
                        M0306,
                        at,
                        "a function value has no names of parameters; give the arguments in order",
                    );
                }
                None => self.error(M0305, span, message),
            }
            self.check_args(args);
            return self.body.push(ExprKind::Error, result, span);
        }
        let why = Why::new("the parameter", None);
        let args = args
            .iter()
            .zip(&*params)
            .map(|(arg, &ty)| match arg.value() {
                Some(value) => self.expect(value, ty, &why),
                None => self.poisoned(span),
            })
            .collect();
        self.body.push(ExprKind::CallValue { callee, args }, result, span)
    }

    /// A function that owns a mailbox is called by one with a mailbox of the same type only.
    fn judge_receives(&mut self, id: FnId, span: Span) {
        let Some(_) = self.program.fns[id.index()].receives else { return };
        // The library waits for messages of its own in the mailbox of whoever calls it.
        if self.units[self.module.index()].library {
            return;
        }
        let own = self.body.function.and_then(|own| self.program.fns[own.index()].receives);
        let name = self.program.fns[id.index()].name.clone();
        if own.is_none() || self.body.frames.len() > 1 {
            self.error_help(
                crate::errors::M0329,
                span,
                format!("`{name}` receives messages, and this function has no mailbox"),
                format!("start it as a process: `spawn {name}(...)`"),
            );
        }
    }

    /// The mailbox of a function that is called is that of the caller.
    fn unify_mailbox(&mut self, id: FnId, generics: &[crate::hir::ParamId], actual: &[Ty]) {
        let own = self.body.function.and_then(|own| self.program.fns[own.index()].receives);
        if let (Some(theirs), Some(own)) = (self.program.fns[id.index()].receives, own) {
            let theirs = self.program.types.subst(theirs, generics, actual);
            if !self.unify(theirs, own) {
                let (name, shown, wanted) =
                    (self.program.fns[id.index()].name.clone(), self.show(theirs), self.show(own));
                let span = self.program.fns[id.index()].span;
                self.error(
                    crate::errors::M0329,
                    span,
                    format!(
                        "`{name}` receives `{shown}`, and it is called by a function that receives `{wanted}`"
                    ),
                );
            }
        }
    }
}
