//! What can stand first in a statement: names of instructions, bare verbs, and the verbs that stand for others.
//!
//! All of it is computed once from the instruction table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use mvm_isa::{BUILTINS, Builtin, Opcode, Operand, Shape, Syntax, TypeRule};

use crate::intern::{Interner, Sym};

/// How the operands of a verb are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A list of operands, one for each of the row.
    Plain,
    /// `set p.x, 3`, `get v, a[i]`, or plain operands.
    Element,
    /// `call r, f(x)` and its relatives.
    Call(Callee),
    /// `bind g, f(5)`.
    Bind,
    /// `fref g, f`.
    Fref,
    /// `spawn pid, f(5)`: a function value and the syscall.
    Spawn,
    /// `new p, Point`, `new p, Point(1, 2)`, `new a, [f64], n`.
    New,
    /// `ret a, b`.
    Ret,
    /// `switch k, default, zero, one`.
    Switch,
    /// `sys r, name(args)`.
    Sys,
    /// `try label, e: Class`.
    Try,
    /// `endtry`.
    EndTry,
    /// `split parts, text, ","`: a call of the built-in module.
    Builtin,
}

/// What stands before the parentheses of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callee {
    Function,
    Reference,
    Virtual,
    Interface,
    Tail,
    TailReference,
}

/// A verb that is written with another one's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Other {
    None,
    /// The two compared operands change places.
    Swapped(VerbId),
    /// The last operand, a constant, changes its sign.
    Negated(VerbId),
    /// A comparison with 0.
    WithZero(VerbId),
}

/// Index in the table of verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct VerbId(pub(crate) u16);

/// One verb.
#[derive(Debug)]
pub(crate) struct Verb {
    pub(crate) name: &'static str,
    /// Candidates, backward forms left out unless the name asks for one.
    pub(crate) rows: Vec<Opcode>,
    /// Candidates among the functions with instruction syntax.
    pub(crate) builtins: Vec<&'static Builtin>,
    pub(crate) form: Form,
    pub(crate) other: Other,
    /// How many operands in front are written.
    pub(crate) defs: u8,
    /// Which operand is a type.
    pub(crate) type_at: u8,
    /// Which operand is a label.
    pub(crate) label_at: u8,
    /// Whether the name is that of one row and not also a bare verb.
    pub(crate) full: bool,
    /// Whether it asks for the backward form of its row.
    pub(crate) back: bool,
}

/// In [`Verb::type_at`] and [`Verb::label_at`]: none.
pub(crate) const NOWHERE: u8 = u8::MAX;

/// All verbs.
pub(crate) struct Verbs {
    all: Vec<Verb>,
    /// Index of `call`.
    call: usize,
}

/// The table.
pub(crate) static VERBS: LazyLock<Verbs> = LazyLock::new(Verbs::build);

const PSEUDO: &[(&str, &str)] = &[
    ("bgt", "blt"),
    ("bge", "ble"),
    ("bgtu", "bltu"),
    ("bgeu", "bleu"),
    ("bngt", "bnlt"),
    ("bnge", "bnle"),
    ("gt", "lt"),
    ("ge", "le"),
    ("gtu", "ltu"),
    ("geu", "leu"),
];

impl Verbs {
    fn build() -> Verbs {
        let mut all: Vec<Verb> = Vec::new();
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for &op in Opcode::ALL.iter().filter(|&&op| !is_back(op)) {
            let verb = op.info().verb;
            match known.get(verb) {
                Some(&index) => all[index].rows.push(op),
                None => {
                    known.insert(verb, all.len());
                    all.push(Verb::new(verb, op));
                }
            }
        }
        let names: BTreeMap<&str, Opcode> = Opcode::ALL.iter().map(|&op| (op.info().name, op)).collect();
        for &op in Opcode::ALL {
            let name = op.info().name;
            if !known.contains_key(name) {
                let forward = name.strip_suffix("_back").and_then(|name| names.get(name)).copied();
                let back = forward.is_some();
                all.push(Verb { full: true, back, ..Verb::new(name, forward.unwrap_or(op)) });
            }
        }
        for (name, form) in [("try", Form::Try), ("endtry", Form::EndTry), ("spawn", Form::Spawn)] {
            all.push(Verb { name, rows: Vec::new(), form, ..Verb::new("", Opcode::Nop) });
        }
        let first_builtin = all.len();
        for builtin in BUILTINS {
            for name in [builtin.verb, builtin.name] {
                match all[first_builtin..].iter_mut().find(|verb| verb.name == name) {
                    Some(verb) => verb.builtins.push(builtin),
                    None => all.push(Verb::of_builtin(name, builtin)),
                }
            }
        }
        let call = known.get(Opcode::Call.info().verb).copied().unwrap_or_default();
        let mut verbs = Verbs { all, call };
        verbs.add_pseudo();
        verbs
    }

    fn add_pseudo(&mut self) {
        for &(name, other) in PSEUDO {
            let Some(target) = self.position(other) else { continue };
            let other = Other::Swapped(target);
            match self.position(name) {
                Some(id) => self.all[usize::from(id.0)].other = other,
                None => {
                    let row = self.get(target).rows[0];
                    self.all.push(Verb { name, rows: Vec::new(), other, ..Verb::new(name, row) });
                }
            }
        }
        for (name, other) in [("sub", "add"), ("sub_checked", "add_checked")] {
            if let (Some(id), Some(other)) = (self.position(name), self.position(other)) {
                self.all[usize::from(id.0)].other = Other::Negated(other);
            }
        }
        for (name, other) in [("bz", "beq"), ("bnz", "bne")] {
            if let Some(target) = self.position(other) {
                let row = self.get(target).rows[0];
                let verb = Verb { rows: Vec::new(), label_at: 1, ..Verb::new(name, row) };
                self.all.push(Verb { other: Other::WithZero(target), ..verb });
            }
        }
    }

    fn position(&self, name: &str) -> Option<VerbId> {
        self.all.iter().position(|v| v.name == name).map(|index| VerbId(index as u16))
    }

    /// The verb with this number.
    #[inline]
    pub(crate) fn get(&self, id: VerbId) -> &Verb {
        &self.all[usize::from(id.0)]
    }

    /// The verb `call`.
    pub(crate) fn call(&self) -> &Verb {
        &self.all[self.call]
    }

    /// All names, for suggestions.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|v| v.name)
    }

    /// Enters all verbs; gives for every symbol so far its verb.
    pub(crate) fn preload(&self, names: &mut Interner) -> Vec<Option<VerbId>> {
        let mut of_symbol: Vec<Option<VerbId>> = Vec::new();
        for (index, verb) in self.all.iter().enumerate() {
            let Sym(sym) = names.intern(verb.name.as_bytes());
            if of_symbol.len() <= sym as usize {
                of_symbol.resize(sym as usize + 1, None);
            }
            of_symbol[sym as usize] = Some(VerbId(index as u16));
        }
        of_symbol
    }

    /// The backward form of a branch.
    pub(crate) fn back_of(&self, op: Opcode) -> Option<Opcode> {
        op.backward()
    }

    /// The forward branch that is taken exactly when this one (forward or backward) is not, and whether its operands
    /// change places.
    pub(crate) fn inverse_of(&self, op: Opcode) -> Option<(Opcode, bool)> {
        op.opposite()
    }
}

impl Verb {
    fn new(name: &'static str, op: Opcode) -> Verb {
        let info = op.info();
        let visible = visible(op);
        let at = |wanted: fn(&Operand) -> bool| {
            visible.clone().position(|o| wanted(&o)).map_or(NOWHERE, |index| index as u8)
        };
        let form = match (info.shape, info.rule) {
            (Shape::Call | Shape::CallMany, _) => Form::Call(match info.verb {
                "callr" => Callee::Reference,
                "callv" => Callee::Virtual,
                "calli" => Callee::Interface,
                _ => Callee::Function,
            }),
            (Shape::TailCall, _) if info.verb == "tailcallr" => Form::Call(Callee::TailReference),
            (Shape::TailCall, _) => Form::Call(Callee::Tail),
            (Shape::Bind, _) => Form::Bind,
            (Shape::Switch, _) => Form::Switch,
            (Shape::Sys, _) => Form::Sys,
            (Shape::NewWith, _) | (_, TypeRule::New | TypeRule::NewArray) => Form::New,
            (_, TypeRule::Return) => Form::Ret,
            _ if op == Opcode::Fref => Form::Fref,
            _ if info.syntax != Syntax::Plain => Form::Element,
            _ => Form::Plain,
        };
        Verb {
            name,
            rows: vec![op],
            builtins: Vec::new(),
            form,
            other: Other::None,
            defs: visible.clone().take_while(|o| matches!(o, Operand::Def(_))).count() as u8,
            type_at: at(|o| matches!(o, Operand::Type)),
            label_at: at(|o| matches!(o, Operand::Label16 | Operand::Label32)),
            full: false,
            back: false,
        }
    }
}

impl Verb {
    fn of_builtin(name: &'static str, builtin: &'static Builtin) -> Verb {
        Verb {
            rows: Vec::new(),
            builtins: vec![builtin],
            form: Form::Builtin,
            defs: builtin.results.len() as u8,
            ..Verb::new(name, Opcode::Nop)
        }
    }
}

/// The operands that are written in the text.
pub(crate) fn visible(op: Opcode) -> impl Iterator<Item = Operand> + Clone {
    op.info().operands.iter().copied().filter(|o| !matches!(o, Operand::Weight | Operand::FrameSize))
}

/// Whether this is the backward form of another row.
pub(crate) fn is_back(op: Opcode) -> bool {
    op.info().name.ends_with("_back")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_branch_has_its_opposite() {
        for &op in Opcode::ALL {
            let info = op.info();
            let label = info.operands.iter().any(|o| matches!(o, Operand::Label16 | Operand::Label32));
            let conditional = label && !info.verb.starts_with("jmp");
            assert_eq!(VERBS.inverse_of(op).is_some(), conditional, "{}", info.name);
        }
        for (op, wanted) in [(Opcode::BltI64, Opcode::BltI64Back), (Opcode::Jmp, Opcode::JmpBack)] {
            assert_eq!(VERBS.back_of(op), Some(wanted));
        }
        assert_eq!(VERBS.back_of(Opcode::Switch), Some(Opcode::SwitchBack));
        assert_eq!(VERBS.back_of(Opcode::Bnull), None);
    }

    #[test]
    fn functions_with_instruction_syntax_are_verbs_of_their_own() {
        for builtin in BUILTINS {
            for name in [builtin.verb, builtin.name] {
                let found: Vec<&Verb> = VERBS.all.iter().filter(|verb| verb.name == name).collect();
                let [verb] = found.as_slice() else { panic!("{} verbs are named {name}", found.len()) };
                assert_eq!(verb.form, Form::Builtin, "{name}");
                for one in &verb.builtins {
                    let counts = (one.results.len(), one.params.len());
                    assert_eq!(counts, (usize::from(verb.defs), builtin.params.len()), "{name}");
                }
            }
        }
    }

    #[test]
    fn rows_of_a_verb_agree_on_their_operands() {
        for verb in &VERBS.all {
            for &op in &verb.rows {
                let one = Verb::new(verb.name, op);
                assert_eq!((one.label_at, one.form), (verb.label_at, verb.form), "{}", verb.name);
                if verb.form == Form::Plain || verb.form == Form::Element {
                    assert_eq!((one.defs, one.type_at), (verb.defs, verb.type_at), "{}", verb.name);
                }
            }
        }
    }
}
