//! One function as text.

use std::fmt::Write as _;

use mvm_module::{Function, Handler, LineEntry, Name, VarEntry};

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
    let mut debug = DebugLines::new(function, &names.names.module.sources, options.debug);
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

/// Handler ranges as `try` and `endtry` lines.
struct Ranges<'f> {
    /// Ranges in the order in which they open: outer ones first.
    starts: Vec<&'f Handler>,
    /// Word after each range, ascending.
    ends: Vec<u32>,
}

impl<'f> Ranges<'f> {
    fn new(handlers: &'f [Handler]) -> Ranges<'f> {
        // The table has inner ranges first, so of those that start together the last opens first.
        let mut starts: Vec<&Handler> = handlers.iter().rev().collect();
        starts.sort_by_key(|handler| handler.start);
        let mut ends: Vec<u32> = handlers.iter().map(|handler| handler.end).collect();
        ends.sort_unstable();
        Ranges { starts, ends }
    }

    fn write_starts(&self, out: &mut String, pc: u32, names: &FunctionNames<'_, '_>) {
        let from = self.starts.partition_point(|handler| handler.start < pc);
        for handler in self.starts[from..].iter().take_while(|handler| handler.start == pc) {
            let label = names.labels.get(&handler.target);
            let label = label.cloned().unwrap_or_else(|| format!("`pc {}`", handler.target));
            let (register, class) = (names.register(handler.register), names.names.ty(handler.class));
            let _ = writeln!(out, "    try     {label}, {register}: {class}");
        }
    }

    fn write_ends(&self, out: &mut String, pc: u32) {
        let from = self.ends.partition_point(|&end| end < pc);
        for _ in self.ends[from..].iter().take_while(|&&end| end == pc) {
            out.push_str("    endtry\n");
        }
    }
}

/// Source positions and variables as lines of their own.
struct DebugLines<'f> {
    on: bool,
    sources: &'f [Name],
    /// The file that `.loc` lines count in so far.
    file: Option<u16>,
    /// Positions not written yet.
    lines: &'f [LineEntry],
    /// Variables in the order in which they begin.
    starts: Vec<&'f VarEntry>,
    /// Variables in the order in which they end.
    ends: Vec<&'f VarEntry>,
    last_pc: u32,
}

impl<'f> DebugLines<'f> {
    fn new(function: &'f Function, sources: &'f [Name], on: bool) -> Self {
        let mut starts: Vec<&VarEntry> = function.debug.vars.iter().collect();
        let mut ends = starts.clone();
        starts.sort_by_key(|var| var.start);
        ends.sort_by_key(|var| var.end);
        let last_pc = function.code.len() as u32;
        DebugLines { on, sources, file: None, lines: &function.debug.lines, starts, ends, last_pc }
    }

    /// Writes what begins or ends at `pc`.
    fn write(&mut self, out: &mut String, pc: u32, names: &FunctionNames<'_, '_>) {
        if !self.on {
            return;
        }
        self.write_vars(out, pc, names);
        if self.file.is_none() && self.lines.is_empty() {
            // Without a name: the assembler gives no positions of its own.
            out.push_str("    .file\n");
            self.file = Some(u16::MAX);
        }
        while let Some((entry, rest)) = self.lines.split_first().filter(|(entry, _)| entry.pc <= pc) {
            self.lines = rest;
            if self.file != Some(entry.file) {
                self.file = Some(entry.file);
                let name = self.sources.get(usize::from(entry.file)).map_or("", |name| name);
                let _ = writeln!(out, "    .file   {}", string(name));
            }
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
