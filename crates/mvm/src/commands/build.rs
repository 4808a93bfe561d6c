//! `mvm build`: a program and everything it imports as one module file.

use std::path::{Path, PathBuf};

use crate::Status;
use crate::args::BuildArgs;
use crate::output::{Failure, Output};
use crate::program;
use crate::source::{is_stdin, write_file};

/// Links the program and writes the image.
pub(crate) fn run(args: &BuildArgs, output: &mut Output) -> Result<Status, Failure> {
    let image = program::link_program(&args.program)?;
    if image.main.is_none() {
        return Err(Failure::wrong("the program has no function `main`")
            .help("`mvm asm` makes a module file of a library"));
    }
    let bytes = mvm_module::write(&image);
    write_module(&bytes, &args.program.program, args.output.as_deref(), output)?;
    Ok(Status::OK)
}

/// Writes a module to the file that was asked for, or next to its source.
pub(crate) fn write_module(
    bytes: &[u8],
    source: &Path,
    asked: Option<&Path>,
    output: &mut Output,
) -> Result<(), Failure> {
    let path = match asked {
        Some(path) => path.to_path_buf(),
        None if is_stdin(source) => PathBuf::from("-"),
        None => source.with_extension("mvm"),
    };
    if is_stdin(&path) {
        if output.is_terminal() {
            return Err(Failure::wrong("a module is not text, so it is not written to a terminal")
                .help("name a file with -o FILE"));
        }
        return output.bytes(bytes);
    }
    if path == source {
        return Err(Failure::wrong(format!("`{}` would be written over itself", path.display()))
            .help("name another file with -o FILE"));
    }
    write_file(&path, bytes)
}
