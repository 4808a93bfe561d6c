//! The command line of MVM. Everything is in the library of this crate, so that tests and tools can reach it.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    mvm::main()
}
