//! Functions with instruction syntax: `split parts, text, ","` is a call of `core.str_split`.
//!
//! Which of them a program uses is known at the end of its last function, when everything has its number already. Until
//! then their imports are numbered behind everything else; [`Asm::place_builtins`] moves them to the other imports. A
//! program that imports one by itself uses that import.
//!
//! Not here: their code (`core/core.masm`), their table (`mvm_isa::builtins`).

use std::rc::Rc;

use mvm_isa::{Builtin, Syntax};
use mvm_module::link::renumber_functions;
use mvm_module::{FuncId, Import, Signature};

use crate::asm::{Asm, Global};
use crate::body::Body;
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::E0206;
use crate::operands::{Arg, Operand};
use crate::report::Place;
use crate::verbs::{VERBS, Verb};

/// The built-in module, which programs import functions with instruction syntax from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreModule {
    /// Its name; a file of this name is never the module.
    pub name: &'static str,
    /// How messages and positions call its source.
    pub file: &'static str,
    /// Its source.
    pub text: &'static str,
}

/// The built-in module. Whoever links a program that imports from it assembles this text.
pub const CORE: CoreModule =
    CoreModule { name: "core", file: "<lib>/core.masm", text: include_str!("../core/core.masm") };

impl Body<'_, '_> {
    /// `split parts, text, ","`: results, then arguments.
    pub(crate) fn builtin(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place) -> Parse<()> {
        let mut list = std::mem::take(&mut self.operands);
        list.clear();
        let done = self.builtin_with(c, verb, at, &mut list);
        if done.is_err() {
            for operand in list.iter().take(usize::from(verb.defs)) {
                if let Arg::Name(sym) = operand.arg {
                    self.poison(sym, operand.place);
                }
            }
        }
        self.operands = list;
        done
    }

    fn builtin_with(
        &mut self,
        c: &mut Cursor<'_>,
        verb: &Verb,
        at: Place,
        list: &mut Vec<Operand>,
    ) -> Parse<()> {
        self.operand_list(c, list)?;
        self.check_count(verb, at, list.len())?;
        let (results, args) = list.split_at_mut(usize::from(verb.defs));
        for result in results.iter_mut() {
            self.write(result)?;
        }
        for arg in args.iter_mut() {
            self.read(arg)?;
        }
        if self.any_poisoned(results) || self.any_poisoned(args) {
            return Err(Reported);
        }
        let Some(&builtin) = verb.builtins.iter().find(|builtin| self.takes(builtin, args)) else {
            return Err(self.no_row(verb, at, Syntax::Plain, list));
        };
        for (result, &ty) in results.iter().zip(builtin.results) {
            self.check_destination(*result, ty)?;
        }
        let function = self.a.builtin_function(builtin, at)?;
        let results: Vec<u16> =
            results.iter().zip(builtin.results).map(|(r, &ty)| self.destination(*r, ty, false)).collect();
        let args: Vec<u16> =
            args.iter().zip(builtin.params).map(|(&arg, &ty)| self.value_register(arg, ty)).collect();
        self.write_call(VERBS.call(), function.0, &results, &args, at)
    }

    /// Whether the arguments fit the parameters.
    fn takes(&self, builtin: &Builtin, args: &[Operand]) -> bool {
        args.iter().zip(builtin.params).all(|(arg, &ty)| match self.arg_type(arg.arg) {
            Some(from) => self.a.assignable(from, ty),
            None => arg.arg == Arg::Null && ty.is_ref(),
        })
    }
}

impl Asm<'_> {
    /// The function behind a form: one of the text that has its name, or an import made now.
    fn builtin_function(&mut self, builtin: &Builtin, at: Place) -> Parse<FuncId> {
        let inside = *self.module.name == *CORE.name;
        let name = if inside { builtin.name.to_owned() } else { format!("{}.{}", CORE.name, builtin.name) };
        let known = self.lex.names.find(name.as_bytes()).map_or(Global::None, |sym| self.global(sym));
        match known {
            Global::Func(id) if *self.signature_of(id) == signature(builtin) => return Ok(id),
            Global::None if !inside => {}
            _ => {
                let message = format!("`{name}` is not the function behind `{}`", builtin.name);
                let help = "the name belongs to the built-in function";
                return Err(self.error_help(E0206, at, message, help));
            }
        }
        let (made, next) = (&self.builtin_imports, self.signatures.len());
        if let Some(index) = made.iter().position(|import| *import.name == *builtin.name) {
            return Ok(FuncId((next - made.len() + index) as u32));
        }
        if next >= self.limits.functions {
            let message = format!("a module has at most {} functions", self.limits.functions);
            return Err(self.limit(at, message));
        }
        self.signatures.push(Rc::new(signature(builtin)));
        self.builtin_imports.push(Import {
            module: CORE.name.into(),
            name: builtin.name.into(),
            signature: signature(builtin),
        });
        Ok(FuncId(next as u32))
    }

    /// Moves the imports made by instructions to the others, and gives every function its number.
    pub(crate) fn place_builtins(&mut self) {
        let mut made = std::mem::take(&mut self.builtin_imports);
        if made.is_empty() {
            return;
        }
        let (imports, own) = (self.module.imports.len() as u32, self.signatures.len() - made.len());
        let (own, more) = (own as u32 - imports, made.len() as u32);
        self.module.imports.append(&mut made);
        renumber_functions(&mut self.module, &|FuncId(id)| {
            FuncId(match id {
                id if id < imports => id,
                id if id < imports + own => id + more,
                id => id - own,
            })
        });
    }
}

fn signature(builtin: &Builtin) -> Signature {
    Signature { params: builtin.params.to_vec(), results: builtin.results.to_vec() }
}

/// A form as it is written, with types for operands.
pub(crate) fn form(builtin: &Builtin) -> String {
    let types = builtin.results.iter().chain(builtin.params);
    let types: Vec<String> = types.map(|&ty| mvm_isa::pages::builtin_type_name(ty)).collect();
    format!("`{} {}`", builtin.name, types.join(", "))
}
