//! `samples [PART]`: writes short programs, or those with PART in their name, where Miri finds them.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use mvm_testkit::golden::root;
use mvm_testkit::samples::{FOLDER, make, store};

fn main() -> ExitCode {
    let part = std::env::args().nth(1).unwrap_or_default();
    let written = make(&part).and_then(|batches| {
        store(&root().join(FOLDER), &batches)?;
        Ok(batches.iter().map(|batch| batch.samples.len()).sum::<usize>())
    });
    match written {
        Ok(count) => {
            eprintln!("{count} programs in {FOLDER}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
