//! `mvm run`: runs a program.

use mvm_exec::Executor;

use crate::Status;
use crate::args::RunArgs;
use crate::host::{HostConsole, Input};
use crate::machine::{finish, machine, run_to_end};
use crate::output::Failure;
use crate::program::{self, Program};
use crate::trace::Tracer;

/// Runs the program to its end; the exit status is its own.
pub(crate) fn run(args: &RunArgs) -> Result<Status, Failure> {
    let Program { image, mut sources } = program::load(&args.program)?;
    let mut console = HostConsole::new(Input::standard(), args.machine.raw_terminal);
    if args.trace {
        console.write_at_once();
    }
    let mut machine = machine(&image, &args.machine, console)?;
    let exit = if args.trace {
        let mut tracer = Tracer::new(&image);
        let exit = run_to_end(&mut machine, &mut sources, |machine| machine.run_with(&mut tracer));
        tracer.finish(machine.process());
        exit
    } else {
        run_to_end(&mut machine, &mut sources, |machine| machine.run(Executor::DEFAULT))
    };
    finish(&mut machine, &exit?, &args.machine, &mut sources)
}
