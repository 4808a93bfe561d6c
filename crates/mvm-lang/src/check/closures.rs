//! Closures, and the machine as the library sees it.

use std::collections::HashMap;
use std::sync::OnceLock;

use mvm_diag::{Diagnostic, Span};
use mvm_isa::{Elem, Opcode, Operand, Syscall, TypeId};

use super::Checker;
use super::body::{Frame, Want};
use super::unify::Why;
use crate::ast;
use crate::errors::{M0301, M0304, M0305, M0310};
use crate::hir::{ArrayOp, ExprId, ExprKind, LocalId};
use crate::types::{Ty, TyKind};

impl<'t> Checker<'t> {
    /// `|x| e`
    pub(crate) fn closure(&mut self, closure: ast::Closure<'t>, want: Want, span: Span) -> ExprId {
        let params: Vec<_> = closure.params().into_iter().flat_map(|list| list.params()).collect();
        let hint = match self.wanted(want).map(|ty| self.program.types.kind(ty).clone()) {
            Some(TyKind::Fn(types, result)) => Some((types, result)),
            _ => None,
        };
        // Of what is wrong already nothing more is asked.
        let unknown = self.wanted(want) == Some(Ty::ERROR);
        let mut wrong_count = false;
        if let Some((types, _)) = &hint
            && types.len() != params.len()
        {
            let message = format!(
                "this function takes {}, and {} {} needed here",
                super::tyexpr::count(params.len(), "parameter"),
                types.len(),
                if types.len() == 1 { "is" } else { "are" },
            );
            let names = ["a", "b", "c"];
            let shown: Vec<String> = types.iter().map(|&ty| self.show(ty)).collect();
            let help = match names.get(..shown.len()) {
                Some([]) => "write `|| ...`".to_owned(),
                Some(names) => {
                    let pairs = names.iter().zip(&shown).map(|(name, ty)| format!("{name}: {ty}"));
                    format!("it is given `|{}|`", pairs.collect::<Vec<_>>().join(", "))
                }
                None => format!("it is given {}", shown.join(", ")),
            };
            self.error_help(M0305, span, message, help);
            wrong_count = true;
        }
        // `self` and the loops around belong to the function around.
        self.body.open_scope();
        let known = hint.as_ref().map(|&(_, result)| result);
        let loops = self.body.loops.len();
        self.body.frames.push(Frame {
            result: known,
            why: Why::new("the result of this closure", None),
            is_closure: true,
            loops,
            returned: Vec::new(),
            returns_nothing: false,
        });
        let (mut locals, mut types, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (index, param) in params.iter().enumerate() {
            let ty = match (param.ty(), hint.as_ref().and_then(|(types, _)| types.get(index))) {
                (Some(written), hinted) => {
                    let ty = self.ty(written);
                    if let Some(&hinted) = hinted
                        && !self.unify(ty, hinted)
                    {
                        let place = self.span_ast(written);
                        self.mismatch_at(place, ty, hinted, &Why::new("the parameter that is passed", None));
                    }
                    ty
                }
                (None, Some(&hinted)) => hinted,
                (None, None) if wrong_count || unknown => Ty::ERROR,
                (None, None) => {
                    let ty = self.fresh();
                    let place = self.span_ast(*param);
                    self.body.must_be_known.push((ty, place, "this parameter".to_owned()));
                    ty
                }
            };
            types.push(ty);
            locals.push(self.closure_param(param.pattern(), ty, span, &mut patterns));
        }
        let body = self.closure_body(closure, known, patterns, span);
        let frame = self.body.frames.pop();
        self.body.close_scope();
        let (body, result) = self.closure_result(body, known, frame);
        if wrong_count {
            // What would follow from its result is not known.
            self.give_up(result);
            return self.poisoned(span);
        }
        let ty = self.program.types.intern(TyKind::Fn(types.into(), result));
        self.body.push(ExprKind::Closure { params: locals, body }, ty, span)
    }

    fn closure_param(
        &mut self,
        pattern: Option<ast::Pattern<'t>>,
        ty: Ty,
        span: Span,
        patterns: &mut Vec<ExprId>,
    ) -> LocalId {
        match pattern {
            Some(ast::Pattern::NamePattern(name)) if name.class().is_none() => {
                let place = self.span_ast(name);
                self.bind(super::collect::text_of(name.name()), ty, place)
            }
            Some(pattern) if !matches!(pattern, ast::Pattern::WildcardPattern(_)) => {
                let local = self.body.local("", ty, span);
                let pat = self.pattern(pattern, ty, false);
                self.must_always_match(pat, pattern);
                let value = self.read_temp(local);
                patterns.push(self.body.push(ExprKind::LetStmt { pat, value: Some(value) }, Ty::UNIT, span));
                local
            }
            _ => self.body.local("", ty, span),
        }
    }

    fn closure_body(
        &mut self,
        closure: ast::Closure<'t>,
        known: Option<Ty>,
        mut patterns: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let want = match known {
            Some(ty) if self.shallow(ty) == Ty::UNIT => Want::Nothing,
            Some(ty) => Want::Of(ty),
            None => Want::Value,
        };
        let body = self.arm_body(closure.body(), want, span);
        if patterns.is_empty() {
            return body;
        }
        let ty = self.body.expr(body).ty;
        if want == Want::Nothing {
            patterns.push(body);
            return self.body.push(ExprKind::Block { statements: patterns, value: None }, ty, span);
        }
        self.body.push(ExprKind::Block { statements: patterns, value: Some(body) }, ty, span)
    }

    fn closure_result(&mut self, body: ExprId, known: Option<Ty>, frame: Option<Frame>) -> (ExprId, Ty) {
        let returns_nothing = frame.as_ref().is_some_and(|frame| frame.returns_nothing);
        let returned = frame.map(|frame| frame.returned).unwrap_or_default();
        let why = Why::new("the result of this closure", None);
        match known {
            Some(ty) if self.shallow(ty) == Ty::UNIT => (body, ty),
            Some(ty) => {
                // A closure for a result that nothing is known of yet, and that has none.
                let own = self.body.expr(body).ty;
                if matches!(self.kind(ty), TyKind::Var(_)) && self.shallow(own) == Ty::NEVER {
                    return (body, ty);
                }
                (self.coerce(body, ty, &why), ty)
            }
            None => {
                let own = self.body.expr(body).ty;
                let mut ty = self.shallow(own);
                if ty == Ty::NEVER && !returned.is_empty() {
                    let first = self.body.expr(returned[0]).ty;
                    ty = self.shallow(first);
                } else if ty == Ty::NEVER && returns_nothing {
                    ty = Ty::UNIT;
                }
                if returns_nothing && !matches!(ty, Ty::UNIT | Ty::ERROR) {
                    let (shown, span) = (self.show(ty), self.body.expr(body).span);
                    let message =
                        format!("a `return` of this closure has no value, and its result is `{shown}`");
                    self.report(Diagnostic::error(M0310, message).at(span, ""));
                }
                for value in returned {
                    let from = self.body.expr(value).ty;
                    if !self.unify(from, ty) {
                        self.mismatch(value, ty, &why);
                    }
                }
                (body, ty)
            }
        }
    }

    /// `machine.NAME(...)`
    pub(crate) fn call_machine(
        &mut self,
        name: &str,
        args: &[ast::Arg<'t>],
        want: Want,
        span: Span,
        place: Span,
    ) -> ExprId {
        let values: Vec<ast::Expr<'t>> = args.iter().filter_map(|arg| arg.value()).collect();
        if let Some(op) = array_op(name) {
            return self.array_call(op, &values, want, span);
        }
        if let Some(id) = self.value_call(name, &values, want, span) {
            return id;
        }
        if let Some(syscall) = name.strip_prefix("sys_").and_then(syscall) {
            let info = syscall.info();
            let params: Vec<Option<Ty>> = info.params.iter().map(|&(_, ty)| self.machine_type(ty)).collect();
            let args = self.machine_args(&params, &values, span);
            let results: Vec<Ty> =
                info.results.iter().map(|&ty| self.machine_type(ty).unwrap_or(Ty::ERROR)).collect();
            let ty = self.results(&results);
            return self.body.push(ExprKind::Syscall(syscall, args), ty, span);
        }
        let Some(op) = opcode(name) else {
            self.error(M0304, place, format!("the machine has no instruction `{name}`"));
            return self.poisoned(span);
        };
        let (mut params, mut results) = (Vec::new(), Vec::new());
        for operand in op.info().operands {
            match *operand {
                Operand::Src(ty) => params.push(self.operand_type(ty)),
                Operand::Def(ty) => results.push(self.operand_type(ty).unwrap_or(Ty::ERROR)),
                _ => {
                    self.error(M0304, place, format!("`{name}` has operands that the library cannot give"));
                    return self.poisoned(span);
                }
            }
        }
        let args = self.machine_args(&params, &values, span);
        let ty = self.results(&results);
        self.body.push(ExprKind::Machine(op, args), ty, span)
    }

    fn results(&mut self, types: &[Ty]) -> Ty {
        match types {
            [] => Ty::UNIT,
            [one] => *one,
            many => self.program.types.intern(TyKind::Tuple(many.into())),
        }
    }

    fn machine_args(&mut self, params: &[Option<Ty>], values: &[ast::Expr<'t>], span: Span) -> Vec<ExprId> {
        if params.len() != values.len() {
            self.error(M0305, span, format!("this takes {}", super::tyexpr::count(params.len(), "operand")));
        }
        let why = Why::new("the operand", None);
        let pairs = values.iter().zip(params.iter().copied().chain(std::iter::repeat(None)));
        pairs
            .map(|(&value, ty)| match ty {
                Some(ty) => self.expect(value, ty, &why),
                None => self.infer(value, Want::Value),
            })
            .collect()
    }

    fn array_of(&mut self, element: Ty) -> Ty {
        match self.known.array {
            Some(id) => self.program.types.named(id, &[element]),
            None => Ty::ERROR,
        }
    }

    fn any_type(&mut self) -> Ty {
        match self.known.any {
            Some(id) => self.program.types.named(id, &[]),
            None => Ty::ERROR,
        }
    }

    /// The type of an operand of a syscall.
    fn machine_type(&mut self, ty: TypeId) -> Option<Ty> {
        Some(match ty {
            TypeId::I64 => Ty::INT,
            TypeId::F64 => Ty::FLOAT,
            TypeId::STR => Ty::STR,
            TypeId::BYTES => Ty::BYTES,
            TypeId::ANY => self.any_type(),
            TypeId::ARRAY_I64 => self.array_of(Ty::INT),
            TypeId::ARRAY_STR => self.array_of(Ty::STR),
            _ => return None,
        })
    }

    /// The type of an operand of an instruction; none where any reference does.
    fn operand_type(&mut self, ty: mvm_isa::Ty) -> Option<Ty> {
        use mvm_isa::Ty as T;
        Some(match ty {
            T::I64 => Ty::INT,
            T::F64 => Ty::FLOAT,
            T::Str => Ty::STR,
            T::Bytes => Ty::BYTES,
            T::ArrayOf(Elem::I64) => self.array_of(Ty::INT),
            T::ArrayOf(Elem::F64) => self.array_of(Ty::FLOAT),
            T::ArrayOf(Elem::U8) => self.array_of(Ty::BOOL),
            T::Any => self.any_type(),
            _ => return None,
        })
    }

    fn array_call(&mut self, op: ArrayOp, values: &[ast::Expr<'t>], want: Want, span: Span) -> ExprId {
        let element = self.fresh();
        let array = self.array_of(element);
        let (params, result): (Vec<Ty>, Ty) = match op {
            ArrayOp::New => {
                if let Some(wanted) = self.wanted(want) {
                    self.unify_or_not(array, wanted);
                }
                self.body.must_be_known.push((element, span, "the elements of this array".to_owned()));
                (vec![Ty::INT], array)
            }
            ArrayOp::Len => (vec![array], Ty::INT),
            ArrayOp::Get => (vec![array, Ty::INT], element),
            ArrayOp::Set => (vec![array, Ty::INT, element], Ty::UNIT),
            ArrayOp::Copy => (vec![array, Ty::INT, array, Ty::INT, Ty::INT], Ty::UNIT),
            ArrayOp::Fill => (vec![array, Ty::INT, Ty::INT, element], Ty::UNIT),
            ArrayOp::Clear => (vec![array, Ty::INT], Ty::UNIT),
        };
        let params: Vec<Option<Ty>> = params.into_iter().map(Some).collect();
        let args = self.machine_args(&params, values, span);
        self.body.push(ExprKind::Array(op, args), result, span)
    }

    /// What the machine does with values of any type.
    fn value_call(&mut self, name: &str, values: &[ast::Expr<'t>], want: Want, span: Span) -> Option<ExprId> {
        let any = self.any_type();
        let one = |this: &mut Self| match values.first() {
            Some(&value) => this.infer(value, Want::Value),
            None => this.poisoned(span),
        };
        Some(match name {
            "to_any" => {
                let value = one(self);
                self.body.push(ExprKind::Upcast(value), any, span)
            }
            "from_any" => {
                let value = values.first().map(|&value| self.expect(value, any, &Why::default()))?;
                let ty = match self.wanted(want) {
                    Some(ty) => ty,
                    None => {
                        self.error(M0301, span, "the type of this is taken from where it is used");
                        Ty::ERROR
                    }
                };
                self.body.push(ExprKind::FromAny(value), ty, span)
            }
            "hash" => {
                let value = one(self);
                self.body.push(ExprKind::Hash(value), Ty::INT, span)
            }
            "show" => {
                let value = one(self);
                self.body.push(ExprKind::Inspect(value), Ty::STR, span)
            }
            "type_name" => {
                let value = one(self);
                let ty = self.body.expr(value).ty;
                self.body.push(ExprKind::TypeName(ty), Ty::STR, span)
            }
            "order" | "same" => {
                let left = one(self);
                let ty = self.body.expr(left).ty;
                let right = values.get(1).map(|&value| self.expect(value, ty, &Why::default()))?;
                match name {
                    "order" => self.body.push(ExprKind::Order(left, right), Ty::INT, span),
                    _ => self.body.push(ExprKind::Same(left, right), Ty::BOOL, span),
                }
            }
            _ => return None,
        })
    }
}

fn array_op(name: &str) -> Option<ArrayOp> {
    Some(match name {
        "array_new" => ArrayOp::New,
        "array_len" => ArrayOp::Len,
        "array_get" => ArrayOp::Get,
        "array_set" => ArrayOp::Set,
        "array_copy" => ArrayOp::Copy,
        "array_fill" => ArrayOp::Fill,
        "array_clear" => ArrayOp::Clear,
        _ => return None,
    })
}

fn syscall(name: &str) -> Option<Syscall> {
    Syscall::ALL.iter().copied().find(|syscall| syscall.info().name == name)
}

fn opcode(name: &str) -> Option<Opcode> {
    static NAMES: OnceLock<HashMap<&'static str, Opcode>> = OnceLock::new();
    let names = NAMES.get_or_init(|| Opcode::ALL.iter().map(|&op| (op.info().name, op)).collect());
    names.get(name).copied()
}
