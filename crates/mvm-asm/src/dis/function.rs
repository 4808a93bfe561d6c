//! One function as text.

use std::fmt::Write as _;

use mvm_module::{Function, Handler, InlineEntry, LineEntry, VarEntry};

use super::DisOptions;
use super::insn::{Decoded, FunctionNames, decode};
use super::names::{Names, quoted_path, string};

/// Width of the mnemonic column.
const MNEMONIC_WIDTH: usize = 8;
/// Column of the comments of a listing.
const LISTING_COLUMN: usize = 48;

/// Mnemonic and operands, aligned.
pub(super) fn statement(names: &FunctionNames<'_, '_>, insn: Decoded) -> String {
    let (mnemonic, operands) = names.text(insn);
    if operands.is_empty() {
        mnemonic.to_string()
    } else if mnemonic.len() < MNEMONIC_WIDTH {
        format!("{mnemonic:MNEMONIC_WIDTH$}{operands}")
    } else {
        format!("{mnemonic} {operands}")
    }
}

/// Writes a function with everything that belongs to it.
pub(super) fn write_function(out: &mut String, names: &Names<'_>, function: &Function, options: &DisOptions) {
    let names = FunctionNames::new(names, function);
    write_head(out, &names);
    let ranges = Ranges::new(&function.handlers);
    if !ranges.nested {
        write_handlers(out, &names);
    }
    let mut debug = DebugLines::new(function, options.debug);
    debug.write_calls(out, &names);
    for insn in decode(&function.code) {
        ranges.write_ends(out, insn.pc);
        debug.write(out, insn.pc, &names);
        if let Some(label) = names.labels.get(&insn.pc) {
            let _ = writeln!(out, "{label}:");
        }
        ranges.write_starts(out, insn.pc, &names);
        let text = statement(&names, insn);
        if options.listing {
            write_listed(out, &text, function, insn);
        } else {
            let _ = writeln!(out, "    {text}");
        }
    }
    ranges.write_ends(out, function.code.len() as u32);
    debug.write(out, function.code.len() as u32, &names);
    if let Some(label) = names.labels.get(&(function.code.len() as u32)) {
        let _ = writeln!(out, "{label}:");
    }
    out.push_str("}\n");
}

fn write_head(out: &mut String, names: &FunctionNames<'_, '_>) {
    let function = names.function;
    let declared = |number: usize| {
        format!("{}: {}", names.registers[number], names.names.ty(function.registers[number]))
    };
    let params = usize::from(function.params).min(function.registers.len());
    let list = (0..params).map(declared).collect::<Vec<_>>().join(", ");
    let results = names.names.results(&function.results);
    let _ = writeln!(out, "func {}({list}){results} {{", quoted_path(&function.name));
    for number in params..function.registers.len() {
        let _ = writeln!(out, "    .local  {}", declared(number));
    }
}

/// The instruction with pc and words behind it.
fn write_listed(out: &mut String, text: &str, function: &Function, insn: Decoded) {
    let _ = write!(out, "    {text:width$} ; {:04}", insn.pc, width = LISTING_COLUMN - 5);
    let words = function.code.get(insn.pc as usize..(insn.pc + insn.len) as usize).unwrap_or(&[]);
    for word in words {
        let _ = write!(out, " {word:016x}");
    }
    out.push('\n');
}

/// Handler ranges as `try` and `endtry` lines, or as `.handler` lines where they do not nest.
struct Ranges<'f> {
    /// Ranges in the order in which they open: outer ones first. Empty when they do not nest.
    starts: Vec<&'f Handler>,
    /// Word after each range, ascending. Empty when they do not nest.
    ends: Vec<u32>,
    nested: bool,
}

impl<'f> Ranges<'f> {
    fn new(handlers: &'f [Handler]) -> Ranges<'f> {
        if !nested(handlers) {
            return Ranges { starts: Vec::new(), ends: Vec::new(), nested: false };
        }
        // The table has inner ranges first, so of those that start together the last opens first.
        let mut starts: Vec<&Handler> = handlers.iter().rev().collect();
        starts.sort_by_key(|handler| handler.start);
        let ends = handlers.iter().map(|handler| handler.end).collect();
        Ranges { starts, ends, nested: true }
    }

    fn write_starts(&self, out: &mut String, pc: u32, names: &FunctionNames<'_, '_>) {
        let from = self.starts.partition_point(|handler| handler.start < pc);
        for handler in self.starts[from..].iter().take_while(|handler| handler.start == pc) {
            let _ = writeln!(out, "    try     {}", goes_to(names, handler));
        }
    }

    fn write_ends(&self, out: &mut String, pc: u32) {
        let from = self.ends.partition_point(|&end| end < pc);
        for _ in self.ends[from..].iter().take_while(|&&end| end == pc) {
            out.push_str("    endtry\n");
        }
    }
}

/// Whether `try` and `endtry` can stand for these ranges: they nest, and the table has them in the order in which
/// they end, the inner one of two that end together first.
pub(super) fn nested(handlers: &[Handler]) -> bool {
    let ordered = handlers.windows(2).all(|pair| {
        pair[0].end < pair[1].end || (pair[0].end == pair[1].end && pair[0].start >= pair[1].start)
    });
    if !ordered || handlers.iter().any(|handler| handler.start >= handler.end) {
        return false;
    }
    // In the order of their ends a range may not begin inside an earlier one: it is behind it or around it.
    let mut open: Vec<&Handler> = Vec::new();
    for handler in handlers {
        while open.last().is_some_and(|inner| inner.start >= handler.start) {
            open.pop();
        }
        if open.last().is_some_and(|before| before.end > handler.start) {
            return false;
        }
        open.push(handler);
    }
    true
}

/// `label, register: class`.
fn goes_to(names: &FunctionNames<'_, '_>, handler: &Handler) -> String {
    let class = names.names.ty(handler.class);
    format!("{}, {}: {class}", names.label_at(handler.target), names.register(handler.register))
}

/// Ranges that do not nest, with labels for both ends.
fn write_handlers(out: &mut String, names: &FunctionNames<'_, '_>) {
    for handler in &names.function.handlers {
        let (start, end) = (names.label_at(handler.start), names.label_at(handler.end));
        let _ = writeln!(out, "    .handler {start}, {end}, {}", goes_to(names, handler));
    }
}

/// The file that the positions of a function count in; none for a function without positions.
pub(super) fn file_of(function: &Function) -> Option<u16> {
    function.debug.lines.first().map(|line| line.file)
}

/// Source positions and variables as lines of their own.
struct DebugLines<'f> {
    on: bool,
    file: Option<u16>,
    /// Positions not written yet.
    lines: &'f [LineEntry],
    /// Places in inlined calls not written yet.
    inlined: &'f [InlineEntry],
    /// Variables in the order in which they begin.
    starts: Vec<&'f VarEntry>,
    /// Variables in the order in which they end.
    ends: Vec<&'f VarEntry>,
    last_pc: u32,
}

impl<'f> DebugLines<'f> {
    fn new(function: &'f Function, on: bool) -> Self {
        let mut starts: Vec<&VarEntry> = function.debug.vars.iter().collect();
        let mut ends = starts.clone();
        starts.sort_by_key(|var| var.start);
        ends.sort_by_key(|var| var.end);
        let (file, last_pc) = (file_of(function), function.code.len() as u32);
        let (lines, inlined) = (&function.debug.lines, &function.debug.inlined);
        DebugLines { on, file, lines, inlined, starts, ends, last_pc }
    }

    /// Writes the inlined calls of the function.
    fn write_calls(&mut self, out: &mut String, names: &FunctionNames<'_, '_>) {
        let calls: &[_] = if self.on { &names.function.debug.calls } else { &[] };
        for call in calls {
            if call.line > 0 {
                self.write_file(out, call.file, names);
            }
            let _ = write!(out, "    .inline {}, {}", names.names.function(call.function), call.line);
            if call.column > 0 {
                let _ = write!(out, ":{}", call.column);
            }
            if let Some(outer) = call.outer {
                let _ = write!(out, ", {outer}");
            }
            out.push('\n');
        }
    }

    /// Writes from which source file the next positions are.
    fn write_file(&mut self, out: &mut String, file: u16, names: &FunctionNames<'_, '_>) {
        if Some(file) != self.file {
            self.file = Some(file);
            let name = names.names.module.sources.get(usize::from(file));
            let _ = writeln!(out, "    .file   {}", string(name.map_or("", |name| name)));
        }
    }

    /// Writes what begins or ends at `pc`.
    fn write(&mut self, out: &mut String, pc: u32, names: &FunctionNames<'_, '_>) {
        if !self.on {
            return;
        }
        self.write_vars(out, pc, names);
        while let Some((entry, rest)) = self.inlined.split_first().filter(|(entry, _)| entry.pc <= pc) {
            self.inlined = rest;
            let _ = match entry.call {
                Some(call) => writeln!(out, "    .in     {call}"),
                None => writeln!(out, "    .in"),
            };
        }
        while let Some((entry, rest)) = self.lines.split_first().filter(|(entry, _)| entry.pc <= pc) {
            self.lines = rest;
            self.write_file(out, entry.file, names);
            let _ = match entry.column {
                0 => writeln!(out, "    .loc    {}", entry.line),
                column => writeln!(out, "    .loc    {}:{column}", entry.line),
            };
        }
    }

    fn write_vars(&self, out: &mut String, pc: u32, names: &FunctionNames<'_, '_>) {
        let from = self.ends.partition_point(|var| var.end < pc);
        for var in self.ends[from..].iter().take_while(|var| var.end == pc && pc < self.last_pc) {
            let _ = writeln!(out, "    .endvar {}", quoted_path(&var.name));
        }
        let from = self.starts.partition_point(|var| var.start < pc);
        for var in self.starts[from..].iter().take_while(|var| var.start == pc) {
            let register = names.register(var.register);
            let _ = writeln!(out, "    .var    {}, {register}, {}", quoted_path(&var.name), string(&var.ty));
        }
    }
}
