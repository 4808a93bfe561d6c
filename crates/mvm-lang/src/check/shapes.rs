//! Operators, and methods that the language calls by itself, have the shape that it expects.

use super::classes::member_name;
use super::{Checker, Member};
use crate::errors::M0308;
use crate::hir::{FnId, FnKind, NominalId};
use crate::types::{Ty, TyKind};

/// What a method is to look like.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// How many parameters it takes.
    params: usize,
    /// Whether the first one is of the type itself.
    takes_own: bool,
    /// Its result, if that is always the same.
    result: Option<Ty>,
    /// The same as a text.
    text: &'static str,
}

/// The shape that goes with a name.
fn shape_of(name: &str) -> Option<Shape> {
    let shape = |params, takes_own, result, text| Some(Shape { params, takes_own, result, text });
    match name {
        "==" => shape(1, true, Some(Ty::BOOL), "fn ==(other: Self) -> bool"),
        "<=>" => shape(1, true, Some(Ty::INT), "fn <=>(other: Self) -> int"),
        "hash" => shape(0, false, Some(Ty::INT), "fn hash() -> int"),
        "show" => shape(0, false, Some(Ty::STR), "fn show() -> str"),
        "[]" => shape(1, false, None, "fn [](index: int) -> T"),
        "[]=" => shape(2, false, Some(Ty::UNIT), "fn []=(index: int, value: T)"),
        "+" | "-" | "*" | "/" | "%" | "+%" | "-%" | "*%" | "&" | "|" | "^" | "<<" | ">>" | ">>>" => {
            shape(1, false, None, "one parameter")
        }
        "unary -" | "~" => shape(0, false, None, "no parameter"),
        _ => None,
    }
}

impl Checker<'_> {
    /// Judges the methods of a class, enum or interface that have names of the language.
    pub(crate) fn judge_shapes(&mut self, id: NominalId) {
        let mut methods: Vec<FnId> = self.nominals[id.index()]
            .members
            .values()
            .filter_map(|member| if let Member::Method(method) = member { Some(*method) } else { None })
            .collect();
        methods.sort_unstable_by_key(|method| method.index());
        for method in methods {
            let function = &self.program.fns[method.index()];
            let name = member_name(&function.name).to_owned();
            let Some(shape) = shape_of(&name).filter(|_| function.kind == FnKind::Method) else { continue };
            let (result, span) = (function.result, function.span);
            let params: Vec<Ty> = function.params.iter().skip(1).map(|param| param.ty).collect();
            let takes = params.len() == shape.params
                && (!shape.takes_own || params.first().is_some_and(|&param| self.is_above(id, param)));
            let gives = shape.result.is_none_or(|wanted| result == wanted || result == Ty::ERROR);
            if takes && gives {
                continue;
            }
            let message = format!(
                "`{}` has another shape here than the language expects",
                name.trim_start_matches("unary ")
            );
            let help = match shape.text.starts_with("fn") {
                true => format!("it is called for operators and text, so it looks like `{}`", shape.text),
                false => format!("as an operator it takes {}", shape.text),
            };
            self.error_help(M0308, span, message, help);
        }
    }

    /// Whether values of a class, enum or interface go where this type is wanted.
    fn is_above(&mut self, id: NominalId, wanted: Ty) -> bool {
        let own = self.self_type(id);
        if wanted == Ty::ERROR || wanted == own || Some(wanted) == self.self_of(id) {
            return true;
        }
        let &TyKind::Named(of, _) = self.kind(wanted) else { return false };
        self.as_super(own, of) == Some(wanted)
    }

    /// `Self` of an interface.
    fn self_of(&mut self, id: NominalId) -> Option<Ty> {
        let param = self.nominals[id.index()].self_param?;
        Some(self.program.types.intern(TyKind::Param(param)))
    }
}
