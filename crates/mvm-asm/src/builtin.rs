//! Functions with instruction syntax: `split parts, text, ","` is a call of `core.str_split`.
//!
//! Which of them a program uses is known at the end of its last function, when everything has its number already. Until
//! then their calls name numbers from the end of the range; [`Asm::place_builtins`] adds the imports and moves the
//! functions of the module behind them. A program that imports one by itself uses that import.
//!
//! Not here: their code (`core/core.masm`), their table (`mvm_isa::builtins`).

use mvm_isa::{Builtin, Syntax};
use mvm_module::link::renumber_functions;
use mvm_module::{FuncId, Import, Signature, limits};

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
    /// Its source.
    pub text: &'static str,
}

/// The built-in module. Whoever links a program that imports from it assembles this text.
pub const CORE: CoreModule = CoreModule { name: "core", text: include_str!("../core/core.masm") };

/// The number of the `index`-th of the used ones until all are known.
fn provisional(index: usize) -> FuncId {
    FuncId((limits::FUNCTIONS_MAX - 1 - index) as u32)
}

impl Body<'_, '_> {
    /// `split parts, text, ","`: results, then arguments.
    pub(crate) fn builtin(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place) -> Parse<()> {
        let mut list = Vec::new();
        let done = self.builtin_with(c, verb, at, &mut list);
        if done.is_err() {
            for operand in list.iter().take(usize::from(verb.defs)) {
                if let Arg::Name(sym) = operand.arg {
                    self.poison(sym, operand.place);
                }
            }
        }
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
    /// The function behind a form: the import of it in the text, or one that will be added.
    fn builtin_function(&mut self, builtin: &'static Builtin, at: Place) -> Parse<FuncId> {
        let full = format!("{}.{}", CORE.name, builtin.name);
        let known = self.lex.names.find(full.as_bytes()).map_or(Global::None, |sym| self.global(sym));
        match known {
            Global::Func(id) if *self.signature_of(id) == signature(builtin) => return Ok(id),
            Global::None => {}
            _ => {
                let message = format!("`{full}` is declared as something else than `{}`", builtin.name);
                let help = "its name belongs to the function behind the instruction";
                return Err(self.error_help(E0206, at, message, help));
            }
        }
        let index = match self.used_builtins.iter().position(|used| used.name == builtin.name) {
            Some(index) => index,
            None => {
                self.used_builtins.push(builtin);
                self.used_builtins.len() - 1
            }
        };
        if self.signatures.len() + self.used_builtins.len() > provisional(index).0 as usize {
            let message = format!("a module has at most {} functions", limits::FUNCTIONS_MAX);
            return Err(self.limit(at, message));
        }
        Ok(provisional(index))
    }

    /// Adds imports of what is used, behind those of the text.
    pub(crate) fn place_builtins(&mut self) {
        let used = std::mem::take(&mut self.used_builtins);
        if used.is_empty() {
            return;
        }
        let (imports, count) = (self.module.imports.len(), used.len());
        for builtin in &used {
            self.module.imports.push(Import {
                module: CORE.name.into(),
                name: builtin.name.into(),
                signature: signature(builtin),
            });
        }
        renumber_functions(&mut self.module, &|id| match id.0 as usize {
            old if old < imports => id,
            old => match provisional(0).0.checked_sub(id.0) {
                Some(index) if (index as usize) < count => FuncId((imports + index as usize) as u32),
                _ => FuncId((old + count) as u32),
            },
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
