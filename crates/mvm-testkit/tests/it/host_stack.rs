//! Handlers end in jumps: no instruction, repeated, uses up the stack of the host.

use std::io;
use std::sync::Arc;

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_exec::{Console, Environment, Executor, Exit, Image, Machine, ProcessLimits, Stream};
use mvm_isa::Opcode;
use mvm_module::verify;

/// How often each example is repeated.
const ROUNDS: u32 = 10_000;
/// Less than a return address for each round and what the rest of a run needs.
const STACK_BYTES: usize = 256 << 10;

/// Takes output and gives no input.
struct Silent;

impl Console for Silent {
    fn write(&mut self, _: Stream, _: &[u8]) -> io::Result<()> {
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

#[test]
fn no_instruction_uses_up_the_stack_of_the_host() {
    let images: Vec<Arc<Image>> = Opcode::ALL.iter().filter_map(|&op| repeated(op)).collect();
    assert!(images.len() * 3 > Opcode::ALL.len() * 2, "{} of {}", images.len(), Opcode::ALL.len());
    for image in images {
        let name = image.module().sources.first().map(ToString::to_string).unwrap_or_default();
        let run = move || {
            for executor in Executor::ALL {
                let limits = ProcessLimits::default();
                let machine = Machine::new(&image, Environment::default(), Silent, limits, Some(0));
                let mut machine = machine.unwrap();
                machine.process.add_fuel(u64::from(ROUNDS) * 1000);
                let exit = machine.run(executor).unwrap();
                assert!(!matches!(exit, Exit::ReductionLimit), "{exit:?}");
            }
        };
        let thread = std::thread::Builder::new().name(name).stack_size(STACK_BYTES).spawn(run).unwrap();
        thread.join().unwrap();
    }
}
