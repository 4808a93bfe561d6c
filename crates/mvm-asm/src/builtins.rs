//! Instructions that are functions of module `core`: `str_split parts, text, sep` is a call of `core.str_split`.
//!
//! The imports they need are numbered behind everything else while bodies are assembled, because it shows only then
//! which are needed; [`Asm::place_builtins`] moves them to the other imports at the end.

use std::rc::Rc;

use mvm_isa::{Builtin, NO_REG, Opcode, Shape, TypeId, encode, insn_len, opcode_of};
use mvm_module::{ExportItem, FuncId, Import, Literal, Signature, TypeDef};

use crate::asm::{Asm, Global, POISON};
use crate::body::Body;
use crate::cursor::{Cursor, Parse, Reported};
use crate::errors::{E0301, E0302};
use crate::operands::{Arg, Operand};
use crate::report::Place;
use crate::verbs::Verb;

/// Name of the module with the functions.
pub(crate) const CORE: &str = "core";

impl Body<'_, '_> {
    /// Results, then arguments, as in any instruction.
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
        let defs = usize::from(verb.defs);
        let first = verb.builtins[0];
        let wanted = defs + first.params.len();
        if list.len() != wanted {
            let plural = if wanted == 1 { "" } else { "s" };
            let message = format!("`{}` takes {wanted} operand{plural}, found {}", verb.name, list.len());
            return Err(self.a.error_help(E0302, at, message, first.doc));
        }
        for (index, operand) in list.iter_mut().enumerate() {
            if index < defs { self.write(operand)? } else { self.read(operand)? }
        }
        let args = &list[defs..];
        let poisoned = |o: &Operand| matches!(o.arg, Arg::Reg(r) if self.register_type(r) == POISON);
        if args.iter().any(poisoned) {
            return Err(Reported);
        }
        let fits = |b: &&&Builtin| {
            args.iter().zip(b.params).all(|(arg, &ty)| match self.arg_type(arg.arg) {
                Some(from) => self.a.assignable(from, ty),
                None => arg.arg == Arg::Null,
            })
        };
        let Some(&builtin) = verb.builtins.iter().find(fits) else {
            return Err(self.no_builtin(verb, at, args));
        };
        for (operand, &ty) in list.iter().zip(builtin.results) {
            self.check_destination(*operand, ty)?;
        }
        let func = self.a.builtin_function(builtin);
        let results: Vec<u16> =
            list.iter().zip(builtin.results).map(|(o, &ty)| self.destination(*o, ty, false)).collect();
        let args: Vec<u16> =
            list[defs..].iter().zip(builtin.params).map(|(o, &ty)| self.value_register(*o, ty)).collect();
        let pc = self.code.pc();
        let words = &mut self.code.words;
        if args.len() <= 3 && results.len() <= 1 {
            let dst = results.first().copied().unwrap_or(NO_REG);
            encode::call(words, Opcode::Call, dst, func.0, 0, &args);
        } else {
            encode::call_many(words, Opcode::CallMany, &results, func.0, 0, &args);
        }
        self.wrote(Opcode::Call, pc, at);
        Ok(())
    }

    #[cold]
    fn no_builtin(&mut self, verb: &Verb, at: Place, args: &[Operand]) -> Reported {
        let name = |&ty: &TypeId| self.a.type_name(ty);
        let found: Vec<String> = args
            .iter()
            .map(|arg| self.arg_type(arg.arg).map_or_else(|| "null".into(), |ty| self.a.type_name(ty)))
            .collect();
        let forms: Vec<String> = verb
            .builtins
            .iter()
            .map(|b| {
                let types: Vec<String> = b.results.iter().chain(b.params).map(name).collect();
                format!("`{} {}`", b.name, types.join(", "))
            })
            .collect();
        let message = format!("no form of `{}` takes ({})", verb.name, found.join(", "));
        self.a.error_help(E0301, at, message, format!("there are {}", forms.join(", ")))
    }
}

impl Asm<'_> {
    /// The function behind such an instruction: an import of the text, this module's own where it is `core` itself, or
    /// one made now.
    fn builtin_function(&mut self, builtin: &Builtin) -> FuncId {
        if &*self.module.name == CORE {
            let own = self.lex.names.intern(builtin.name.as_bytes());
            if let Global::Func(func) = self.global(own) {
                return func;
            }
        }
        let sym = self.lex.names.intern(format!("{CORE}.{}", builtin.name).as_bytes());
        if let Global::Func(func) = self.global(sym) {
            return func;
        }
        let id = FuncId(self.signatures.len() as u32);
        let signature = Signature { params: builtin.params.to_vec(), results: builtin.results.to_vec() };
        self.signatures.push(Rc::new(signature.clone()));
        let (module, name) = (CORE.into(), builtin.name.into());
        self.builtin_imports.push(Import { module, name, signature });
        self.declare_builtin(sym, Global::Func(id));
        id
    }

    /// Gives the imports made by instructions their place behind the other imports, and every function its number.
    pub(crate) fn place_builtins(&mut self) {
        if self.builtin_imports.is_empty() {
            return;
        }
        let imports = self.module.imports.len() as u32;
        let own = self.functions.len() as u32;
        let more = self.builtin_imports.len() as u32;
        self.module.imports.append(&mut self.builtin_imports);
        let moved = |id: u32| match id {
            id if id < imports => id,
            id if id < imports + own => id + more,
            id => id - own,
        };
        for function in &mut self.module.functions {
            move_calls(&mut function.code, moved);
        }
        for literal in &mut self.module.literals {
            if let Literal::Func(func, _) = literal {
                func.0 = moved(func.0);
            }
        }
        for def in &mut self.module.types {
            let TypeDef::Class(class) = def else { continue };
            for func in class.methods.iter_mut().filter_map(|method| method.function.as_mut()) {
                func.0 = moved(func.0);
            }
        }
        for export in &mut self.module.exports {
            if let ExportItem::Function(func) = &mut export.item {
                func.0 = moved(func.0);
            }
        }
        if let Some(main) = &mut self.module.main {
            main.0 = moved(main.0);
        }
    }
}

/// Renumbers the functions that code names.
fn move_calls(code: &mut [u64], moved: impl Fn(u32) -> u32) {
    let mut pc = 0;
    while let Some(&word) = code.get(pc) {
        let Ok(op) = opcode_of(word) else { return };
        let named = matches!(op, Opcode::Call | Opcode::CallMany | Opcode::TailCall | Opcode::Bind);
        if named {
            let bits = if matches!(op.info().shape, Shape::Call | Shape::Bind) { 24 } else { 32 };
            let mask = (1u64 << bits) - 1;
            let target = moved((word >> 32 & mask) as u32);
            code[pc] = word & !(mask << 32) | (u64::from(target) & mask) << 32;
        }
        pc += insn_len(op, word);
    }
}
