//! Handlers end in jumps: no instruction, repeated, uses up the stack of the host.
//!
//! The compiler makes jumps of last calls where it can, and says nothing where it cannot: for example when a handler has
//! handed the address of a local variable to another function. That differs between builds, so the differential judge,
//! which is a release build, begins with this.

use std::io;
use std::sync::Arc;

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_exec::{Executor, Image, ProcessLimits};
use mvm_isa::Opcode;
use mvm_kernel::{Environment, Exit, Host, Machine, Stream};
use mvm_module::verify;

/// How often each example is repeated.
const ROUNDS: u32 = 10_000;
/// Less than a return address for each round and what the rest of a run needs.
const STACK_BYTES: usize = 256 << 10;

/// Takes output and gives no input.
struct Silent;

impl Host for Silent {
    fn write(&mut self, _: u32, _: Stream, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn read_line(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read(&mut self, _: usize) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
}

/// The example of a row in a loop, if it is the body of a function.
fn repeated(op: Opcode) -> Option<Arc<Image>> {
    let example = op.info().example;
    if example.contains("func main") {
        return None;
    }
    let text = format!(
        "func main() {{\n.local rounds__: i64\nagain__:\n{example}\nadd rounds__, rounds__, 1\nblt rounds__, {ROUNDS}, again__\nret\n}}\n"
    );
    let mut map = SourceMap::new();
    let file = map.add(op.info().name, text);
    let module = assemble(&mut map, file, &Options::default(), &mut NoFiles).0?;
    verify(module).ok().map(Image::load)
}

/// Runs every example on a small stack; a handler that does not jump ends the process of the host.
///
/// # Errors
/// When an example does not end.
pub fn check() -> Result<(), String> {
    let images: Vec<Arc<Image>> = Opcode::ALL.iter().filter_map(|&op| repeated(op)).collect();
    if images.len() * 3 < Opcode::ALL.len() * 2 {
        return Err(format!("only {} of {} instructions", images.len(), Opcode::ALL.len()));
    }
    for image in images {
        let name = image.module().sources.first().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::Builder::new().name(name.clone()).stack_size(STACK_BYTES);
        let thread = thread.spawn(move || run(&image)).map_err(|error| error.to_string())?;
        thread.join().map_err(|_| format!("{name} panicked"))?.map_err(|exit| format!("{name}: {exit:?}"))?;
    }
    Ok(())
}

fn run(image: &Arc<Image>) -> Result<(), Exit> {
    for executor in Executor::ALL {
        let limits = ProcessLimits::default();
        let Some(mut machine) = Machine::new(image, Environment::default(), Silent, limits, Some(0)) else {
            continue;
        };
        machine.add_fuel(u64::from(ROUNDS) * 1000);
        if let Ok(exit @ Exit::ReductionLimit) = machine.run(executor) {
            return Err(exit);
        }
    }
    Ok(())
}
