//! The command line of MVM.
fn main() {}
