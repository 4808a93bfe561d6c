//! The end of a function: what is missing, what is unused, branches closed, parts put together.

use mvm_diag::Diagnostic;
use mvm_isa::Opcode;
use mvm_module::{FuncDebug, Function, Handler, Name, finish};

use super::{Body, Buffers, End, LabelInfo, OPEN, Register};
use crate::asm::FuncDecl;
use crate::collect::Source;
use crate::errors::{E0205, E0401, E0403, E0404, W0001, W0002};
use crate::intern::Sym;
use crate::relax;
use crate::report::{ExpansionId, Place};

impl Body<'_, '_> {
    pub(super) fn finish(mut self, decl: &FuncDecl, end: Place) -> (Option<Function>, Buffers) {
        if let Some(open) = self.tries.first().copied() {
            self.a.error(E0403, open.place, "`try` without `endtry`");
        }
        let name = self.a.text(decl.name).to_owned();
        if self.reachable && !self.is_unclosed && self.errors_before == self.a.report.error_count() {
            let message = format!("control falls off the end of `{name}`");
            let error = Diagnostic::error(E0401, message).at(self.a.span(end), "");
            let error = error.help("end it with `ret`, `jmp`, `throw`, `tailcall` or `unreachable`");
            self.a.report.emit(error.with(self.a.span(decl.place), "the function"));
        }
        self.check_labels();
        self.warn_unused();
        let mut function = None;
        if !self.a.report.has_errors() {
            function = self.build(decl);
        }
        let Body { mut code, mut registers, mut labels, operands, .. } = self;
        code.clear();
        registers.clear();
        labels.clear();
        (function, Buffers { code, registers, labels, operands })
    }

    fn check_labels(&mut self) {
        for index in 0..self.labels.len() {
            let label = self.labels[index];
            if label.pc != OPEN {
                continue;
            }
            if self.a.report.is_full() {
                return;
            }
            let name = self.a.text(label.name).to_owned();
            let names = self.labels.iter().filter(|l| l.pc != OPEN).map(|l| self.a.text(l.name));
            let near = self.a.suggest(&name, names).map(|near| format!("there is `{near}`"));
            let mut error = Diagnostic::error(E0205, format!("there is no label `{name}` in this function"))
                .at(self.a.span(label.place), "");
            error.help = near;
            self.a.report.emit_in(label.expansion, error);
        }
    }

    fn warn_unused(&mut self) {
        let generated = self.source != Source::Assembly;
        let off = generated || self.a.warnings_off || self.a.report.has_all_warnings();
        if off || self.a.report.has_errors() {
            return;
        }
        let main = self.a.main_file;
        for index in 0..self.labels.len() {
            let LabelInfo { name, place, expansion, used, .. } = self.labels[index];
            let span = self.a.span(place);
            if !used && span.file == main && expansion == ExpansionId::default() {
                let text = self.a.text(name);
                if !text.starts_with('_') {
                    let text = text.to_owned();
                    let message = format!("nothing goes to label `{text}`");
                    self.a.report.emit(Diagnostic::warning(W0001, message).at(span, ""));
                }
            }
        }
        for index in 0..self.registers.len() {
            let Register { name, place, expansion, read, .. } = self.registers[index];
            let span = self.a.span(place);
            if !read && span.file == main && expansion == ExpansionId::default() {
                let text = self.a.text(name);
                if !text.starts_with('_') {
                    let message = format!("register `{text}` is never read");
                    let warning = Diagnostic::warning(W0002, message).at(span, "");
                    let help =
                        "a result that nobody wants can be left out of calls; or begin the name with `_`";
                    self.a.report.emit(warning.help(help));
                }
            }
        }
    }

    fn build(&mut self, decl: &FuncDecl) -> Option<Function> {
        let mut labels: Vec<u32> = self.labels.iter().map(|label| label.pc).collect();
        let (moves, wrong) = relax::resolve(&mut self.code, &mut labels);
        for site in wrong {
            let error = Diagnostic::error(E0404, "the backward form of a branch goes to a label ahead");
            let error = error.at(self.a.span(site.place), "").help("write the verb without `_back`");
            self.a.report.emit_in(site.expansion, error);
        }
        let mut debug_names: Vec<Name> =
            self.registers.iter().enumerate().map(|(index, r)| self.debug_name(index, r.name)).collect();
        if debug_names.iter().all(|name| name.is_empty()) {
            debug_names.clear();
        }
        let mut function = Function {
            name: self.a.name(decl.name),
            params: self.signature.params.len() as u16,
            results: self.signature.results.clone(),
            registers: self.registers.iter().map(|r| r.ty).collect(),
            code: self.code.words.clone(),
            handlers: Vec::new(),
            debug: FuncDebug {
                register_names: debug_names,
                lines: std::mem::take(&mut self.code.lines),
                vars: std::mem::take(&mut self.vars),
                calls: std::mem::take(&mut self.calls),
                inlined: std::mem::take(&mut self.inlined),
            },
        };
        let shift = u32::from(!self.has_enter && finish::needs_enter(&function));
        if shift == 1 {
            function.code.insert(0, 0);
            function.code.splice(0..1, enter_word());
        }
        let moved = |pc: u32| moves.map(pc) + shift;
        for line in &mut function.debug.lines {
            line.pc = if line.pc == 0 { 0 } else { moved(line.pc) };
        }
        let end = function.code.len() as u32;
        for var in &mut function.debug.vars {
            var.start = moved(var.start);
            var.end = if var.end == OPEN { end } else { moved(var.end) };
        }
        function.debug.inlined.iter_mut().for_each(|entry| entry.pc = moved(entry.pc));
        function.debug.vars.retain(|var| var.start < var.end);
        let at = |point: End| match point {
            End::At(pc) => moved(pc),
            End::Label(label) => labels[label as usize] + shift,
        };
        function.handlers = self
            .handlers
            .iter()
            .map(|h| Handler {
                start: at(h.start),
                end: at(h.end),
                target: labels[h.label as usize] + shift,
                class: h.class,
                register: h.register,
            })
            .collect();
        let most = self.a.limits.function_words;
        if function.code.len() > most {
            let message = format!("a function has at most {most} words of code");
            self.a.limit(self.name_place, message);
            return None;
        }
        finish::finish_function(&mut function);
        Some(function)
    }

    /// The name of a register in a debugger. `_7` as the name of register 7 stands for none: so the disassembler
    /// writes registers that the assembler made up.
    fn debug_name(&self, index: usize, name: Sym) -> Name {
        let text = self.a.text(name);
        let own_number = text.strip_prefix('_').and_then(|digits| digits.parse().ok());
        if own_number == Some(index) { Name::default() } else { text.into() }
    }
}

fn enter_word() -> Vec<u64> {
    let mut words = Vec::with_capacity(1);
    mvm_isa::encode::fixed(&mut words, Opcode::Enter, &[1, 0]);
    words
}
