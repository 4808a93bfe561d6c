//! Inheritance: what may extend what, overriding, interfaces, initialisers.

use mvm_diag::{Diagnostic, Span};

use super::members::Found;
use super::{Checker, FnAst, Member};
use crate::ast;
use crate::errors::{M0315, M0316, M0317, M0319, M0335, M0336};
use crate::hir::{
    Body, Expr, ExprId, ExprKind, FnId, FnKind, Local, LocalId, NominalId, NominalKind, Param, Place,
};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// Judges all classes and makes their initialisers.
    pub(crate) fn classes(&mut self) {
        let count = self.program.nominals.len();
        for index in 0..count {
            self.break_cycle(NominalId(index as u32));
        }
        for index in 0..count {
            self.init_of(NominalId(index as u32));
        }
        for index in 0..count {
            let id = NominalId(index as u32);
            self.module = self.program.nominals[index].module;
            self.judge_members(id);
            if !self.units[self.module.index()].library {
                self.judge_shapes(id);
            }
            self.judge_frozen(id);
            self.judge_interfaces(id);
        }
        self.leave_nominal();
        self.judge_bounds();
    }

    /// A class or interface that is above itself loses what it extends.
    fn break_cycle(&mut self, id: NominalId) {
        let mut seen = vec![id];
        let mut left: Vec<NominalId> = self.direct_supers(id);
        while let Some(above) = left.pop() {
            if above == id {
                let (name, span) =
                    (self.program.nominals[id.index()].name.clone(), self.program.nominals[id.index()].span);
                self.error(M0316, span, format!("`{name}` extends itself"));
                self.program.nominals[id.index()].base = None;
                self.program.nominals[id.index()].interfaces.clear();
                return;
            }
            if !seen.contains(&above) {
                seen.push(above);
                left.extend(self.direct_supers(above));
            }
        }
    }

    fn direct_supers(&self, id: NominalId) -> Vec<NominalId> {
        let nominal = &self.program.nominals[id.index()];
        let all = nominal.base.iter().chain(&nominal.interfaces);
        all.filter_map(|&ty| match *self.program.types.kind(ty) {
            TyKind::Named(id, _) => Some(id),
            _ => None,
        })
        .collect()
    }

    fn judge_members(&mut self, id: NominalId) {
        let own = self.self_type(id);
        let kind = self.program.nominals[id.index()].kind;
        let base = self.program.nominals[id.index()].base;
        let class = self.program.nominals[id.index()].name.clone();
        for method in self.program.nominals[id.index()].methods.clone() {
            let function = &self.program.fns[method.index()];
            let (span, is_static) = (function.span, function.kind == FnKind::Static);
            let name = member_name(&function.name).to_owned();
            let abstract_word = match self.fns[method.index()].ast {
                FnAst::Function(text) => {
                    super::collect::has(text.modifiers(), crate::kinds::SyntaxKind::AbstractWord)
                }
                _ => false,
            };
            let no_body = !self.has_body(method);
            let concrete = kind == NominalKind::Class && !self.program.nominals[id.index()].is_abstract;
            if no_body && concrete && !is_static {
                let help = if abstract_word {
                    format!("write `abstract class {class}`")
                } else {
                    "give it a body, or write `abstract` in front of it and of its class".to_owned()
                };
                self.error_help(M0319, span, format!("`{class}.{name}` has no body"), help);
            }
            if !concrete || !no_body || is_static {
                self.judge_abstract(
                    kind,
                    &format!("{class}.{name}"),
                    (abstract_word, no_body),
                    is_static,
                    span,
                );
            }
            let inherited = base.and_then(|base| self.find_member(base, &name));
            let overrides = self.fns[method.index()].overrides;
            match inherited {
                Some(found) if self.is_class(found.owner) => {
                    self.judge_override(own, method, &found, &name, overrides, is_static, span);
                }
                // The default of an interface of the base class.
                Some(Found { member: Member::Method(_), .. }) if !is_static => {}
                _ if overrides => {
                    let help = match base {
                        None => "a method of an interface is implemented without `override`".to_owned(),
                        Some(base) => {
                            let names = self.member_names(base);
                            match self.near(&name, names.iter().map(String::as_str)) {
                                Some(near) => format!("did you mean `{near}`?"),
                                None => "leave `override` out".to_owned(),
                            }
                        }
                    };
                    self.error_help(M0317, span, format!("`{name}` overrides nothing"), help);
                }
                _ => {}
            }
        }
        if let Some(base) = base {
            for field in self.program.nominals[id.index()].fields.clone() {
                if let Some(found) = self.find_member(base, &field.name) {
                    let above = self.program.nominals[found.owner.index()].name.clone();
                    let message = format!("`{above}` has a member named `{}` already", field.name);
                    self.error(M0315, field.span, message);
                }
            }
        }
    }

    /// What is `abstract` has no body, what has none says `abstract`, and it is a method.
    fn judge_abstract(
        &mut self,
        kind: NominalKind,
        name: &str,
        (abstract_word, no_body): (bool, bool),
        is_static: bool,
        span: Span,
    ) {
        let (message, help) = match (abstract_word, no_body) {
            (true, _) if is_static => (
                format!("`{name}` is `static`, so it cannot be `abstract`"),
                "a class below has no `override` for what belongs to no object; give it a body",
            ),
            (true, false) => (
                format!("`{name}` is `abstract` and has a body"),
                "leave out `abstract`, for a method that classes below may override, or the body, for one that they must write",
            ),
            (false, true) if kind == NominalKind::Enum || is_static => {
                (format!("`{name}` has no body"), "give it a body: `{ ... }` or `=> ...`")
            }
            (false, true) if kind == NominalKind::Class => (
                format!("`{name}` has no body and is not `abstract`"),
                "give it a body, or write `abstract fn`",
            ),
            _ => return,
        };
        self.error_help(M0319, span, message, help);
    }

    /// A frozen class has only `let` fields of types that do not change, and so has its base.
    fn judge_frozen(&mut self, id: NominalId) {
        let nominal = self.program.nominals[id.index()].clone();
        if let Some(base) = nominal.base
            && let TyKind::Named(above, _) = *self.program.types.kind(base)
            && self.program.nominals[above.index()].frozen != nominal.frozen
        {
            let (shown, name) = (self.show(base), nominal.name.clone());
            let message = if nominal.frozen {
                format!("`{name}` is frozen, and its base class `{shown}` is not")
            } else {
                format!("`{shown}` is frozen, so `{name}` has to be frozen too")
            };
            self.error(M0336, nominal.span, message);
        }
        if !nominal.frozen {
            return;
        }
        for field in &nominal.fields {
            if field.mutable {
                self.error_help(
                    M0336,
                    field.span,
                    format!("`{}` is a `var`, and a frozen class has only `let` fields", field.name),
                    "write `let`, or leave `frozen` out",
                );
            } else if !self.is_immutable(field.ty, &mut Vec::new()) {
                let shown = self.show(field.ty);
                self.error_help(
                    M0336,
                    field.span,
                    format!("`{}` is `{shown}`, whose values can change", field.name),
                    "a frozen class has fields of int, float, bool, str, bytes, frozen classes, and tuples, enums and optionals of such",
                );
            }
        }
    }

    /// Whether values of the type never change. Types that are being asked about already are left to that question.
    fn is_immutable(&mut self, ty: Ty, asked: &mut Vec<Ty>) -> bool {
        if asked.contains(&ty) {
            return true;
        }
        asked.push(ty);
        match self.kind(ty).clone() {
            TyKind::Tuple(parts) => parts.iter().all(|&part| self.is_immutable(part, asked)),
            TyKind::Optional(inner) => self.is_immutable(inner, asked),
            TyKind::Named(id, args) => match self.program.nominals[id.index()].kind {
                // A generic frozen class holds values of its arguments.
                NominalKind::Class => {
                    self.program.nominals[id.index()].frozen
                        && args.iter().all(|&arg| self.is_immutable(arg, asked))
                }
                NominalKind::Enum => {
                    self.case_types(id, &args).into_iter().all(|part| self.is_immutable(part, asked))
                }
                NominalKind::Interface | NominalKind::Builtin => false,
            },
            TyKind::Fn(..) => false,
            _ => true,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "both methods")]
    fn judge_override(
        &mut self,
        own: Ty,
        method: FnId,
        found: &Found,
        name: &str,
        overrides: bool,
        is_static: bool,
        span: Span,
    ) {
        let above = self.program.nominals[found.owner.index()].name.clone();
        let (Member::Method(old), false) = (found.member, is_static) else {
            let message = format!("`{above}` has a member named `{name}` already");
            self.error(M0315, span, message);
            return;
        };
        let place = self.program.fns[old.index()].span;
        if !overrides {
            self.report(
                Diagnostic::error(M0317, format!("`{name}` is a method of `{above}`, and this replaces it"))
                    .at(span, "")
                    .with(place, "declared here")
                    .help(format!("write `override fn {name}`, or take another name")),
            );
        }
        let generic =
            self.program.fns[old.index()].generics.len() > self.program.fns[old.index()].owner_generics;
        if generic {
            self.error(
                M0317,
                span,
                format!("`{above}.{name}` has type parameters, so it cannot be overridden"),
            );
            return;
        }
        let _ = own;
        self.judge_signature(method, old, &found.args, None, span);
    }

    /// Compares a method with the one that it replaces or implements.
    fn judge_signature(&mut self, method: FnId, old: FnId, args: &[Ty], class: Option<&str>, span: Span) {
        let new = self.program.fns[method.index()].clone_header();
        let old_header = self.program.fns[old.index()].clone_header();
        let mut args = args.to_vec();
        // Own type parameters of both stand for each other.
        let own_count = old_header.0.len().saturating_sub(args.len());
        let own: Vec<Ty> = new.0[new.3.min(new.0.len())..]
            .iter()
            .map(|&param| self.program.types.intern(TyKind::Param(param)))
            .collect();
        args.extend(own.iter().copied().take(own_count));
        let wanted: Vec<Ty> = old_header.1[1.min(old_header.1.len())..]
            .iter()
            .map(|&ty| self.program.types.subst(ty, &old_header.0, &args))
            .collect();
        let wanted_result = self.program.types.subst(old_header.2, &old_header.0, &args);
        let given = &new.1[1.min(new.1.len())..];
        let same = given.len() == wanted.len()
            && own.len() == own_count
            && given.iter().zip(&wanted).all(|(&a, &b)| a == b || a == Ty::ERROR || b == Ty::ERROR);
        let result = new.2 == wanted_result
            || matches!(new.2, Ty::ERROR | Ty::NEVER)
            || wanted_result == Ty::ERROR
            || self.is_narrower(new.2, wanted_result);
        if same && result {
            self.judge_left_out(method, old, span);
            return;
        }
        let list: Vec<String> = wanted.iter().map(|&ty| self.show(ty)).collect();
        let arrow = if wanted_result == Ty::UNIT {
            String::new()
        } else {
            format!(" -> {}", self.show(wanted_result))
        };
        let name = self.program.fns[old.index()].name.clone();
        let place = self.program.fns[old.index()].span;
        let code = if class.is_some() { crate::errors::M0318 } else { M0317 };
        let message = match class {
            Some(class) => format!("`{class}` does not implement `{name}`: the types are others"),
            None => format!("this has other types than `{name}`, which it replaces"),
        };
        self.report(
            Diagnostic::error(code, message)
                .at(span, "")
                .with(place, "declared here")
                .help(format!("expected `({}){arrow}`", list.join(", "))),
        );
    }

    /// What calls of a method may leave out, calls of those that replace or implement it may leave out too.
    fn judge_left_out(&mut self, method: FnId, old: FnId, span: Span) {
        let (new, of) = (&self.program.fns[method.index()], &self.program.fns[old.index()]);
        let missing = |(a, b): &(&Param, &Param)| a.default.is_none() && b.default.is_some();
        let Some((param, _)) = new.params.iter().zip(&of.params).find(missing) else { return };
        let (name, ty, place) = (of.name.clone(), param.ty, of.span);
        let param = param.name.clone();
        let ty = self.show(ty);
        self.report(
            Diagnostic::error(M0317, format!("`{name}` has a default for `{param}`, and this has none"))
                .at(span, "")
                .with(place, "declared here")
                .help(format!(
                    "write `{param}: {ty} = ...`: what calls of `{name}` may leave out, calls of this may leave out too"
                )),
        );
    }

    /// Whether objects of the first type are objects of the second.
    fn is_narrower(&mut self, ty: Ty, of: Ty) -> bool {
        match *self.kind(of) {
            TyKind::Named(id, _) => self.as_super(ty, id) == Some(of),
            TyKind::Optional(inner) => ty == inner && self.is_object(inner),
            _ => false,
        }
    }

    fn is_object(&self, ty: Ty) -> bool {
        matches!(*self.kind(ty), TyKind::Named(id, _) if self.is_class(id))
    }

    /// Two defaults of one name are settled by the class, unless one interface extends the other.
    fn judge_defaults(
        &mut self,
        class: NominalId,
        name: &str,
        found: (FnId, NominalId),
        other: (FnId, NominalId),
    ) {
        let is_interface = self.program.nominals[found.1.index()].kind == NominalKind::Interface;
        if found.0 == other.0
            || !is_interface
            || self.extends(found.1, other.1)
            || self.extends(other.1, found.1)
        {
            return;
        }
        let span = self.program.nominals[class.index()].span;
        let named = |id: NominalId| self.program.nominals[id.index()].name.clone();
        let message = format!("`{name}` has a body in `{}` and in `{}`", named(found.1), named(other.1));
        let help = format!("write a `{name}` in `{}`, which settles it", named(class));
        self.error_help(crate::errors::M0318, span, message, help);
    }

    /// Whether one interface is, or extends, the other.
    fn extends(&self, interface: NominalId, other: NominalId) -> bool {
        let mut left = vec![interface];
        let mut seen = Vec::new();
        while let Some(id) = left.pop() {
            if id == other {
                return true;
            }
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            for &above in &self.program.nominals[id.index()].interfaces {
                if let TyKind::Named(above, _) = *self.kind(above) {
                    left.push(above);
                }
            }
        }
        false
    }

    /// Every method of every interface has a body somewhere.
    fn judge_interfaces(&mut self, id: NominalId) {
        let nominal = &self.program.nominals[id.index()];
        if nominal.kind == NominalKind::Interface || nominal.is_abstract {
            return;
        }
        let (span, class) = (nominal.span, nominal.name.clone());
        let own = self.self_type(id);
        let own = match self.program.nominals[id.index()].kind {
            NominalKind::Builtin => own,
            _ => own,
        };
        let mut left = self.supers(own);
        let mut seen: Vec<Ty> = Vec::new();
        let mut missing: Vec<(String, Span)> = Vec::new();
        while let Some(above) = left.pop() {
            if seen.contains(&above) || seen.len() > 1_000 {
                continue;
            }
            seen.push(above);
            let more = self.supers(above);
            left.extend(more);
            let Some((interface, mut args)) = self.members_of(above) else { continue };
            let is_interface = self.program.nominals[interface.index()].kind == NominalKind::Interface;
            if is_interface && let Some(last) = args.last_mut() {
                *last = own;
            }
            for method in self.program.nominals[interface.index()].methods.clone() {
                if !is_interface && self.has_body(method) {
                    continue;
                }
                let name = member_name(&self.program.fns[method.index()].name).to_owned();
                let found = self.find_member(own, &name);
                match found.map(|found| (found.member, found.owner)) {
                    Some((Member::Method(by), owner)) if self.has_body(by) => {
                        // What the class inherits is judged where it is written.
                        if owner == id && is_interface {
                            let place = self.program.fns[by.index()].span;
                            self.judge_signature(by, method, &args, Some(&class), place);
                        } else if is_interface && self.has_body(method) {
                            self.judge_defaults(id, &name, (by, owner), (method, interface));
                        }
                    }
                    _ => missing.push((
                        self.program.fns[method.index()].name.to_string(),
                        self.program.fns[method.index()].span,
                    )),
                }
            }
        }
        // A type of the prelude that always has it, such as `==` of enums, needs no method.
        missing.sort();
        missing.dedup();
        if missing.is_empty() || self.derives(id, &missing) {
            return;
        }
        let names: Vec<String> = missing.iter().map(|(name, _)| name.clone()).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let mut diagnostic = Diagnostic::error(
            crate::errors::M0318,
            format!("{} {verb} missing in `{class}`", super::control::join_words(&names)),
        )
        .at(span, "");
        for (_, place) in missing.iter().take(3) {
            diagnostic = diagnostic.with(*place, "declared here");
        }
        self.report(diagnostic.help("write the missing methods, or make the class `abstract`"));
    }

    /// Whether what is missing comes by itself: order and hash of enums, hash of classes.
    fn derives(&mut self, id: NominalId, missing: &[(String, Span)]) -> bool {
        let own = self.self_type(id);
        missing.iter().all(|(name, _)| match &**name {
            "Hashable.hash" => self.is_hashable(own),
            "Ordered.<=>" => self.is_ordered(own),
            _ => false,
        })
    }

    /// The initialiser of a class, which is made when there is none.
    pub(crate) fn init_of(&mut self, id: NominalId) -> Option<FnId> {
        if let Some(init) = self.program.nominals[id.index()].init {
            return Some(init);
        }
        if !self.is_class(id) || self.nominals[id.index()].init_done == 1 {
            return None;
        }
        self.nominals[id.index()].init_done = 1;
        // Base first: its parameters are needed.
        let base = self.program.nominals[id.index()].base;
        let base_init = match base.map(|base| self.program.types.kind(base).clone()) {
            Some(TyKind::Named(base_id, args)) => self.init_of(base_id).map(|init| (init, args)),
            _ => None,
        };
        let old = (self.module, self.owner, std::mem::take(&mut self.generics));
        self.enter_nominal(id);
        let init = match self.nominals[id.index()].init {
            Some(text) => self.written_init(id, text),
            None => self.made_init(id, base_init),
        };
        (self.module, self.owner, self.generics) = old;
        self.program.nominals[id.index()].init = Some(init);
        Some(init)
    }

    fn new_init(&mut self, id: NominalId, text: FnAst<'t>) -> FnId {
        let nominal = &self.program.nominals[id.index()];
        let (name, span, generics) = (nominal.name.clone(), nominal.span, nominal.generics.clone());
        let span = match text {
            FnAst::Init(text) => {
                let range = ast::AstNode::node(text).range();
                self.span_of_range(range.start..(range.start + 4).min(range.end))
            }
            _ => span,
        };
        let init = self.new_fn(&format!("{name}.init"), FnKind::Init, Some(id), text, span);
        let function = &mut self.program.fns[init.index()];
        function.owner_generics = generics.len();
        function.generics = generics;
        init
    }

    fn written_init(&mut self, id: NominalId, text: ast::Init<'t>) -> FnId {
        let init = self.new_init(id, FnAst::Init(text));
        let own = self.self_type(id);
        let mut params = vec![Param { name: "self".into(), ty: own, default: None }];
        self.params_header(init, text.params(), &mut params);
        self.program.fns[init.index()].params = params;
        self.fns[init.index()].private =
            super::collect::has(text.modifiers(), crate::kinds::SyntaxKind::PrivateWord);
        init
    }

    /// An initialiser of a class without one: the parameters of its base's, then its fields.
    fn made_init(&mut self, id: NominalId, base: Option<(FnId, Box<[Ty]>)>) -> FnId {
        let init = self.new_init(id, FnAst::None);
        let own = self.self_type(id);
        let span = self.program.nominals[id.index()].span;
        let generics = self.program.nominals[id.index()].generics.clone();
        let own_args: Vec<Ty> =
            generics.iter().map(|&param| self.program.types.intern(TyKind::Param(param))).collect();
        let mut body = Body::default();
        let mut params = vec![Param { name: "self".into(), ty: own, default: None }];
        let mut statements = Vec::new();
        let mut base_args = Vec::new();
        add_local(&mut body, "self", own);
        if let Some((base_init, args)) = &base {
            let theirs = self.program.fns[base_init.index()].params.clone();
            let their_generics = self.program.fns[base_init.index()].generics.clone();
            for param in &theirs[1.min(theirs.len())..] {
                let ty = self.program.types.subst(param.ty, &their_generics, args);
                let default =
                    param.default.map(|default| self.default_of_base(id, default, &their_generics, args, ty));
                let local = add_local(&mut body, &param.name, ty);
                base_args.push(push(&mut body, ExprKind::Local(local), ty, span));
                params.push(Param { name: param.name.clone(), ty, default });
            }
        }
        for (number, field) in self.program.nominals[id.index()].fields.clone().into_iter().enumerate() {
            if field.private && field.default.is_none() {
                self.error_help(
                    M0335,
                    field.span,
                    format!("the private field `{}` gets no value", field.name),
                    "give it a default, or write an `init`",
                );
            }
            let value = match (field.private, field.default) {
                (true, Some(default)) => {
                    let kind = ExprKind::Call {
                        function: default,
                        generics: own_args.clone().into(),
                        args: Vec::new(),
                    };
                    push(&mut body, kind, field.ty, span)
                }
                (true, None) => push(&mut body, ExprKind::Error, field.ty, span),
                (false, default) => {
                    let local = add_local(&mut body, &field.name, field.ty);
                    params.push(Param { name: field.name.clone(), ty: field.ty, default });
                    push(&mut body, ExprKind::Local(local), field.ty, span)
                }
            };
            statements.push(set_field(&mut body, own, id, number as u32, value, span));
        }
        if let Some((base_init, args)) = base {
            let kind =
                ExprKind::SuperInit { init: base_init, generics: args, object: LocalId(0), args: base_args };
            statements.push(push(&mut body, kind, Ty::UNIT, span));
        }
        let root = push(&mut body, ExprKind::Block { statements, value: None }, Ty::UNIT, span);
        body.root = Some(root);
        let function = &mut self.program.fns[init.index()];
        function.params = params;
        function.body = Some(body);
        // Parameters with a default stand behind those without only by chance: calls by name do not mind.
        init
    }

    /// A default of a base class, as one of the class: with what the class gives for the type parameters.
    fn default_of_base(
        &mut self,
        id: NominalId,
        default: FnId,
        their_generics: &[crate::hir::ParamId],
        args: &[Ty],
        ty: Ty,
    ) -> FnId {
        if their_generics.is_empty() {
            return default;
        }
        let span = self.program.fns[default.index()].span;
        let name = self.program.fns[default.index()].name.clone();
        let new = self.new_fn(&name, FnKind::Default, Some(id), FnAst::None, span);
        let mut body = Body::default();
        let (mut params, mut values) = (Vec::new(), Vec::new());
        for param in self.program.fns[default.index()].params.clone() {
            let ty = self.program.types.subst(param.ty, their_generics, args);
            let local = add_local(&mut body, &param.name, ty);
            values.push(push(&mut body, ExprKind::Local(local), ty, span));
            params.push(Param { name: param.name, ty, default: None });
        }
        let kind = ExprKind::Call { function: default, generics: args.into(), args: values };
        let root = push(&mut body, kind, ty, span);
        body.root = Some(root);
        let generics = self.program.nominals[id.index()].generics.clone();
        let function = &mut self.program.fns[new.index()];
        function.owner_generics = generics.len();
        (function.generics, function.params, function.result, function.body) =
            (generics, params, ty, Some(body));
        new
    }

    /// The body of a written initialiser: defaults of fields first, and the base's initialiser last where it is not called.
    pub(crate) fn init_body(&mut self, id: FnId, block: ast::Block<'t>) -> ExprId {
        let span = self.span_ast(block);
        let Some(owner) = self.program.fns[id.index()].owner else { return self.poisoned(span) };
        let own = self.self_type(owner);
        let generics = self.program.nominals[owner.index()].generics.clone();
        let args: Vec<Ty> =
            generics.iter().map(|&param| self.program.types.intern(TyKind::Param(param))).collect();
        let mut statements = Vec::new();
        for (number, field) in self.program.nominals[owner.index()].fields.clone().into_iter().enumerate() {
            let Some(default) = field.default else { continue };
            let kind = ExprKind::Call { function: default, generics: args.clone().into(), args: Vec::new() };
            let value = self.body.push(kind, field.ty, field.span);
            statements.push(set_field(&mut self.body.body, own, owner, number as u32, value, field.span));
        }
        let root = self.block(block, super::body::Want::Nothing);
        statements.push(root);
        let called = self.body.body.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::SuperInit { .. }));
        let base = self.program.nominals[owner.index()].base;
        if !called
            && let Some(TyKind::Named(base_id, base_args)) =
                base.map(|base| self.program.types.kind(base).clone())
            && let Some(init) = self.init_of(base_id)
        {
            let params = self.program.fns[init.index()].params.clone();
            let mut values = Vec::new();
            for param in &params[1.min(params.len())..] {
                match param.default {
                    Some(default) => {
                        let kind = ExprKind::Call {
                            function: default,
                            generics: base_args.clone(),
                            args: Vec::new(),
                        };
                        let needs = self.program.fns[default.index()].params.len();
                        let args: Vec<ExprId> = values.iter().copied().take(needs).collect();
                        let kind = match kind {
                            ExprKind::Call { function, generics, .. } => {
                                ExprKind::Call { function, generics, args }
                            }
                            other => other,
                        };
                        values.push(self.body.push(kind, param.ty, span));
                    }
                    None => {
                        let base_name = self.program.nominals[base_id.index()].name.clone();
                        let place = self.program.fns[id.index()].span;
                        self.error_help(
                            M0335,
                            place,
                            format!("`{base_name}` needs `{}` for its own part", param.name),
                            "call `super.init(...)` when all own fields are set",
                        );
                        break;
                    }
                }
            }
            if values.len() + 1 == params.len() {
                let kind =
                    ExprKind::SuperInit { init, generics: base_args, object: LocalId(0), args: values };
                statements.push(self.body.push(kind, Ty::UNIT, span));
            }
        }
        self.body.push(ExprKind::Block { statements, value: None }, Ty::UNIT, span)
    }
}

/// The name of a method without that of its class.
pub(crate) fn member_name(name: &str) -> &str {
    name.split_once('.').map_or(name, |(_, name)| name)
}

fn add_local(body: &mut Body, name: &str, ty: Ty) -> LocalId {
    body.locals.push(Local { name: name.into(), ty, captured: false, assigned: false });
    LocalId(body.locals.len() as u32 - 1)
}

fn push(body: &mut Body, kind: ExprKind, ty: Ty, span: Span) -> ExprId {
    body.exprs.push(Expr { kind, ty, span });
    ExprId(body.exprs.len() as u32 - 1)
}

fn set_field(body: &mut Body, own: Ty, class: NominalId, field: u32, value: ExprId, span: Span) -> ExprId {
    let object = push(body, ExprKind::Local(LocalId(0)), own, span);
    push(body, ExprKind::Assign { to: Place::Field { object, class, field }, value }, Ty::UNIT, span)
}

impl crate::hir::Fn {
    /// Type parameters, types of the parameters, result, how many type parameters are the owner's.
    fn clone_header(&self) -> (Vec<crate::hir::ParamId>, Vec<Ty>, Ty, usize) {
        let params = self.params.iter().map(|param| param.ty).collect();
        (self.generics.clone(), params, self.result, self.owner_generics)
    }
}
