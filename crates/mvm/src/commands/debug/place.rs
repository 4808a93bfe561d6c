//! What was typed as places in the program and as values of it.

use mvm_diag::suggest;
use mvm_exec::FrameInfo;
use mvm_isa::TypeId;
use mvm_module::{FuncId, VarEntry};

use super::Debugger;
use super::stop::{Breakpoint, Catch, Stops};
use super::watch::{Part, Watch};
use crate::trace::register_name;

/// Places of one breakpoint at most.
const PLACES_MAX: usize = 1000;

/// A value of the program.
pub(super) struct Value {
    pub(super) ty: TypeId,
    pub(super) bits: u64,
    /// The type as the source language writes it, where that is known.
    pub(super) shown_type: Option<String>,
}

impl Debugger<'_> {
    /// `break`: adds a breakpoint.
    pub(super) fn add_breakpoint(&mut self, text: &str) -> Result<String, String> {
        let at = match text {
            "" => {
                let place = self.current()?.place;
                vec![(place.function, place.pc)]
            }
            _ => self.places(text)?,
        };
        let id = self.next_id;
        self.next_id += 1;
        let shown: Vec<String> = at.iter().take(4).map(|&(id, pc)| self.place_name(id, pc)).collect();
        let more = if at.len() > 4 { format!(" and {} more places", at.len() - 4) } else { String::new() };
        let shown = format!("{}{more}", shown.join(", "));
        self.stops.breakpoints.push(Breakpoint { id, text: shown.clone(), at, hits: 0 });
        Ok(format!("breakpoint {id} at {shown}\n"))
    }

    /// All places that `FUNCTION`, `LINE`, `FILE:LINE` or `FUNCTION+PC` stand for.
    fn places(&mut self, text: &str) -> Result<Vec<(FuncId, u32)>, String> {
        if let Ok(line) = text.parse::<u32>() {
            let file = self.current_file()?;
            return self.line_places(file, line);
        }
        if let Some((file, line)) = text.rsplit_once(':')
            && let Ok(line) = line.trim().parse::<u32>()
        {
            let file = self.find_file(file.trim())?;
            return self.line_places(file, line);
        }
        if let Some((name, pc)) = text.rsplit_once('+')
            && let Ok(pc) = pc.trim().parse::<u32>()
            && let Ok(id) = self.find_function(name.trim())
        {
            let listing = mvm_asm::list_function(self.image.module(), id);
            return match listing.iter().any(|insn| insn.pc == pc) {
                true => Ok(vec![(id, pc)]),
                false => Err(format!("no instruction of `{}` starts at {pc}", name.trim())),
            };
        }
        let id = self.find_function(text)?;
        Ok(vec![(id, self.first_pc(id))])
    }

    /// Behind `enter`, where the function proper begins.
    pub(super) fn first_pc(&self, id: FuncId) -> u32 {
        let first = self.function(id).code.first().copied().unwrap_or(0);
        u32::from(first as u16 == mvm_isa::Opcode::Enter as u16)
    }

    /// The function with this name, or the only one whose last part it is.
    pub(super) fn find_function(&self, name: &str) -> Result<FuncId, String> {
        let functions = &self.image.module().functions;
        if let Some(index) = functions.iter().position(|function| &*function.name == name) {
            return Ok(FuncId(index as u32));
        }
        let tail = format!(".{name}");
        let mut ending = functions.iter().enumerate().filter(|(_, function)| function.name.ends_with(&tail));
        if let (Some((index, _)), None) = (ending.next(), ending.next()) {
            return Ok(FuncId(index as u32));
        }
        let near = suggest(name, functions.iter().map(|function| &*function.name));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Err(format!("there is no function `{name}`{near}"))
    }

    /// Index of the source file of the place that is looked at.
    pub(super) fn current_file(&self) -> Result<u16, String> {
        let place = self.current()?.place;
        let line = self.function(place.function).line_at(place.pc);
        line.map(|line| line.file).ok_or_else(|| "no source file is known here; write FILE:LINE".to_string())
    }

    /// Index of a source file by name or by the end of its path.
    fn find_file(&self, name: &str) -> Result<u16, String> {
        let sources = &self.image.module().sources;
        let tail = format!("/{name}");
        let exact = sources.iter().position(|source| &**source == name);
        let found = exact.or_else(|| sources.iter().position(|source| source.ends_with(&tail)));
        found.map(|index| index as u16).ok_or_else(|| {
            let names: Vec<&str> = sources.iter().take(8).map(|source| &**source).collect();
            format!("there is no source file `{name}`; there are {}", names.join(", "))
        })
    }

    /// The starts of a line in all functions; of the next line with code when it has none.
    fn line_places(&self, file: u16, line: u32) -> Result<Vec<(FuncId, u32)>, String> {
        let functions = || self.image.module().functions.iter().enumerate();
        let entries = |entry: &&mvm_module::LineEntry| entry.file == file && entry.line >= line;
        let nearest =
            functions().flat_map(|(_, f)| f.debug.lines.iter().filter(entries)).map(|entry| entry.line).min();
        let Some(nearest) = nearest else {
            return Err(format!("there is no code at or below line {line}"));
        };
        let mut places = Vec::new();
        for (index, function) in functions() {
            let id = FuncId(index as u32);
            let first = function.debug.lines.iter().find(|entry| entry.file == file && entry.line == nearest);
            if let Some(entry) = first {
                places.push((id, entry.pc.max(self.first_pc(id))));
            }
        }
        places.truncate(PLACES_MAX);
        Ok(places)
    }

    /// A place as it is listed.
    pub(super) fn place_name(&self, function: FuncId, pc: u32) -> String {
        crate::machine::place_text(self.image.module(), mvm_exec::Place { function, pc })
    }

    /// `delete`: removes what stops the program.
    pub(super) fn delete(&mut self, text: &str) -> Result<String, String> {
        let stops = &mut self.stops;
        if text.is_empty() {
            *stops = Stops::default();
            return Ok("all breakpoints, watches and catches are gone\n".into());
        }
        let id: u32 = text.parse().map_err(|_| format!("`{text}` is not a number of a breakpoint"))?;
        let count = |stops: &Stops| stops.breakpoints.len() + stops.watches.len() + stops.catches.len();
        let before = count(stops);
        stops.breakpoints.retain(|breakpoint| breakpoint.id != id);
        stops.watches.retain(|watch| watch.id != id);
        stops.catches.retain(|catch| catch.id != id);
        if count(stops) == before {
            return Err(format!("there is no breakpoint {id}; `breakpoints` lists all"));
        }
        Ok(format!("{id} is gone\n"))
    }

    /// `catch`: stops when an exception is raised.
    pub(super) fn add_catch(&mut self, name: &str) -> Result<String, String> {
        let class = if name.is_empty() { TypeId::ERROR } else { self.exception_class(name)? };
        let id = self.next_id;
        self.next_id += 1;
        self.stops.catches.push(Catch { id, class, hits: 0 });
        Ok(format!("catch {id}: exceptions of `{}`\n", self.image.module().type_name(class)))
    }

    /// The exception class with this name, or the only one whose last part it is.
    fn exception_class(&self, name: &str) -> Result<TypeId, String> {
        let module = self.image.module();
        let classes = (0..module.types.len()).map(|index| TypeId(index as u16));
        let exceptions: Vec<(TypeId, String)> = classes
            .filter(|&class| module.classes().assignable(class, TypeId::ERROR))
            .map(|class| (class, module.type_name(class)))
            .collect();
        if let Some((class, _)) = exceptions.iter().find(|(_, known)| known == name) {
            return Ok(*class);
        }
        let tail = format!(".{name}");
        let mut ending = exceptions.iter().filter(|(_, known)| known.ends_with(&tail));
        if let (Some((class, _)), None) = (ending.next(), ending.next()) {
            return Ok(*class);
        }
        let near = suggest(name, exceptions.iter().map(|(_, known)| &**known));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Err(format!("there is no exception class `{name}`{near}"))
    }

    /// `watch`: stops when a value changes.
    pub(super) fn add_watch(&mut self, text: &str) -> Result<String, String> {
        if text.is_empty() {
            return Err("`watch` needs a name: a register, NAME.FIELD or NAME[INDEX]".into());
        }
        let frame = self.current()?;
        let (name, path) = split_path(text);
        let register = self.register_of(&frame, name)?.0;
        let ty = self.function(frame.place.function).registers[usize::from(register)];
        let parts = self.parts(path)?;
        if !parts.is_empty() || ty.is_ref() {
            self.value(text)?;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.stops.watches.push(Watch::new(self.machine.process(), (id, text), frame, register, parts));
        Ok(format!("watch {id}: `{text}`\n"))
    }

    /// The register with this name in a frame.
    fn find_register(&self, frame: &FrameInfo, name: &str) -> Result<u16, String> {
        let function = self.function(frame.place.function);
        let count = function.registers.len().min(usize::from(u16::MAX)) as u16;
        if let Some(register) = (0..count).find(|&register| register_name(function, register) == name) {
            return Ok(register);
        }
        if name.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '$' | '@')) {
            return Err(format!("`{name}` is not a name: NAME, NAME.FIELD and NAME[INDEX] are understood"));
        }
        let names: Vec<String> = (0..count).map(|register| register_name(function, register)).collect();
        let near = suggest(name, names.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Err(format!("`{}` has no register `{name}`{near}", function.name))
    }

    /// The variable of the source language with this name that is in scope.
    fn find_var(&self, frame: &FrameInfo, name: &str) -> Option<&VarEntry> {
        let vars = &self.function(frame.place.function).debug.vars;
        vars.iter().rev().find(|var| &*var.name == name && (var.start..var.end).contains(&frame.place.pc))
    }

    /// `NAME`, `NAME.FIELD`, `NAME[INDEX]` and so on.
    pub(super) fn value(&self, text: &str) -> Result<Value, String> {
        let (name, path) = split_path(text);
        let mut value = self.named_value(name)?;
        for part in self.parts(path)? {
            let (ty, bits) = match part {
                Part::Field(name) => self.view().field_of(value.ty, value.bits, &name)?,
                Part::Element(index) => self.view().element_of(value.ty, value.bits, index)?,
            };
            value = Value { ty, bits, shown_type: None };
        }
        Ok(value)
    }

    /// The way from an object to a part of it.
    fn parts(&self, text: &str) -> Result<Vec<Part>, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                parts.push(Part::Field(after[..end].trim().to_string()));
                rest = after[end..].trim();
            } else {
                let after = rest.strip_prefix('[').ok_or_else(|| format!("`{rest}` is not understood"))?;
                let end = after.find(']').ok_or("the `]` is missing")?;
                parts.push(Part::Element(self.index(after[..end].trim())?));
                rest = after[end + 1..].trim();
            }
        }
        Ok(parts)
    }

    /// A number, or a register that holds one.
    fn index(&self, text: &str) -> Result<i64, String> {
        if let Ok(index) = text.parse() {
            return Ok(index);
        }
        match self.named_value(text)? {
            Value { ty: TypeId::I64, bits, .. } => Ok(bits as i64),
            _ => Err(format!("`{text}` is not an integer")),
        }
    }

    /// The variable of the source language that a register holds here.
    pub(super) fn var_of(&self, frame: &FrameInfo, register: u16) -> Option<&VarEntry> {
        let vars = &self.function(frame.place.function).debug.vars;
        let here = |var: &&VarEntry| (var.start..var.end).contains(&frame.place.pc);
        vars.iter().rev().filter(here).find(|var| var.register == register)
    }

    /// A register as the person knows it: by its variable, else by its own name.
    pub(super) fn shown_name(&self, frame: &FrameInfo, register: u16) -> String {
        match self.var_of(frame, register) {
            Some(var) => var.name.to_string(),
            None => register_name(self.function(frame.place.function), register),
        }
    }

    /// The register behind a name, and its type in the source language where that is known.
    fn register_of(&self, frame: &FrameInfo, name: &str) -> Result<(u16, Option<String>), String> {
        match self.find_var(frame, name) {
            Some(var) => Ok((var.register, Some(var.ty.to_string()))),
            None => Ok((self.find_register(frame, name)?, None)),
        }
    }

    fn named_value(&self, name: &str) -> Result<Value, String> {
        let frame = self.current()?;
        let (register, shown_type) = self.register_of(&frame, name)?;
        if !self.machine.process().live_registers(&frame).contains(&register) {
            return Err(format!(
                "`{name}` has no value here: none was written yet, or nothing reads it any more"
            ));
        }
        let ty = self.function(frame.place.function).registers[usize::from(register)];
        Ok(Value { ty, bits: self.machine.process().frame_register(&frame, register), shown_type })
    }
}

/// A name, and the way from it to a part of its value.
fn split_path(text: &str) -> (&str, &str) {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    (text[..end].trim(), text[end..].trim())
}
