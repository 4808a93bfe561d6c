//! Programs in Myna whose output is known, through the compiler and all executors.
//!
//! [`generate::myna`](crate::generate::myna) makes them. Each is compiled, and half of them optimised; the verifier must take
//! what comes out; and runs in ways that its number draws must print and end as the generator says.

use std::sync::Arc;

use mvm_diag::{Diagnostic, SourceMap, Text, render};
use mvm_exec::{Executor, Image};
use mvm_heap::Options;
use mvm_kernel::Exit;
use mvm_lang::{Entry, Loader, Source, compile};
use mvm_module::{Module, verify};
use mvm_opt::Level;

use crate::generate::myna::{End, Sample, sample_of_seed};
use crate::golden::comments::Expectations;
use crate::golden::run::{Setting, difference};
use crate::native::{Compile, load_as};
use crate::rng::Rng;

/// A program without modules of its own.
struct Alone(SourceMap);

impl Alone {
    fn add(&mut self, name: &str, text: impl Into<Text>) -> Source {
        let file = self.0.add(name, text);
        Source { file, name: name.into(), text: self.0.shared_text(file) }
    }
}

impl Loader for Alone {
    fn library(&mut self, name: &str, text: &'static str) -> Source {
        self.add(&format!("{}.myna", name.replace('.', "/")), Text::Static(text))
    }

    fn read(&mut self, module: &str) -> Result<Source, String> {
        Err(format!("there is no module {module}"))
    }

    fn sources(&self) -> &SourceMap {
        &self.0
    }
}

/// Compiles a text: a module, or what is wrong, as a user would see it.
///
/// # Errors
/// The diagnostics, at least one.
pub fn compiled(text: &str) -> Result<Module, String> {
    let mut files = Alone(SourceMap::new());
    let root = files.add("program.myna", text);
    let compiled = compile(root, &mut files, Entry::Main);
    compiled.module.ok_or_else(|| {
        let errors = compiled.diagnostics.iter().filter(|d| Diagnostic::is_error(d));
        let shown: Vec<String> = errors.map(|d| render(d, &files.0, false)).collect();
        if shown.is_empty() { "there is no `main`".to_owned() } else { shown.join("\n") }
    })
}

/// Verifies, optimises if it is to be, and lays out.
fn image(module: Module, optimised: bool, native: Compile) -> Result<Arc<Image>, String> {
    let mut verified =
        verify(module).map_err(|errors| format!("the compiler breaks a rule: {}", errors[0]))?;
    if optimised {
        let better = mvm_opt::optimise(&verified, &mvm_opt::Options::level(Level::O2)).0;
        verified = verify(better).map_err(|errors| format!("the optimiser breaks a rule: {}", errors[0]))?;
    }
    Ok(load_as(verified, native))
}

/// What came out differs from what should.
fn judge(sample: &Sample, image: &Image, output: &str, exit: &Exit) -> Result<(), String> {
    if output != sample.output {
        let at = output.lines().zip(sample.output.lines()).take_while(|(a, b)| a == b).count();
        let (found, wanted) = (output.lines().nth(at), sample.output.lines().nth(at));
        return Err(format!("line {} of the output is {found:?}, and {wanted:?} is right", at + 1));
    }
    let ended = match exit {
        Exit::Status(0) => End::Normal == sample.end,
        Exit::Uncaught(uncaught) => {
            let class = image.module().type_name(uncaught.class);
            matches!(sample.end, End::Uncaught(wanted) if class == wanted || class == mvm_lang::library::machine_name(wanted))
        }
        _ => false,
    };
    if ended { Ok(()) } else { Err(format!("it ends with {exit:?}, and {:?} is right", sample.end)) }
}

/// Runs a program in ways that the number draws.
///
/// # Errors
/// What is wrong, with the text of the program.
pub fn check(sample: &Sample, number: u64) -> Result<(), String> {
    let module = compiled(&sample.text).map_err(|what| format!("it is refused: {what}\n{}", sample.text))?;
    runs(sample, module, number).map_err(|what| format!("{what}\n{}", sample.text))
}

fn runs(sample: &Sample, module: Module, number: u64) -> Result<(), String> {
    let mut rng = Rng::new(number ^ 0x7479_7065);
    let optimised = rng.below(2) == 0;
    let native = if rng.below(3) == 0 { Compile::AtLoad } else { Compile::Drawn(rng.bits()) };
    let image = image(module, optimised, native)?;
    let expected = Expectations::default();
    let setting = Setting::new(&image, &expected);
    let interpreter = [Executor::Reference, Executor::Match, Executor::Tail][rng.below(3) as usize];
    let mut first = None;
    for executor in [interpreter, Executor::Native] {
        let slice = [1 << 40, 1000, 1 + rng.below(200), 1 + rng.below(8)][rng.below(4) as usize];
        let stress = [0, 1, 13, 101][rng.below(4) as usize];
        let memory = Options { check: true, stress, ..Options::default() };
        let how = format!(
            "{executor:?}, slices of {slice}, collecting every {stress}, optimised: {optimised}, {native}"
        );
        let run = setting.run(executor, slice, memory).map_err(|what| format!("{how}: {what}"))?;
        let output = String::from_utf8_lossy(&run.observed.output);
        judge(sample, &image, &output, &run.observed.exit).map_err(|what| format!("{how}: {what}"))?;
        let known = first.get_or_insert_with(|| run.observed.clone());
        if let Some(what) = difference(known, &run.observed) {
            return Err(format!("{how}: it {what}"));
        }
    }
    Ok(())
}

/// Runs the program of a seed: whether there was one.
///
/// # Errors
/// As [`check`].
pub fn check_seed(seed: u64) -> Result<bool, String> {
    sample_of_seed(seed).map_or(Ok(false), |sample| check(&sample, seed).map(|()| true))
}
