//! Arguments of calls: which belongs to which parameter, and what stands for those that are left out.

use mvm_diag::{Diagnostic, Span};

use super::Checker;
use super::body::Want;
use super::tyexpr::count;
use super::unify::Why;
use crate::ast;
use crate::errors::{M0305, M0306};
use crate::hir::{ExprId, ExprKind, FnId};
use crate::types::Ty;

/// A parameter as a call sees it.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) default: Option<FnId>,
    pub(super) place: Option<Span>,
}

impl<'t> Checker<'t> {
    /// Arguments in the order of the parameters, with defaults. When order matters, statements come first that keep the
    /// object and the arguments in locals.
    pub(super) fn match_args(
        &mut self,
        name: &str,
        slots: &[Slot],
        args: &[ast::Arg<'t>],
        generics: &[Ty],
        object: &mut Option<ExprId>,
        span: Span,
    ) -> (Vec<ExprId>, Vec<ExprId>) {
        let mut places: Vec<Option<usize>> = Vec::new();
        let mut taken = vec![false; slots.len()];
        let mut wrong = false;
        for (index, arg) in args.iter().enumerate() {
            let place = match arg.name() {
                None if index < slots.len() => Some(index),
                None => None,
                Some(token) => match slots.iter().position(|slot| slot.name == token.text()) {
                    Some(place) => Some(place),
                    None => {
                        self.unknown_argument(name, token, slots);
                        wrong = true;
                        None
                    }
                },
            };
            if let Some(place) = place {
                if std::mem::replace(&mut taken[place], true) {
                    let at = self.span_ast(*arg);
                    self.error(M0306, at, format!("`{}` is given twice", slots[place].name));
                    wrong = true;
                }
            } else if arg.name().is_none() && !wrong {
                let at = self.span_ast(*arg);
                let message = format!(
                    "`{name}` takes {}, and {} are given",
                    count(slots.len(), "argument"),
                    args.len()
                );
                let mut diagnostic = Diagnostic::error(M0305, message).at(at, "one too many");
                if matches!(name, "print" | "eprint") {
                    diagnostic = diagnostic.help("values stand in one string: `print(\"{a} {b}\")`");
                } else if let Some(place) = slots.first().and_then(|slot| slot.place) {
                    diagnostic = diagnostic.with(place, "declared here");
                }
                self.report(diagnostic);
                wrong = true;
            }
            places.push(place);
        }
        let values = self.infer_args(slots, args, &places);
        let missing: Vec<usize> =
            (0..slots.len()).filter(|&slot| !taken[slot] && slots[slot].default.is_none()).collect();
        if let Some(&first) = missing.first()
            && !wrong
        {
            let names: Vec<String> = missing.iter().map(|&slot| slots[slot].name.clone()).collect();
            let types = missing.iter().map(|&slot| self.show(slots[slot].ty)).collect::<Vec<_>>();
            let list: Vec<String> =
                names.iter().zip(&types).map(|(name, ty)| format!("{name}: {ty}")).collect();
            let message = format!("`{name}` is called without {}", super::control::join_words(&list));
            let mut diagnostic = Diagnostic::error(M0305, message).at(span, "");
            if let Some(place) = slots[first].place {
                diagnostic = diagnostic.with(place, "declared here");
            }
            self.report(diagnostic);
            wrong = true;
        }
        if wrong {
            let poison: Vec<ExprId> = slots.iter().map(|_| self.poisoned(span)).collect();
            return (Vec::new(), poison);
        }
        self.place_args(slots, &places, values, &taken, generics, object, span)
    }

    /// Values of the arguments as they are written; closures last, when more is known of types.
    fn infer_args(
        &mut self,
        slots: &[Slot],
        args: &[ast::Arg<'t>],
        places: &[Option<usize>],
    ) -> Vec<Option<ExprId>> {
        let mut values: Vec<Option<ExprId>> = vec![None; args.len()];
        for closures in [false, true] {
            for (index, arg) in args.iter().enumerate() {
                let Some(value) = arg.value() else { continue };
                if matches!(value, ast::Expr::Closure(_)) != closures {
                    continue;
                }
                values[index] = Some(match places[index] {
                    Some(place) => {
                        let slot = &slots[place];
                        let why = Why::new(format!("the parameter `{}`", slot.name), slot.place);
                        self.expect(value, slot.ty, &why)
                    }
                    None => self.infer(value, Want::Value),
                });
            }
        }
        values
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of a call")]
    fn place_args(
        &mut self,
        slots: &[Slot],
        places: &[Option<usize>],
        values: Vec<Option<ExprId>>,
        taken: &[bool],
        generics: &[Ty],
        object: &mut Option<ExprId>,
        span: Span,
    ) -> (Vec<ExprId>, Vec<ExprId>) {
        let mut result: Vec<Option<ExprId>> = vec![None; slots.len()];
        let in_order = places.windows(2).all(|pair| pair[0] < pair[1]);
        // Defaults that take other parameters need them in locals.
        let takes = |id: FnId| !self.program.fns[id.index()].params.is_empty();
        let needs =
            !in_order || (0..slots.len()).any(|slot| !taken[slot] && slots[slot].default.is_some_and(takes));
        let mut before = Vec::new();
        if needs && let Some(value) = *object {
            let (local, keep) = self.bind_temp(value);
            before.push(keep);
            *object = Some(self.read_temp(local));
        }
        for (place, value) in places.iter().zip(values) {
            let (Some(place), Some(value)) = (*place, value) else { continue };
            result[place] = Some(if needs {
                let (local, keep) = self.bind_temp(value);
                before.push(keep);
                self.read_temp(local)
            } else {
                value
            });
        }
        let mut all: Vec<ExprId> = Vec::with_capacity(slots.len());
        for (slot, value) in result.into_iter().enumerate() {
            let value = match (value, slots[slot].default) {
                (Some(value), _) => value,
                (None, Some(default)) => {
                    let function = &self.program.fns[default.index()];
                    let (wants, generic_count) = (function.params.len(), function.generics.len());
                    let has_self = function.params.first().is_some_and(|param| &*param.name == "self");
                    let mut args: Vec<ExprId> = Vec::new();
                    if has_self && let Some(object) = *object {
                        args.push(object);
                    }
                    let rest = wants.saturating_sub(usize::from(has_self)).min(all.len());
                    args.extend(all[..rest].iter().copied());
                    let args = args.into_iter().map(|arg| self.again(arg)).collect();
                    let generics: Box<[Ty]> = generics.iter().copied().take(generic_count).collect();
                    let value = self.body.push(
                        ExprKind::Call { function: default, generics, args },
                        slots[slot].ty,
                        span,
                    );
                    if needs {
                        let (local, keep) = self.bind_temp(value);
                        before.push(keep);
                        self.read_temp(local)
                    } else {
                        value
                    }
                }
                (None, None) => self.poisoned(span),
            };
            all.push(value);
        }
        (before, all)
    }

    /// The value of a local once more.
    fn again(&mut self, value: ExprId) -> ExprId {
        match self.body.expr(value).kind {
            ExprKind::Local(local) => self.read_temp(local),
            _ => value,
        }
    }

    fn unknown_argument(&mut self, name: &str, token: crate::tree::Token<'t>, slots: &[Slot]) {
        let span = self.span_token(token);
        let near = self.near(token.text(), slots.iter().map(|slot| slot.name.as_str())).map(str::to_owned);
        let message = format!("`{name}` has no parameter `{}`", token.text());
        let mut diagnostic = Diagnostic::error(M0306, message).at(span, "");
        diagnostic = match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if slots.is_empty() => diagnostic.help("it takes no arguments"),
            None => {
                let names: Vec<_> = slots.iter().map(|slot| slot.name.clone()).collect();
                diagnostic.help(format!("its parameters are: {}", names.join(", ")))
            }
        };
        self.report(diagnostic);
    }
}
