//! One file per command; this is their registry.

mod asm;
mod build;
mod check;
mod completions;
mod debug;
mod dis;
mod doc;
mod explain;
mod fmt;
mod heap;
mod help;
#[cfg(feature = "jit")]
mod jit;
#[cfg(not(feature = "jit"))]
use crate::native as jit;
mod man;
mod new;
mod record;
mod repl;
mod run;
mod sched;
mod stats;
mod test;
mod watch;

pub(crate) use self::debug::debugger_help;
use crate::Status;
use crate::args::Command;
use crate::output::{Failure, Output};

/// Runs a command.
pub(crate) fn dispatch(command: Command, output: &mut Output) -> Result<Status, Failure> {
    match command {
        Command::Run(args) if args.watch => watch::run(&args),
        Command::Run(args) => run::run(&args),
        Command::New(args) => new::run(&args, output),
        Command::Repl(args) => repl::run(&args, output),
        Command::Build(args) => build::run(&args, output),
        Command::Asm(args) => asm::run(&args, output),
        Command::Dis(args) => dis::run(&args, output),
        Command::Jit(args) => jit::run(&args, output),
        Command::Check(args) => check::run(&args, output),
        Command::Test(args) => test::run(&args, output),
        Command::Doc(args) => doc::run(&args, output),
        Command::Fmt(args) => fmt::run(&args, output),
        Command::Help(args) => help::run(&args, output),
        Command::Explain(args) => explain::run(&args, output),
        Command::Stats(args) => stats::run(&args),
        Command::Heap(args) => heap::run(args, output),
        Command::Record(args) => record::record(&args),
        Command::Replay(args) => record::replay(&args),
        Command::Sched(args) => sched::run(&args, output),
        Command::Debug(args) => debug::run(&args),
        Command::Completions(args) => completions::run(&args, output),
        Command::Man(args) => man::run(&args),
    }
}
