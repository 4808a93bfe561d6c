//! `mvm jit`: what becomes of functions in native code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use mvm_asm::{DisOptions, disassemble_function, list_function};
use mvm_exec::{Image, Place};
use mvm_jit::explain::{CodeLine, How, LoopNote, Lowered};
use mvm_jit::{Jit, Listing};
use mvm_module::cfg::instructions_from;
use mvm_module::{FuncId, Module};

use super::dis::find;
use crate::Status;
use crate::args::JitArgs;
use crate::output::{Failure, Output};
use crate::program;
use crate::source::Sources;

/// Slices after which nothing is compiled in this command: it compiles what it is asked for.
const NEVER: u32 = u32::MAX;
/// Places that are named of one kind.
const NAMED_MAX: usize = 6;
/// Where in a line it stands what becomes of an instruction.
const COLUMN: usize = 62;

/// Shows the native code of a function, or what becomes of all.
pub(crate) fn run(args: &JitArgs, output: &mut Output) -> Result<Status, Failure> {
    let none = || Failure::wrong("there is no native code for this processor");
    let jit = Jit::new(NEVER).ok_or_else(none)?;
    let loaded = program::load_with(&args.program, Some(jit.clone()), |_| ())?;
    let mut view = View { image: &loaded.image, sources: loaded.sources, texts: BTreeMap::new() };
    let module = loaded.image.module();
    let functions = match &args.function {
        Some(name) => vec![find(module, name)?],
        None => (0..module.functions.len() as u32).map(FuncId).collect(),
    };
    let mut text = String::new();
    if args.explain {
        let mut bytes = 0;
        for id in functions {
            let listing = jit.listing(&loaded.image, id, false);
            // Where a function is entered nowhere in the middle, the version for that is next to nothing.
            let middle = jit.listing(&loaded.image, id, true).map_or(0, |listing| listing.bytes as u64);
            bytes += listing.as_ref().map_or(0, |listing| listing.bytes as u64 + middle);
            text += &view.explanation(id, listing);
        }
        text += &room(bytes, args.jit_code_limit);
    } else if let Some(name) = &args.function {
        let id = functions[0];
        let listing = jit
            .listing(&loaded.image, id, args.middle)
            .map_err(|why| Failure::wrong(format!("`{name}` has no native code: {why}")))?;
        text = view.function(id, &listing, args.ir);
    } else {
        let _ = writeln!(text, "{:>8}  {:>9}  FUNCTION", "WORDS", "BYTES");
        for id in functions {
            let function = &module.functions[id.0 as usize];
            let words = function.code.len();
            let line = match jit.listing(&loaded.image, id, false) {
                Ok(listing) => format!("{words:>8}  {:>9}  {}", listing.bytes, function.name),
                Err(why) => format!("{words:>8}  {:>9}  {}: {why}", "-", function.name),
            };
            let _ = writeln!(text, "{line}");
        }
    }
    output.page(&text)?;
    Ok(Status::OK)
}

/// Whether there is room for so much code.
fn room(bytes: u64, limit: u64) -> String {
    let what = if bytes <= limit {
        "so nothing has to go"
    } else {
        "so those used longest ago are interpreted again when there is no more room"
    };
    format!(
        "all of these: {bytes} bytes with the versions that are entered in the middle; there may be {limit}, {what}\n"
    )
}

/// A program that is looked at.
struct View<'i> {
    image: &'i Image,
    sources: Sources,
    /// Instructions as text.
    texts: BTreeMap<FuncId, BTreeMap<u32, String>>,
}

/// File and line of an instruction, or its place in the function.
fn line(module: &Module, function: FuncId, pc: u32) -> String {
    let Some(entry) = module.function(function).and_then(|function| function.line_at(pc)) else {
        return format!("word {pc}");
    };
    let file = module.sources.get(usize::from(entry.file)).map_or("?", |name| name);
    format!("{file}:{}", entry.line)
}

impl View<'_> {
    fn module(&self) -> &Module {
        self.image.module()
    }

    /// The first lines that these instructions come from.
    fn lines(&self, function: FuncId, places: impl IntoIterator<Item = u32>) -> String {
        let module = self.module();
        let all: BTreeSet<u32> = places.into_iter().collect();
        let mut texts: Vec<String> = Vec::new();
        let (mut seen, mut last) = (BTreeSet::new(), String::new());
        for &pc in &all {
            let text = line(module, function, pc);
            if !seen.insert(text.clone()) {
                continue;
            }
            // The file is named once.
            let file = text.rfind(':').map_or("", |at| &text[..at]).to_string();
            texts.push(if file == last { text[file.len()..].into() } else { text });
            last = file;
        }
        let more = texts.len().saturating_sub(NAMED_MAX);
        texts.truncate(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more lines") } else { String::new() };
        format!("{}{more}", texts.join(", "))
    }

    /// An instruction as text.
    fn instruction(&mut self, function: FuncId, pc: u32) -> &str {
        let module = self.image.module();
        let texts = self.texts.entry(function).or_insert_with(|| {
            list_function(module, function).into_iter().map(|line| (line.pc, line.text)).collect()
        });
        texts.get(&pc).map_or("", String::as_str)
    }

    fn name(&self, function: FuncId, pc: u32) -> &'static str {
        let code = &self.module().functions[function.0 as usize].code;
        instructions_from(code, pc).next().map_or("", |(_, op, _)| op.info().name)
    }

    /// Why a function has no native code, or what becomes of its loops, and where it leaves whenever it comes there.
    fn explanation(&self, id: FuncId, listing: Result<Listing, String>) -> String {
        let function = &self.module().functions[id.0 as usize];
        let mut text = format!("{}: {} words", function.name, function.code.len());
        let listing = match listing {
            Ok(listing) => listing,
            Err(why) => return text + &format!(", stays interpreted: {why}\n"),
        };
        let _ = writeln!(text, ", {} bytes of native code", listing.bytes);
        let own: Vec<&Lowered> = listing.lowered.iter().filter(|lowered| lowered.function == id).collect();
        for note in mvm_jit::loops(self.image, id) {
            text += &self.loop_text(id, &note, &own);
        }
        for (how, what) in [(How::Leaves, "the interpreter does"), (How::Helper, "helpers do")] {
            let mut places: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for lowered in own.iter().filter(|lowered| lowered.how == how) {
                places.entry(lowered.op.info().name).or_default().insert(lowered.pc);
            }
            for (name, places) in places {
                let _ = writeln!(text, "  {what} `{name}`: {}", self.lines(id, places));
            }
        }
        text
    }

    fn loop_text(&self, id: FuncId, note: &LoopNote, own: &[&Lowered]) -> String {
        let module = self.module();
        let (first, last) = (line(module, id, note.head), line(module, id, note.end));
        let last = last.rsplit(':').next().unwrap_or_default();
        let mut text = format!("  loop at {first}-{last}: ");
        let inside = own.iter().filter(|lowered| (note.head..=note.end).contains(&lowered.pc));
        match &note.copy {
            Err(why) => {
                let checked = inside.filter(|lowered| lowered.leaves && lowered.how != How::Leaves);
                let lines = self.lines(id, checked.map(|lowered| lowered.pc));
                let _ = writeln!(text, "checks stay: {why}");
                let _ = writeln!(text, "    checks: {}", if lines.is_empty() { "none" } else { &lines });
            }
            Ok(copy) => {
                let _ = write!(text, "a copy without checks; ");
                let _ = match copy.checked.len() {
                    0 => writeln!(text, "none had to be done in front of it"),
                    1 => writeln!(text, "1 instruction is checked in front of it"),
                    count => writeln!(text, "{count} instructions are checked in front of it"),
                };
                for &(pc, why) in &copy.kept {
                    let (at, name) = (line(module, id, pc), self.name(id, pc));
                    let _ = writeln!(text, "    {at}: `{name}` is checked in every turn: {why}");
                }
                if let Some(pc) = copy.charged {
                    let (at, name) = (line(module, id, pc), self.name(id, pc));
                    let _ =
                        writeln!(text, "    reductions are counted in every turn: {at}: `{name}` may charge");
                }
            }
        }
        text
    }

    /// The machine code of a function, with the instructions and the lines that it comes from.
    fn function(&mut self, id: FuncId, listing: &Listing, ir: bool) -> String {
        let all = disassemble_function(self.module(), id, &DisOptions { debug: false, listing: true });
        if listing.lines.is_empty() {
            let code = format!("{all}\n; machine code, {} bytes\n{}\n", listing.bytes, listing.code);
            return if ir { format!("{code}\n; Cranelift\n{}\n", listing.ir) } else { code };
        }
        let mut text = all.lines().next().unwrap_or_default().to_string() + "\n";
        if ir {
            let _ = writeln!(text, "\n; Cranelift\n{}", listing.ir);
        }
        let _ = writeln!(text, "\n; machine code, {} bytes", listing.bytes);
        let mut before = None;
        let mut shown_line = None;
        for CodeLine { offset, place, leaving, text: code } in &listing.lines {
            // What comes from no instruction - moves, constants - stands with what is before it.
            let goes_on = before.is_some() && place.is_none();
            if !goes_on && before != Some((*place, *leaving)) {
                before = Some((*place, *leaving));
                text += &self.heading(id, *place, *leaving, &mut shown_line, listing);
            }
            let _ = writeln!(text, "      {offset:>5x}:  {code}");
        }
        text
    }

    /// What stands above machine code: the line, if it is another one than before, and the instruction.
    fn heading(
        &mut self,
        id: FuncId,
        place: Option<(FuncId, u32)>,
        leaving: bool,
        shown: &mut Option<String>,
        listing: &Listing,
    ) -> String {
        let image = self.image;
        let module = image.module();
        let Some((function, pc)) = place else {
            return "\n; beginning\n".into();
        };
        let mut text = String::new();
        let here = line(module, function, pc);
        if shown.as_ref() != Some(&here) {
            let span = self.sources.span(module, Place { function, pc });
            let source = span.map_or("", |span| self.sources.map().slice(span)).trim();
            let _ = writeln!(text, "\n; {here}  {source}");
            *shown = Some(here);
        }
        let inside = if function == id {
            String::new()
        } else {
            format!("{}: ", module.functions[function.0 as usize].name)
        };
        let instruction = format!("  {pc:04}  {inside}{}", self.instruction(function, pc));
        let what = match leaving {
            true => "leaves in front of it",
            false => listing
                .lowered
                .iter()
                .find(|lowered| (lowered.function, lowered.pc) == (function, pc))
                .map_or("", |lowered| lowered.how.short()),
        };
        let _ = writeln!(text, "{instruction:<COLUMN$}; {what}");
        text
    }
}
