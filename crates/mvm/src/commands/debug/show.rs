//! What the debugger shows: places, source, instructions, calls, values.

use std::fmt::Write as _;

use mvm_asm::list_function;
use mvm_exec::FrameInfo;
use mvm_module::FuncId;

use super::Debugger;
use crate::machine::place_text;
use crate::output::Failure;
use crate::trace::register_name;

/// Lines around the current one that `list` shows.
const LIST_BEFORE: u32 = 5;
const LIST_LINES: u32 = 11;
/// Instructions around the current one that `dis` shows.
const DIS_BEFORE: usize = 5;
const DIS_LINES: usize = 12;
/// Calls that `backtrace` shows unless told otherwise.
const BACKTRACE_CALLS: usize = 30;

impl Debugger<'_> {
    /// Shows where the program stands.
    pub(super) fn show_place(&mut self) -> Result<(), Failure> {
        let text = self.place_lines();
        self.say(&text)
    }

    fn place_lines(&mut self) -> String {
        let Ok(frame) = self.current() else { return "the program is over\n".into() };
        let call = self.call_text(&frame);
        let line = match self.sources.line(self.image.module(), frame.place) {
            Some((file, line)) => self.source_line(file, line, ""),
            None => None,
        };
        let line = line.unwrap_or_else(|| self.instruction_line(&frame));
        format!("{call}\n{line}")
    }

    /// Function and place, with the arguments that are alive.
    fn call_text(&self, frame: &FrameInfo) -> String {
        let function = self.function(frame.place.function);
        let live = self.machine.process().live_registers(frame);
        let mut text = place_text(self.image.module(), frame.place);
        for register in live.into_iter().take_while(|&register| register < function.params) {
            let bits = self.machine.process().frame_register(frame, register);
            let value = self.view().brief(function.registers[usize::from(register)], bits);
            let _ = write!(text, " {}={value}", self.shown_name(frame, register));
        }
        text
    }

    fn source_line(&self, file: mvm_diag::FileId, line: u32, mark: &str) -> Option<String> {
        let map = self.sources.map();
        if line > map.line_count(file) {
            return None;
        }
        let text = map.text(file).get(map.line_range(file, line))?;
        Some(format!("{mark}{line:>5} | {text}\n").replace('\t', "    "))
    }

    /// Where the instruction begins that a frame is at.
    fn start_of(&self, frame: &FrameInfo) -> u32 {
        let listing = list_function(self.image.module(), frame.place.function);
        let after = listing.partition_point(|insn| insn.pc <= frame.place.pc);
        after.checked_sub(1).map_or(0, |index| listing[index].pc)
    }

    fn instruction_line(&self, frame: &FrameInfo) -> String {
        let listing = list_function(self.image.module(), frame.place.function);
        let after = listing.partition_point(|insn| insn.pc <= frame.place.pc);
        let insn = after.checked_sub(1).map(|index| &listing[index]);
        insn.map_or_else(String::new, |insn| format!("{:>5} : {}\n", insn.pc, insn.text))
    }

    /// The results of the call that has just returned.
    pub(super) fn returned_text(&self) -> String {
        let Ok(frame) = self.current() else { return String::new() };
        let function = self.function(frame.place.function);
        let results = crate::trace::results_before(function, frame.place.pc);
        let live = self.machine.process().live_registers(&frame);
        let shown: Vec<String> = results
            .into_iter()
            .filter(|register| live.contains(register))
            .map(|register| {
                let ty = function.registers[usize::from(register)];
                let value = self.view().value(ty, self.machine.process().register(register));
                format!("{} = {value}", self.shown_name(&frame, register))
            })
            .collect();
        if shown.is_empty() { String::new() } else { format!("returned: {}\n", shown.join(", ")) }
    }

    /// `breakpoints`.
    pub(super) fn breakpoints_text(&self) -> String {
        let count = |hits| if hits == 1 { "1 stop".into() } else { format!("{hits} stops") };
        let mut text = String::new();
        for breakpoint in &self.stops.breakpoints {
            let _ = writeln!(text, "{:>3}  {}  ({})", breakpoint.id, breakpoint.text, count(breakpoint.hits));
        }
        for catch in &self.stops.catches {
            let class = self.image.module().type_name(catch.class);
            let _ = writeln!(text, "{:>3}  exceptions of `{class}`  ({})", catch.id, count(catch.hits));
        }
        for watch in &self.stops.watches {
            let function = &self.function(watch.frame.place.function).name;
            let _ = writeln!(text, "{:>3}  watch `{}` in this call of {function}", watch.id, watch.name);
        }
        if text.is_empty() { "no breakpoints, watches or catches\n".into() } else { text }
    }

    /// `print`.
    pub(super) fn print(&self, text: &str) -> Result<String, String> {
        if text.is_empty() {
            return self.registers_text(false);
        }
        let value = self.value(text)?;
        let ty = value.shown_type.unwrap_or_else(|| self.image.module().type_name(value.ty));
        Ok(format!("{text}: {ty} = {}\n", self.view().value(value.ty, value.bits)))
    }

    /// `dump`.
    pub(super) fn dump(&self, text: &str) -> Result<String, String> {
        if text.is_empty() {
            return Err("`dump` needs a name".into());
        }
        let value = self.value(text)?;
        Ok(self.view().dump(value.ty, value.bits))
    }

    /// The registers that are alive, by the variables of the source language where there are any; with `all`, all of
    /// them by their own names.
    pub(super) fn registers_text(&self, all: bool) -> Result<String, String> {
        let frame = self.current()?;
        let function = self.function(frame.place.function);
        let has_vars = !function.debug.vars.is_empty();
        let mut text = String::new();
        for register in self.machine.process().live_registers(&frame) {
            let named =
                function.debug.register_names.get(usize::from(register)).is_some_and(|n| !n.is_empty());
            let var = self.var_of(&frame, register);
            if !(all || var.is_some() || (named && !has_vars)) {
                continue;
            }
            let ty = function.registers[usize::from(register)];
            let value = self.view().value(ty, self.machine.process().frame_register(&frame, register));
            let shown_type = self.image.module().type_name(ty);
            let name = register_name(function, register);
            let _ = match var {
                Some(var) if all => writeln!(text, "{name}: {shown_type} = {value}   ({})", var.name),
                Some(var) => writeln!(text, "{}: {} = {value}", var.name, var.ty),
                None => writeln!(text, "{name}: {shown_type} = {value}"),
            };
        }
        if text.is_empty() {
            text.push_str(if has_vars && !all {
                "no variable has a value here; `registers` shows the registers\n"
            } else {
                "no register has a value here\n"
            });
        }
        if all {
            let reductions = self.machine.process().reductions();
            let _ = writeln!(text, "pc {}, {reductions} reductions so far", self.start_of(&frame));
        }
        Ok(text)
    }

    /// `backtrace`.
    pub(super) fn backtrace_text(&mut self, text: &str) -> Result<String, String> {
        let most = match text {
            "" => BACKTRACE_CALLS,
            text => text.parse().map_err(|_| format!("`{text}` is not a count"))?,
        };
        let mut out = String::new();
        for (index, frame) in self.frames.iter().enumerate().take(most) {
            let mark = if index == self.frame { '*' } else { ' ' };
            let _ = writeln!(out, "{mark}{index:>3}  {}", self.call_text(frame));
        }
        if self.frames.len() > most {
            let _ = writeln!(out, "     ... {} more calls", self.frames.len() - most);
        }
        self.current()?;
        Ok(out)
    }

    /// `frame`.
    pub(super) fn select_frame(&mut self, text: &str) -> Result<String, String> {
        if !text.is_empty() {
            let index: usize = text.parse().map_err(|_| format!("`{text}` is not the number of a call"))?;
            if index >= self.frames.len() {
                return Err(format!(
                    "there is no call {index}; the outermost is {}",
                    self.frames.len().saturating_sub(1)
                ));
            }
            self.frame = index;
            self.listed = None;
        }
        self.current()?;
        Ok(self.place_lines())
    }

    /// `up` and `down`.
    pub(super) fn move_frame(&mut self, by: isize) -> Result<String, String> {
        match self.frame.checked_add_signed(by).filter(|&frame| frame < self.frames.len()) {
            Some(frame) => {
                self.frame = frame;
                self.listed = None;
                Ok(self.place_lines())
            }
            None if by > 0 => Err("this is the outermost call".into()),
            None => Err("this is the innermost call".into()),
        }
    }

    /// `list`.
    pub(super) fn list(&mut self, text: &str) -> Result<String, String> {
        let place = self.current().map(|frame| frame.place);
        let module = self.image.module();
        let here = place.ok().and_then(|place| self.sources.line(module, place));
        let (file, first) = match (text, self.listed) {
            ("", Some(listed)) => listed,
            ("", None) => {
                let (file, line) = here.ok_or("no source is known here; `dis` shows the instructions")?;
                (file, line.saturating_sub(LIST_BEFORE).max(1))
            }
            (text, _) => match text.parse::<u32>() {
                Ok(line) => {
                    let (file, _) = here.ok_or("no source is known here")?;
                    (file, line.saturating_sub(LIST_BEFORE).max(1))
                }
                Err(_) => {
                    let function = self.find_function(text)?;
                    let pc = self.first_pc(function);
                    let place = mvm_exec::Place { function, pc };
                    let found = self.sources.line(self.image.module(), place);
                    let (file, line) = found.ok_or_else(|| format!("the source of `{text}` is not known"))?;
                    (file, line.saturating_sub(LIST_BEFORE).max(1))
                }
            },
        };
        let mut out = String::new();
        for line in first..first.saturating_add(LIST_LINES) {
            let mark = if here == Some((file, line)) { ">" } else { " " };
            match self.source_line(file, line, mark) {
                Some(text) => out.push_str(&text),
                None => break,
            }
        }
        self.listed = Some((file, first.saturating_add(LIST_LINES)));
        if out.is_empty() { Err("there are no more lines".into()) } else { Ok(out) }
    }

    /// `dis`.
    pub(super) fn dis(&mut self, text: &str) -> Result<String, String> {
        let here = self.current().ok().map(|frame| frame.place);
        let function: FuncId = match text {
            "" => here.ok_or("the program is over; `dis FUNCTION` shows a function")?.function,
            name => self.find_function(name)?,
        };
        let listing = list_function(self.image.module(), function);
        let at = here.filter(|place| place.function == function).map(|place| place.pc);
        let at = at.map(|pc| listing.partition_point(|insn| insn.pc <= pc).saturating_sub(1));
        let range = match (text, at) {
            ("", Some(at)) => at.saturating_sub(DIS_BEFORE)..(at.saturating_sub(DIS_BEFORE) + DIS_LINES),
            _ => 0..listing.len(),
        };
        let mut out = format!("{}:\n", self.function(function).name);
        for (index, insn) in listing.iter().enumerate().take(range.end).skip(range.start) {
            if let Some(label) = &insn.label {
                let _ = writeln!(out, "         {label}:");
            }
            let mark = if at == Some(index) { "=>" } else { "  " };
            let _ = writeln!(out, "{mark} {:04}      {}", insn.pc, insn.text);
        }
        Ok(out)
    }
}
