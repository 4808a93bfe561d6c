//! Statements with a call in them, and the others whose operands are a list: `call` and its relatives, `bind`, `fref`,
//! `new`, `ret`, `switch`, `sys`.

use std::rc::Rc;

use mvm_diag::Diagnostic;
use mvm_isa::{NO_REG, Opcode, Shape, Syscall, TypeId, encode};
use mvm_module::classes::MethodSlot;
use mvm_module::{FuncId, Signature, TypeDef, limits};

use crate::asm::{Asm, Global, PATH_PARTS_MAX};
use crate::body::Body;
use crate::cursor::{Cursor, Parse, Reported};
use crate::emit::Site;
use crate::errors::{E0204, E0211, E0212, E0302, E0305, E0306, E0307, E0309, E0311, E0313, E0315};
use crate::habits::syscalls_like;
use crate::intern::Sym;
use crate::lexer::Kind;
use crate::operands::{Arg, Operand};
use crate::report::Place;
use crate::verbs::{Callee, Verb};

/// Above so many members a class is not searched again for the same one.
pub(crate) const MANY_MEMBERS: usize = 16;

/// What a call goes to.
struct Target {
    number: u32,
    signature: Rc<Signature>,
    /// Type of the object in front of the parameters of a method.
    receiver: Option<TypeId>,
    name: Sym,
    place: Place,
}

impl Body<'_, '_> {
    /// `call r, f(x)`, `call (q, r), f(x)`, `call f(x)`, and the same for `callr`, `callv`, `calli`, `tailcall`.
    pub(crate) fn call(&mut self, c: &mut Cursor<'_>, verb: &Verb, callee: Callee, at: Place) -> Parse<()> {
        let tail = matches!(callee, Callee::Tail | Callee::TailReference);
        let mut results = if tail { Vec::new() } else { self.result_list(c)? };
        let done = self.call_with(c, verb, callee, at, &mut results);
        self.poison_all_on_error(done, &results)
    }

    /// After an error the destinations are taken as known.
    fn poison_all_on_error(&mut self, result: Parse<()>, destinations: &[Operand]) -> Parse<()> {
        for operand in destinations {
            let _ = self.poison_on_error(result, *operand);
        }
        result
    }

    fn call_with(
        &mut self,
        c: &mut Cursor<'_>,
        verb: &Verb,
        callee: Callee,
        at: Place,
        results: &mut [Operand],
    ) -> Parse<()> {
        let target = match callee {
            Callee::Function | Callee::Tail => {
                self.function_target(c, "a function reference is called with `callr`")?
            }
            Callee::Reference | Callee::TailReference => self.reference_target(c)?,
            Callee::Virtual | Callee::Interface => self.method_target(c, callee == Callee::Interface)?,
        };
        let mut args = self.argument_list(c)?;
        for result in results.iter_mut() {
            self.write(result)?;
        }
        self.check_arguments(&target, &mut args)?;
        if matches!(callee, Callee::Tail | Callee::TailReference) {
            self.check_tail(&target, at)?;
            let args = self.load_arguments(&target, &args);
            let pc = self.code.pc();
            encode::tail_call(&mut self.code.words, verb.rows[0], target.number, &args);
            self.wrote(verb.rows[0], pc, at);
            return Ok(());
        }
        let types = target.signature.results.clone();
        let results = self.call_results(results, &types, &target)?;
        let args = self.load_arguments(&target, &args);
        self.write_call(verb, target.number, &results, &args, at)
    }

    /// Writes the shortest form of a call that the verb allows.
    pub(crate) fn write_call(
        &mut self,
        verb: &Verb,
        number: u32,
        results: &[u16],
        args: &[u16],
        at: Place,
    ) -> Parse<()> {
        let few = args.len() <= 3 && results.len() <= 1;
        let wanted = if few { Shape::Call } else { Shape::CallMany };
        let op = verb.rows.iter().copied().find(|op| op.info().shape == wanted).unwrap_or(verb.rows[0]);
        let pc = self.code.pc();
        match op.info().shape {
            Shape::Call if few => {
                let dst = results.first().copied().unwrap_or(NO_REG);
                encode::call(&mut self.code.words, op, dst, number, 0, args);
            }
            Shape::Call => {
                let message = "this form of a call takes at most 3 arguments and 1 result";
                return Err(self.a.error(E0305, at, message));
            }
            _ => encode::call_many(&mut self.code.words, op, results, number, 0, args),
        }
        self.wrote(op, pc, at);
        Ok(())
    }

    /// Destinations in front of a call: none, one, or several in parentheses.
    fn result_list(&mut self, c: &mut Cursor<'_>) -> Parse<Vec<Operand>> {
        let mut results = Vec::new();
        if c.kind() == Kind::LeftParen {
            c.bump();
            while c.kind() != Kind::RightParen {
                let result = self.operand(c)?;
                self.push_operand(&mut results, result)?;
                if c.kind() != Kind::RightParen {
                    self.a.expect(c, Kind::Comma, "`,` or `)`")?;
                }
            }
            c.bump();
            self.a.expect(c, Kind::Comma, "`,` and the call")?;
        } else if c.ahead(1).kind == Kind::Comma {
            results.push(self.operand(c)?);
            c.bump();
        }
        Ok(results)
    }

    /// Arguments in parentheses.
    fn argument_list(&mut self, c: &mut Cursor<'_>) -> Parse<Vec<Operand>> {
        let mut args = Vec::new();
        self.a.expect(c, Kind::LeftParen, "`(` and the arguments")?;
        while c.kind() != Kind::RightParen {
            let arg = self.operand(c)?;
            self.push_operand(&mut args, arg)?;
            if c.kind() != Kind::RightParen {
                self.a.expect(c, Kind::Comma, "`,` or `)`")?;
            }
        }
        c.bump();
        Ok(args)
    }

    /// The function that is named; `help` is what to do with a register instead.
    fn function_target(&mut self, c: &mut Cursor<'_>, help: &str) -> Parse<Target> {
        let (name, place) = self.a.expect_path(c, "the name of a function")?;
        let register = self.register(name).filter(|_| self.a.global(name) == Global::None);
        if let Some(register) = register {
            self.registers[usize::from(register)].read = true;
            let message = format!("`{}` is a register", self.a.text(name));
            return Err(self.a.error_help(E0204, place, message, help));
        }
        let func = self.a.function_named(name, place)?;
        let signature = self.a.signature_of(func);
        Ok(Target { number: func.0, signature, receiver: None, name, place })
    }

    fn reference_target(&mut self, c: &mut Cursor<'_>) -> Parse<Target> {
        let token = c.peek();
        let register = self.operand_register(c)?;
        self.registers[usize::from(register)].read = true;
        let ty = self.register_type(register);
        if ty == crate::asm::POISON {
            return Err(Reported);
        }
        let Some(TypeDef::Func(signature)) = self.a.type_def(ty) else {
            let message = format!("`{}` is not a function reference", self.a.text(token.sym()));
            let error = Diagnostic::error(E0309, message);
            let label = format!("this is `{}`", self.a.type_name(ty));
            let mut error = error.at(self.a.span(token.place()), label);
            if matches!(self.a.global(token.sym()), Global::Func(_)) {
                error = error.help("a known function is called with `call`");
            }
            self.a.report.emit(error);
            return Err(Reported);
        };
        let signature = Rc::new(signature.clone());
        let number = u32::from(register);
        Ok(Target { number, signature, receiver: None, name: token.sym(), place: token.place() })
    }

    /// `Class.method` or `Interface.method`.
    fn method_target(&mut self, c: &mut Cursor<'_>, interface: bool) -> Parse<Target> {
        let (owner, method, place) = self.a.expect_member(c)?;
        let ty = self.a.named_type(owner, place)?;
        let is_interface = matches!(self.a.type_def(ty), Some(TypeDef::Interface(_)));
        if is_interface != interface {
            let (what, verb) = if is_interface { ("an interface", "calli") } else { ("a class", "callv") };
            let message = format!("`{}` is {what}", self.a.type_name(ty));
            return Err(self.a.error_help(
                E0315,
                place,
                message,
                format!("methods of {what} are called with `{verb}`"),
            ));
        }
        let (number, signature) = if interface {
            self.a.selector(ty, method, place)?
        } else {
            self.a.virtual_method(ty, method, place)?
        };
        Ok(Target { number, signature: Rc::new(signature), receiver: Some(ty), name: method, place })
    }

    fn check_arguments(&mut self, target: &Target, args: &mut [Operand]) -> Parse<()> {
        let mut result = Ok(());
        for arg in args.iter_mut() {
            result = self.read(arg).and(result);
        }
        result?;
        let wanted = target.signature.params.len() + usize::from(target.receiver.is_some());
        if args.len() != wanted {
            let plural = if wanted == 1 { "" } else { "s" };
            let name = self.a.text(target.name);
            let message = format!("`{name}` takes {wanted} argument{plural}, found {}", args.len());
            let mut error = Diagnostic::error(E0305, message).at(self.a.span(target.place), "");
            error.help = self.signature_help(target);
            self.a.report.emit(error);
            return Err(Reported);
        }
        let types = target.receiver.iter().chain(&target.signature.params);
        for (arg, &ty) in args.iter().zip(types) {
            result = self.check_argument(*arg, ty, target).and(result);
        }
        result
    }

    fn signature_help(&self, target: &Target) -> Option<String> {
        if target.signature.params.len() > 16 {
            return None;
        }
        let name =
            |types: &[TypeId]| types.iter().map(|&t| self.a.type_name(t)).collect::<Vec<_>>().join(", ");
        let params: Vec<TypeId> = target.receiver.iter().chain(&target.signature.params).copied().collect();
        Some(format!("its types are ({}) -> ({})", name(&params), name(&target.signature.results)))
    }

    fn check_argument(&mut self, arg: Operand, ty: TypeId, target: &Target) -> Parse<()> {
        match self.arg_type(arg.arg) {
            Some(from) if self.a.assignable(from, ty) => Ok(()),
            None if arg.arg == Arg::Null && ty.is_ref() => Ok(()),
            found_type => {
                let found = match found_type {
                    Some(from) => format!("`{}`", self.a.type_name(from)),
                    None if arg.arg == Arg::Null => "null".into(),
                    None => "a function".into(),
                };
                let wanted = self.a.type_name(ty);
                let name = self.a.text(target.name).to_owned();
                let message = format!("`{name}` takes `{wanted}` here, found {found}");
                let mut error = Diagnostic::error(E0306, message).at(self.a.span(arg.place), "");
                error.help = match (arg.arg, ty) {
                    (Arg::Int(value), TypeId::F64) => Some(format!("write the float as `{value}.0`")),
                    (Arg::Func(_), _) if name == Syscall::Spawn.info().name => {
                        Some("a process that calls it is started with `spawn pid, name(...)`".into())
                    }
                    (Arg::Func(_), _) => Some("make a reference to the function with `fref g, name`".into()),
                    _ if Syscall::from_name(&name).is_some() => {
                        let like = found_type.and_then(|ty| syscalls_like(&name, Some(ty)));
                        like.map(|others| format!("there is {others} for that"))
                    }
                    _ => None,
                };
                self.a.report.emit(error);
                Err(Reported)
            }
        }
    }

    fn load_arguments(&mut self, target: &Target, args: &[Operand]) -> Vec<u16> {
        let types = target.receiver.into_iter().chain(target.signature.params.iter().copied());
        args.iter().zip(types).map(|(&arg, ty)| self.value_register(arg, ty)).collect()
    }

    /// The register with a value; literals are loaded.
    pub(crate) fn value_register(&mut self, value: Operand, wanted: TypeId) -> u16 {
        match value.arg {
            Arg::Reg(register) => register,
            arg => {
                let ty = self.a.literal_type(arg).unwrap_or(wanted);
                self.load(value, ty)
            }
        }
    }

    /// Registers for results; hidden ones where the text wants none.
    fn call_results(&mut self, results: &[Operand], types: &[TypeId], target: &Target) -> Parse<Vec<u16>> {
        if results.is_empty() {
            return Ok(types.iter().map(|&ty| self.hidden_register(ty, target.place)).collect());
        }
        self.check_result_count(results.len(), types.len(), target.name, target.place)?;
        for (result, &ty) in results.iter().zip(types) {
            self.check_destination(*result, ty)?;
        }
        let several = results.len() > 1;
        Ok(results.iter().zip(types).map(|(r, &ty)| self.destination(*r, ty, several)).collect())
    }

    fn check_result_count(&mut self, found: usize, wanted: usize, name: Sym, place: Place) -> Parse<()> {
        if found == wanted {
            return Ok(());
        }
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let message = format!(
            "`{}` gives {wanted} result{}, found {found} destination{}",
            self.a.text(name),
            plural(wanted),
            plural(found)
        );
        Err(self.a.error(E0307, place, message))
    }

    fn check_tail(&mut self, target: &Target, at: Place) -> Parse<()> {
        let own = self.signature.results.clone();
        let theirs = &target.signature.results;
        let fits = own.len() == theirs.len()
            && theirs.iter().zip(&own).all(|(&from, &to)| self.a.assignable(from, to));
        if fits {
            return Ok(());
        }
        let message = format!(
            "`{}` does not give the results of this function, so it cannot replace it",
            self.a.text(target.name)
        );
        Err(self.a.error_help(E0313, at, message, "use `call`, then `ret`"))
    }

    /// `bind g, f(5)`.
    pub(crate) fn bind(&mut self, c: &mut Cursor<'_>, at: Place) -> Parse<()> {
        let mut destination = self.operand(c)?;
        self.a.expect(c, Kind::Comma, "`,` and a function")?;
        let result = self.bind_with(c, at, &mut destination);
        self.poison_on_error(result, destination)
    }

    fn poison_on_error(&mut self, result: Parse<()>, destination: Operand) -> Parse<()> {
        if let (Err(Reported), Arg::Name(sym)) = (result, destination.arg) {
            self.poison(sym, destination.place);
        }
        result
    }

    fn bind_with(&mut self, c: &mut Cursor<'_>, at: Place, destination: &mut Operand) -> Parse<()> {
        let target = self.function_target(c, "a function reference is called with `callr`")?;
        let mut args = self.argument_list(c)?;
        self.write(destination)?;
        let params = &target.signature.params;
        if args.len() > params.len() || args.len() > limits::BOUND_MAX {
            let message = format!(
                "`{}` has {} parameters and `bind` fixes at most {}, found {}",
                self.a.text(target.name),
                params.len(),
                limits::BOUND_MAX,
                args.len()
            );
            return Err(self.a.error(E0305, target.place, message));
        }
        let (bound, rest) = params.split_at(args.len());
        let rest = Signature { params: rest.to_vec(), results: target.signature.results.clone() };
        let bound = Signature { params: bound.to_vec(), results: Vec::new() };
        let bound = Target { signature: Rc::new(bound), ..target };
        self.check_arguments(&bound, &mut args)?;
        let ty = self.a.function_type(&rest, at);
        self.check_destination(*destination, ty)?;
        let register = self.destination(*destination, ty, false);
        let args = self.load_arguments(&bound, &args);
        let pc = self.code.pc();
        encode::bind(&mut self.code.words, Opcode::Bind, register, bound.number, &args);
        self.wrote(Opcode::Bind, pc, at);
        Ok(())
    }

    /// `fref g, f`; `f` may also be `data` of a function type.
    pub(crate) fn fref(&mut self, c: &mut Cursor<'_>, at: Place) -> Parse<()> {
        let mut destination = self.operand(c)?;
        self.a.expect(c, Kind::Comma, "`,` and a function")?;
        let result = self.fref_with(c, at, &mut destination);
        self.poison_on_error(result, destination)
    }

    fn fref_with(&mut self, c: &mut Cursor<'_>, at: Place, destination: &mut Operand) -> Parse<()> {
        let (name, place) = self.a.expect_path(c, "the name of a function")?;
        let (literal, ty) = match self.a.global(name) {
            Global::Data(index) => {
                let ty = self.a.data[index as usize].ty;
                (self.a.data_literal(index), ty)
            }
            _ => {
                let func = self.a.function_named(name, place)?;
                self.a.function_literal(func, place)
            }
        };
        if !matches!(self.a.type_def(ty), Some(TypeDef::Func(_))) {
            let message = format!("`{}` is not a function", self.a.text(name));
            return Err(self.a.error(E0309, place, message));
        }
        self.write(destination)?;
        self.check_destination(*destination, ty)?;
        let register = self.destination(*destination, ty, false);
        let pc = self.code.pc();
        self.code.fixed(Opcode::Fref, &[i64::from(register), i64::from(literal.0)]);
        self.wrote(Opcode::Fref, pc, at);
        Ok(())
    }

    /// `spawn pid, f(5)`, `spawn f(5)`: `bind` or `fref`, then `sys pid, spawn(...)`.
    pub(crate) fn spawn(&mut self, c: &mut Cursor<'_>, at: Place) -> Parse<()> {
        let mut results = self.result_list(c)?;
        let done = self.spawn_with(c, at, &mut results);
        self.poison_all_on_error(done, &results)
    }

    fn spawn_with(&mut self, c: &mut Cursor<'_>, at: Place, results: &mut [Operand]) -> Parse<()> {
        let target = self.function_target(
            c,
            "a process that calls a function value is started with `sys pid, spawn(f)`",
        )?;
        let mut args = self.argument_list(c)?;
        for result in results.iter_mut() {
            self.write(result)?;
        }
        self.check_arguments(&target, &mut args)?;
        if args.len() > limits::BOUND_MAX {
            let message = format!(
                "a process is started with at most {} arguments, found {}",
                limits::BOUND_MAX,
                args.len()
            );
            return Err(self.a.error_help(
                E0305,
                target.place,
                message,
                "give it an object with all of them",
            ));
        }
        let name = self.a.lex.names.intern(Syscall::Spawn.info().name.as_bytes());
        let call = Signature { params: Vec::new(), results: Syscall::Spawn.info().results.to_vec() };
        let call = Target {
            number: Syscall::Spawn as u32,
            signature: Rc::new(call),
            receiver: None,
            name,
            place: at,
        };
        let types = call.signature.results.clone();
        let registers =
            if results.is_empty() { Vec::new() } else { self.call_results(results, &types, &call)? };
        let results = target.signature.results.clone();
        let ty = self.a.function_type(&Signature { params: Vec::new(), results }, at);
        let function = self.hidden_register(ty, at);
        let pc = self.code.pc();
        if args.is_empty() {
            let (literal, _) = self.a.function_literal(FuncId(target.number), target.place);
            self.code.fixed(Opcode::Fref, &[i64::from(function), i64::from(literal.0)]);
            self.wrote(Opcode::Fref, pc, at);
        } else {
            let args = self.load_arguments(&target, &args);
            let pc = self.code.pc();
            encode::bind(&mut self.code.words, Opcode::Bind, function, target.number, &args);
            self.wrote(Opcode::Bind, pc, at);
        }
        let pc = self.code.pc();
        encode::sys(&mut self.code.words, Opcode::Sys, &registers, call.number, &[function]);
        self.wrote(Opcode::Sys, pc, at);
        Ok(())
    }

    /// `new p, Point`, `new p, Point(1, 2)`, `new a, [f64], n`.
    pub(crate) fn new_object(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place) -> Parse<()> {
        let mut destination = self.operand(c)?;
        self.a.expect(c, Kind::Comma, "`,` and a type")?;
        let result = self.new_with(c, verb, at, &mut destination);
        self.poison_on_error(result, destination)
    }

    fn new_with(
        &mut self,
        c: &mut Cursor<'_>,
        verb: &Verb,
        at: Place,
        destination: &mut Operand,
    ) -> Parse<()> {
        let place = c.peek().place();
        let ty = self.a.parse_type(c)?;
        self.write(destination)?;
        if self.a.element_type(ty).is_some() {
            self.a.expect(c, Kind::Comma, "`,` and the length of the array")?;
            let mut length = self.operand(c)?;
            self.read(&mut length)?;
            self.check_value(length, TypeId::I64)?;
            self.check_destination(*destination, ty)?;
            let register = self.destination(*destination, ty, false);
            let length = self.value_register(length, TypeId::I64);
            let pc = self.code.pc();
            self.code.fixed(Opcode::NewArray, &[i64::from(register), i64::from(ty.0), i64::from(length)]);
            self.wrote(Opcode::NewArray, pc, at);
            return Ok(());
        }
        let with = c.kind() == Kind::LeftParen;
        self.check_concrete(ty, with || verb.rows == [Opcode::NewWith], place)?;
        if !with {
            self.check_destination(*destination, ty)?;
            let register = self.destination(*destination, ty, false);
            let pc = self.code.pc();
            self.code.fixed(Opcode::New, &[i64::from(register), i64::from(ty.0)]);
            self.wrote(Opcode::New, pc, at);
            return Ok(());
        }
        let mut args = self.argument_list(c)?;
        let fields: Vec<TypeId> =
            self.a.classes.layout(ty).map_or(Vec::new(), |l| l.fields.iter().map(|f| f.ty).collect());
        let name = self.a.type_name(ty);
        let name = self.a.lex.names.intern(name.as_bytes());
        let signature = Rc::new(Signature { params: fields, results: Vec::new() });
        let target = Target { number: 0, signature, receiver: None, name, place };
        self.check_arguments(&target, &mut args)?;
        self.check_destination(*destination, ty)?;
        let register = self.destination(*destination, ty, false);
        let args = self.load_arguments(&target, &args);
        let pc = self.code.pc();
        encode::new_with(&mut self.code.words, Opcode::NewWith, register, ty.0, &args);
        self.wrote(Opcode::NewWith, pc, at);
        Ok(())
    }

    /// Whether objects of a type can be made.
    fn check_concrete(&mut self, ty: TypeId, with: bool, place: Place) -> Parse<()> {
        let name = self.a.type_name(ty);
        let (message, help) = match self.a.type_def(ty) {
            Some(TypeDef::Class(class)) => {
                // Whether a class of another module has functions for its methods is known after linking.
                let missing = |m: &&MethodSlot| m.function.is_none() && !self.a.is_imported(m.declared_in);
                let layout = self.a.classes.layout(ty);
                if let Some(method) = layout.and_then(|l| l.methods.iter().find(missing)) {
                    let message =
                        format!("`{name}` is abstract: its method `{}` has no function", method.name);
                    (message, "make an object of a class below it")
                } else if class.frozen && !with {
                    let message = format!("`{name}` is frozen, so its fields are given when it is made");
                    (message, "write `new p, Class(first, second)`")
                } else {
                    return Ok(());
                }
            }
            Some(TypeDef::Interface(_)) => {
                (format!("`{name}` is an interface"), "make an object of a class that implements it")
            }
            _ => (format!("`new` makes objects and arrays, not `{name}`"), "give a class or an array type"),
        };
        Err(self.a.error_help(E0311, place, message, help))
    }

    /// `ret`, `ret x`, `ret x, y`.
    pub(crate) fn ret(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place) -> Parse<()> {
        let mut list = std::mem::take(&mut self.operands);
        list.clear();
        let result = self.ret_with(c, verb, at, &mut list);
        self.operands = list;
        // An error in it is no reason to say that the function does not end.
        self.wrote(Opcode::Ret, u32::MAX, at);
        result
    }

    fn ret_with(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place, list: &mut Vec<Operand>) -> Parse<()> {
        self.operand_list(c, list)?;
        let mut read = Ok(());
        for operand in list.iter_mut() {
            read = self.read(operand).and(read);
        }
        read?;
        let signature = Rc::clone(&self.signature);
        if list.len() != signature.results.len() {
            let wanted = signature.results.len();
            let plural = if wanted == 1 { "" } else { "s" };
            let message = format!("this function gives {wanted} result{plural}, found {}", list.len());
            let types: Option<Vec<String>> =
                list.iter().map(|value| Some(self.a.type_name(self.arg_type(value.arg)?))).collect();
            let help = match types.unwrap_or_default().as_slice() {
                [] => return Err(self.a.error(E0313, at, message)),
                [one] => format!("`-> {one}` behind the parameters declares one"),
                several => format!("`-> ({})` behind the parameters declares them", several.join(", ")),
            };
            return Err(self.a.error_help(E0313, at, message, help));
        }
        for (value, &ty) in list.iter().zip(&signature.results) {
            self.check_value(*value, ty)?;
        }
        let values: Vec<u16> =
            list.iter().zip(&signature.results).map(|(&value, &ty)| self.value_register(value, ty)).collect();
        match values.as_slice() {
            _ if verb.full && verb.rows == [Opcode::RetMany] => {
                encode::ret_many(&mut self.code.words, Opcode::RetMany, &values);
            }
            [] => self.code.fixed(Opcode::Ret, &[]),
            [one] => self.code.fixed(Opcode::RetValue, &[i64::from(*one)]),
            many => encode::ret_many(&mut self.code.words, Opcode::RetMany, many),
        }
        Ok(())
    }

    /// `switch k, default, zero, one`.
    pub(crate) fn switch(&mut self, c: &mut Cursor<'_>, verb: &Verb, at: Place) -> Parse<()> {
        let mut key = self.operand(c)?;
        self.read(&mut key)?;
        self.check_value(key, TypeId::I64)?;
        let mut labels = Vec::new();
        while c.eat(Kind::Comma) {
            let place = c.peek().place();
            labels.push((self.operand_label(c)?, place));
        }
        if labels.is_empty() {
            let message = "`switch` takes a number, a default and the targets of 0, 1, 2 ...";
            return Err(self.a.error(E0302, at, message));
        }
        let Ok(count) = u16::try_from(labels.len() - 1) else {
            return Err(self.a.limit(at, "a switch has at most 65535 targets"));
        };
        let key = self.value_register(key, TypeId::I64);
        let pc = self.code.pc();
        encode::switch(&mut self.code.words, Opcode::Switch, key, count, 1);
        let expansion = self.a.report.expansion;
        for (index, (label, place)) in labels.into_iter().enumerate() {
            let must_back = false;
            self.code.sites.push(Site { pc, label, index: index as u16, must_back, place, expansion });
        }
        self.wrote(verb.rows[0], pc, at);
        Ok(())
    }

    /// `sys r, name(args)`.
    pub(crate) fn sys(&mut self, c: &mut Cursor<'_>, at: Place) -> Parse<()> {
        let mut results = self.result_list(c)?;
        let done = self.sys_with(c, at, &mut results);
        self.poison_all_on_error(done, &results)
    }

    fn sys_with(&mut self, c: &mut Cursor<'_>, at: Place, results: &mut [Operand]) -> Parse<()> {
        let (name, place) = self.a.expect_name(c, "the name of a system call")?;
        let Some(syscall) = Syscall::from_name(self.a.text(name)) else {
            let text = self.a.text(name).to_owned();
            let near = self.a.suggest(&text, Syscall::ALL.iter().map(|s| s.info().name));
            let near = syscalls_like(&text, None).map(|like| like.trim_matches('`').to_owned()).or(near);
            return Err(self.a.unknown(E0212, place, "there is no system call", &text, near));
        };
        let info = syscall.info();
        let mut args = self.argument_list(c)?;
        for result in results.iter_mut() {
            self.write(result)?;
        }
        let signature = Rc::new(Signature {
            params: info.params.iter().map(|&(_, ty)| ty).collect(),
            results: info.results.to_vec(),
        });
        let number = syscall as u32;
        let target = Target { number, signature, receiver: None, name, place };
        self.check_arguments(&target, &mut args)?;
        // The last ones need not be taken.
        let taken = info.results.get(..results.len()).unwrap_or(info.results);
        let registers =
            if results.is_empty() { Vec::new() } else { self.call_results(results, taken, &target)? };
        let args = self.load_arguments(&target, &args);
        let pc = self.code.pc();
        encode::sys(&mut self.code.words, Opcode::Sys, &registers, number, &args);
        self.wrote(Opcode::Sys, pc, at);
        Ok(())
    }
}

impl Asm<'_> {
    /// The function with this name.
    pub(crate) fn function_named(&mut self, name: Sym, place: Place) -> Parse<FuncId> {
        if let Global::Func(func) = self.global(name) {
            return Ok(func);
        }
        let text = self.text(name).to_owned();
        if Syscall::from_name(&text).is_some() {
            let help = format!("that is asked of the machine: `sys {text}(...)`");
            return Err(self.error_help(E0204, place, format!("there is no function `{text}`"), help));
        }
        let near = self.nearest(&text, |g| matches!(g, Global::Func(_)));
        Err(self.unknown(E0204, place, "there is no function", &text, near))
    }

    /// Whether a class is declared by another module.
    fn is_imported(&self, ty: TypeId) -> bool {
        matches!(self.type_def(ty), Some(TypeDef::Class(class)) if class.import.is_some())
    }

    /// The name of a function for messages.
    pub(crate) fn function_text(&self, func: FuncId) -> String {
        let imports = self.module.imports.len();
        match (func.0 as usize).checked_sub(imports).and_then(|index| self.functions.get(index)) {
            Some(decl) => self.text(decl.name).to_owned(),
            None => self.module.function_name(func),
        }
    }

    /// `Owner.member`, where the owner may have points.
    pub(crate) fn expect_member(&mut self, c: &mut Cursor<'_>) -> Parse<(Sym, Sym, Place)> {
        let (mut owner, mut place) = self.expect_name(c, "`Class.method`")?;
        self.expect(c, Kind::Dot, "`.` and the name of a method")?;
        let (mut member, at) = self.expect_name(c, "the name of a method")?;
        place = place.to(at);
        let mut parts = 2;
        while c.kind() == Kind::Dot {
            c.bump();
            parts += 1;
            if parts > PATH_PARTS_MAX {
                let message = format!("a name has at most {PATH_PARTS_MAX} parts");
                return Err(self.limit(place, message));
            }
            owner = self.join_path(owner, member);
            let (next, at) = self.expect_name(c, "the name of a method")?;
            (member, place) = (next, place.to(at));
        }
        Ok((owner, member, place))
    }

    /// Number and types of a method of a class.
    fn virtual_method(&mut self, ty: TypeId, method: Sym, place: Place) -> Parse<(u32, Signature)> {
        let Some(layout) = self.classes.layout(ty) else {
            let message = format!("`{}` has no methods", self.type_name(ty));
            return Err(self.error(E0211, place, message));
        };
        let text = self.lex.names.text(method);
        let find = || layout.method(text).map(|index| index as u32);
        let found = match layout.methods.len() {
            0..=MANY_MEMBERS => find(),
            _ => *self.methods.entry((ty, method)).or_insert_with(find),
        };
        if let Some(index) = found {
            return Ok((index, Signature::clone(&layout.methods[index as usize].signature)));
        }
        let near = self.suggest(text, layout.methods.iter().map(|m| &*m.name));
        let what = format!("class `{}` has no method", self.type_name(ty));
        let text = text.to_owned();
        Err(self.unknown(E0211, place, &what, &text, near))
    }

    /// Selector number and types of a method of an interface or of those it includes.
    pub(crate) fn selector(&mut self, ty: TypeId, method: Sym, place: Place) -> Parse<(u32, Signature)> {
        if let Some(&(interface, index)) = self.interface_methods.get(&(ty, method)) {
            let known = self.selector_of.get(&(interface, index)).copied();
            if let (Some(TypeDef::Interface(def)), Some(known)) = (self.type_def(interface), known) {
                return Ok((u32::from(known), def.methods[usize::from(index)].signature.clone()));
            }
        }
        let text = self.text(method).to_owned();
        let above: Vec<TypeId> =
            std::iter::once(ty).chain(self.classes.supers(ty).iter().copied().filter(|&t| t != ty)).collect();
        let mut found = None;
        let mut names = Vec::new();
        for &interface in &above {
            let Some(TypeDef::Interface(def)) = self.type_def(interface) else { continue };
            if let Some(index) = def.methods.iter().position(|m| *m.name == *text) {
                found = Some((interface, index as u16, def.methods[index].signature.clone()));
                break;
            }
            names.extend(def.methods.iter().map(|m| m.name.clone()));
        }
        let Some((interface, index, signature)) = found else {
            let near = self.suggest(&text, names.iter().map(|n| &**n));
            let what = format!("interface `{}` has no method", self.type_name(ty));
            return Err(self.unknown(E0211, place, &what, &text, near));
        };
        self.interface_methods.insert((ty, method), (interface, index));
        if let Some(&known) = self.selector_of.get(&(interface, index)) {
            return Ok((u32::from(known), signature));
        }
        let number = self.module.selectors.len();
        if number >= limits::SELECTORS_MAX {
            let message = format!("a module has at most {} selectors", limits::SELECTORS_MAX);
            return Err(self.limit(place, message));
        }
        self.module.selectors.push(mvm_module::Selector { interface, method: index });
        self.selector_of.insert((interface, index), number as u16);
        Ok((number as u32, signature))
    }
}
