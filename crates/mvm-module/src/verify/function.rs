//! Judges functions: declarations, then the code word by word, then handler ranges and debug information.

use mvm_isa::{Effect, Opcode, TypeId};

use crate::cfg::{Nesting, instructions};
use crate::classes::ClassTable;
use crate::finish::{makes_charged, visit_filled};
use crate::model::limits::{self, Limits};
use crate::model::{FuncDebug, FuncId, Function, InlineEntry, Module};
use crate::verify::code::Layouts;
use crate::verify::error::{Report, Says};
use crate::verify::rules::{Rule, RuleSet};
use crate::verify::tables::is_register_type;
use crate::verify::{EVERY_INSTRUCTION, Judged};

/// What each function was judged by.
pub(super) type Log = Vec<Judged>;

/// Judges all functions.
pub(super) fn check_functions<'m>(
    module: &'m Module,
    classes: &'m ClassTable,
    limits: &Limits,
    report: &mut Report<'m>,
    mut log: Option<&mut Log>,
) {
    let layouts = Layouts::new();
    let mut room = Room::default();
    for (index, function) in module.functions.iter().enumerate() {
        let id = FuncId((module.imports.len() + index) as u32);
        let judged = check_function(
            &layouts,
            (module, classes),
            (id, function),
            limits,
            report,
            &mut room,
            log.is_some(),
        );
        if let (Some(log), Some(judged)) = (&mut log, judged) {
            log.push(judged);
        }
        if report.is_full() {
            return;
        }
    }
}

/// Judges one function; what it was judged by, if somebody wants to know.
fn check_function<'m>(
    layouts: &Layouts,
    (module, classes): (&'m Module, &'m ClassTable),
    (id, function): (FuncId, &'m Function),
    limits: &Limits,
    report: &mut Report<'m>,
    room: &mut Room,
    log: bool,
) -> Option<Judged> {
    let before = report.len();
    let mut checker = Checker {
        module,
        classes,
        id,
        function,
        layouts,
        report,
        room,
        pc: 0,
        asked: RuleSet::default(),
        log: log.then(Judged::default),
    };
    checker.declaration(limits);
    // Code is judged by the declared types, so these come first.
    if checker.report.len() == before {
        checker.code();
        checker.asked = RuleSet::default();
        checker.handlers();
        checker.debug();
        checker.inlined();
        checker.note_function();
    }
    checker.log
}

/// Judges a function as if it stood in the module in the place of the one with this number.
pub(super) fn check_replacement<'m>(
    module: &'m Module,
    classes: &'m ClassTable,
    id: FuncId,
    function: &'m Function,
    report: &mut Report<'m>,
) {
    let (layouts, mut room) = (Layouts::new(), Room::default());
    check_function(&layouts, (module, classes), (id, function), &Limits::default(), report, &mut room, false);
}

/// Memory that is kept from function to function.
#[derive(Default)]
pub(super) struct Room {
    /// Bit for each word: an instruction starts there.
    pub(super) starts: Vec<u64>,
    pub(super) sources: Vec<u16>,
    pub(super) results: Vec<u16>,
    depth: Vec<u32>,
}

/// Judges one function.
pub(super) struct Checker<'c, 'm> {
    pub(super) module: &'m Module,
    pub(super) classes: &'m ClassTable,
    id: FuncId,
    pub(super) function: &'m Function,
    pub(super) layouts: &'c Layouts,
    pub(super) report: &'c mut Report<'m>,
    pub(super) room: &'c mut Room,
    /// The instruction that is being judged.
    pub(super) pc: u32,
    /// The rules it, or the function as a whole, has been judged by so far.
    asked: RuleSet,
    /// The same of what has been judged, if anybody wants to know.
    log: Option<Judged>,
}

impl Checker<'_, '_> {
    /// Notes that a rule is being asked. Whoever reports an error has noted its rule, so that the log is complete.
    pub(super) fn asks(&mut self, rule: Rule) {
        self.asked.insert(rule);
    }

    /// Puts into the log what the function as a whole has been judged by.
    fn note_function(&mut self) {
        if let Some(log) = &mut self.log {
            log.function = log.function.union(self.asked);
        }
    }

    /// Puts into the log what the instruction at `self.pc` has been judged by.
    fn note_instruction(&mut self) {
        let Some(log) = &mut self.log else { return };
        match log.instructions.binary_search_by_key(&self.pc, |&(pc, _)| pc) {
            Ok(index) => log.instructions[index].1 = log.instructions[index].1.union(self.asked),
            Err(index) => log.instructions.insert(index, (self.pc, self.asked)),
        }
    }

    /// Reports an error of the function as a whole.
    fn declared(&mut self, rule: Rule, says: impl Into<Says>) {
        debug_assert!(self.asked.contains(rule), "rule {rule} is asked before it is broken");
        let place = self.report.function_place(self.id, self.function, None);
        self.report.push(rule, place, says);
    }

    /// Reports an error of the instruction at `self.pc`.
    #[cold]
    pub(super) fn error(&mut self, rule: Rule, says: impl Into<Says>) {
        debug_assert!(self.asked.contains(rule), "rule {rule} is asked before it is broken");
        let place = self.report.function_place(self.id, self.function, Some(self.pc));
        self.report.push(rule, place, says);
    }

    /// The type as messages name it.
    pub(super) fn name(&self, ty: TypeId) -> String {
        format!("`{}`", self.module.type_name(ty))
    }

    /// The register as messages name it.
    pub(super) fn register_name(&self, register: u16) -> String {
        match self.function.debug.register_names.get(usize::from(register)) {
            Some(name) if !name.is_empty() => format!("`{name}`"),
            _ => format!("register {register}"),
        }
    }

    fn declaration(&mut self, huge: &Limits) {
        let Function { params, results, registers, code, handlers, .. } = self.function;
        self.asked = RuleSet::of(&[Rule::F1, Rule::F2, Rule::F3, Rule::F4]);
        if registers.len() > limits::REGISTERS_MAX {
            let message = format!("{} registers, the limit is {}", registers.len(), limits::REGISTERS_MAX);
            self.declared(Rule::F1, message);
        }
        if usize::from(*params) > limits::PARAMS_MAX {
            self.declared(Rule::F1, format!("{params} parameters, the limit is {}", limits::PARAMS_MAX));
        } else if usize::from(*params) > registers.len() {
            let message = format!("{params} parameters, but only {} registers", registers.len());
            self.declared(Rule::F1, message);
        }
        if results.len() > limits::RESULTS_MAX {
            let message = format!("{} results, the limit is {}", results.len(), limits::RESULTS_MAX);
            self.declared(Rule::F2, message);
        }
        for (what, types) in [("register", registers), ("result", results)] {
            for (index, &ty) in types.iter().enumerate() {
                if !is_register_type(self.module, ty) {
                    let message = format!("{what} {index} cannot be of type {}", self.name(ty));
                    self.declared(Rule::F2, message);
                }
            }
        }
        if code.is_empty() || code.len() > huge.function_words {
            let message = format!("{} words of code, not 1 to {}", code.len(), huge.function_words);
            self.declared(Rule::F3, message);
        }
        if handlers.len() > limits::HANDLERS_MAX {
            let message = format!("{} handler ranges, the limit is {}", handlers.len(), limits::HANDLERS_MAX);
            self.declared(Rule::F4, message);
        }
        self.note_function();
    }

    fn code(&mut self) {
        let code = &self.function.code;
        let has_enter = code.first().is_some_and(|&word| word as u16 == Opcode::Enter as u16);
        let mut charged =
            self.function.registers.len() > limits::LEAF_REGISTERS_MAX || code.len() > limits::LEAF_WORDS_MAX;
        let mut last = None;
        self.room.starts.clear();
        self.room.starts.resize(code.len().div_ceil(64), 0);
        let mut walk = instructions(code);
        for (pc, op, _) in walk.by_ref() {
            self.room.starts[pc as usize / 64] |= 1 << (pc % 64);
            charged |= makes_charged(op);
            last = Some((pc, op));
        }
        if let Some((pc, error)) = walk.error() {
            self.pc = pc;
            self.asked = EVERY_INSTRUCTION;
            return self.undecodable(error);
        }
        let before = self.report.len();
        for (pc, op, words) in instructions(code) {
            self.pc = pc;
            self.asked = EVERY_INSTRUCTION;
            self.instruction(op, words);
            self.note_instruction();
            if self.report.is_full() {
                return;
            }
        }
        if let Some((pc, op)) = last {
            self.at_end(pc, Rule::I7);
            if !op.info().has(Effect::Ends) {
                let message = format!("control runs off the end of the code after `{}`", op.info().name);
                self.error(Rule::I7, message);
            }
        }
        self.at_end(0, Rule::I8);
        if charged && !has_enter {
            self.error(Rule::I8, "the function loops, calls or is large, but does not start with `enter`");
        }
        // The values follow from branches, so they are only meaningful when those are right. Leaves have none.
        if self.report.len() == before {
            self.filled();
        }
    }

    /// Asks a rule of an instruction after all have been judged one by one.
    fn at_end(&mut self, pc: u32, rule: Rule) {
        self.pc = pc;
        self.asked = RuleSet::of(&[rule]);
        self.note_instruction();
    }

    fn filled(&mut self) {
        let mut depth = std::mem::take(&mut self.room.depth);
        visit_filled(self.function, &mut depth, |field| {
            let found = (self.function.code[field.word as usize] >> field.shift) as u16;
            self.at_end(field.pc, Rule::I9);
            if found != field.value {
                let says = Says::both(field.what, field.value.to_string(), found.to_string());
                self.error(Rule::I9, says);
            }
        });
        self.room.depth = depth;
    }

    /// Whether an instruction starts at this word. Only meaningful when all code decodes.
    pub(super) fn is_start(&self, pc: i64) -> bool {
        let Ok(pc) = usize::try_from(pc) else { return false };
        pc < self.function.code.len() && self.room.starts[pc / 64] >> (pc % 64) & 1 == 1
    }

    /// Whether `enter` is the instruction at this word.
    pub(super) fn is_enter(&self, pc: i64) -> bool {
        pc == 0 && self.function.code.first().is_some_and(|&word| word as u16 == Opcode::Enter as u16)
    }

    fn handlers(&mut self) {
        let function = self.function;
        let end_of_code = function.code.len() as u32;
        for (index, handler) in function.handlers.iter().enumerate() {
            self.asked = RuleSet::of(&[Rule::F4, Rule::F5, Rule::F6]);
            let (start, end, target) = (handler.start, handler.end, handler.target);
            let wrong = if start >= end {
                Some("is empty".to_string())
            } else if !self.is_start(start.into()) || (end != end_of_code && !self.is_start(end.into())) {
                Some(format!("goes from {start} to {end}, which are not both starts of instructions"))
            } else if !self.is_start(target.into()) {
                Some(format!("has its handler at {target}, where no instruction starts"))
            } else if self.is_enter(start.into()) || self.is_enter(target.into()) {
                Some("includes or goes to `enter`".to_string())
            } else {
                None
            };
            if let Some(wrong) = wrong {
                self.declared(Rule::F4, format!("handler range {index} {wrong}"));
            }
            if !self.classes.assignable(handler.class, TypeId::ERROR) {
                let message = format!(
                    "handler range {index} takes {}, which is no exception",
                    self.name(handler.class)
                );
                self.declared(Rule::F5, message);
            }
            match function.registers.get(usize::from(handler.register)) {
                None => {
                    let message = format!(
                        "handler range {index} names register {}, which does not exist",
                        handler.register
                    );
                    self.declared(Rule::F5, message);
                }
                Some(&ty) if !self.classes.assignable(handler.class, ty) => {
                    let says = Says::both(
                        format!("handler range {index}, {}", self.register_name(handler.register)),
                        format!("a type that takes {}", self.name(handler.class)),
                        self.name(ty),
                    );
                    self.declared(Rule::F5, says);
                }
                Some(_) => {}
            }
            if self.report.is_full() {
                return;
            }
        }
        if let Some((inner, outer)) = Nesting::of(&function.handlers).conflict {
            let message = format!("handler ranges {inner} and {outer} overlap and are not inner one first");
            self.declared(Rule::F6, message);
        }
    }

    fn inlined(&mut self) {
        let FuncDebug { calls, inlined, .. } = &self.function.debug;
        if calls.is_empty() && inlined.is_empty() {
            return;
        }
        self.asks(Rule::F8);
        let functions = self.module.imports.len() + self.module.functions.len();
        let mut depths: Vec<usize> = Vec::with_capacity(calls.len());
        for (index, call) in calls.iter().enumerate() {
            let depth = match call.outer {
                Some(outer) => depths.get(outer as usize).map(|depth| depth + 1),
                None => Some(1),
            };
            let placed = match call.line {
                0 => call.file == 0 && call.column == 0,
                _ => usize::from(call.file) < self.module.sources.len(),
            };
            let sound = depth.is_some_and(|depth| depth <= limits::INLINE_DEPTH_MAX)
                && placed
                && (call.function.0 as usize) < functions;
            if !sound {
                let message = format!(
                    "inlined call {index} of function {} in call {:?} at line {} of file {}",
                    call.function.0, call.outer, call.line, call.file
                );
                self.declared(Rule::F8, message);
                return;
            }
            depths.push(depth.unwrap_or_default());
        }
        let mut before: Option<InlineEntry> = None;
        for &entry in inlined {
            let ascends = before.is_none_or(|before| before.pc < entry.pc);
            let differs = before.and_then(|before| before.call) != entry.call;
            let known = entry.call.is_none_or(|call| (call as usize) < calls.len());
            if !ascends || !differs || !known || entry.pc as usize >= self.function.code.len() {
                let message = format!("code from {} on in inlined call {:?}", entry.pc, entry.call);
                self.declared(Rule::F8, message);
                return;
            }
            before = Some(entry);
        }
    }

    fn debug(&mut self) {
        let function = self.function;
        self.asks(Rule::F7);
        let words = function.code.len() as u32;
        let names = function.debug.register_names.len();
        if names != 0 && names != function.registers.len() {
            let message = format!("{names} register names for {} registers", function.registers.len());
            self.declared(Rule::F7, message);
        }
        if let Some(name) =
            function.debug.register_names.iter().find(|name| name.len() > limits::NAME_BYTES_MAX)
        {
            let message =
                format!("a register name has {} bytes, the limit is {}", name.len(), limits::NAME_BYTES_MAX);
            self.declared(Rule::F7, message);
        }
        let mut after = 0;
        for line in &function.debug.lines {
            let known = usize::from(line.file) < self.module.sources.len() && line.line > 0;
            if line.pc < after || line.pc >= words || !known {
                let message = format!("line {} of file {} at {}", line.line, line.file, line.pc);
                self.declared(Rule::F7, message);
                return;
            }
            after = line.pc + 1;
        }
        for var in &function.debug.vars {
            let exists = usize::from(var.register) < function.registers.len();
            if !exists || var.start > var.end || var.end > words {
                let message = format!(
                    "variable `{}` in register {} from {} to {}",
                    var.name, var.register, var.start, var.end
                );
                self.declared(Rule::F7, message);
                return;
            }
        }
    }
}
