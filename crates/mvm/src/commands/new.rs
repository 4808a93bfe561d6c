//! `mvm new`: a folder with a small program in Myna that runs, has a test, and is laid out as `mvm fmt` likes it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::Status;
use crate::args::NewArgs;
use crate::output::{Failure, Output, reason};
use crate::source::write_file;

/// Letters of a name at most.
const NAME_MAX: usize = 64;

const MAIN: &str = include_str!("new/main.myna.txt");
const README: &str = include_str!("new/README.md.txt");
const IGNORED: &str = "# What `mvm build` writes\n*.mvm\n";

/// Makes the folder and says what to do next.
pub(crate) fn run(args: &NewArgs, output: &mut Output) -> Result<Status, Failure> {
    let folder = &*args.name;
    let name = name(folder)?;
    make(folder)?;
    for (file, text) in [("main.myna", MAIN), ("README.md", README), (".gitignore", IGNORED)] {
        write_file(&folder.join(file), text.replace("NAME", name).as_bytes())?;
    }
    let shown = folder.display();
    output.page(&format!("made `{shown}`; next:\n  cd {shown}\n  mvm run main.myna\n  mvm test"))?;
    Ok(Status::OK)
}

/// The name of the program: the last part of the path, which is a plain word.
fn name(folder: &Path) -> Result<&str, Failure> {
    let wrong = |why: &str| {
        Failure::wrong(format!("`{}` is no name for a program: {why}", folder.display()))
            .help("a name has letters, digits, `_` and `-`, and begins with a letter: `word-count`")
    };
    let Some(name) = folder.file_name() else { return Err(wrong("the path ends without one")) };
    let Some(name) = name.to_str() else { return Err(wrong("it is not UTF-8")) };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if let Some(c) = name.chars().find(|&c| !allowed(c)) {
        return Err(wrong(&format!("`{}` is in it", c.escape_debug())));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(wrong("it does not begin with a letter"));
    }
    if name.len() > NAME_MAX {
        return Err(wrong(&format!("it has more than {NAME_MAX} letters")));
    }
    Ok(name)
}

/// Makes the folder; one that is there and empty will do.
fn make(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(Failure::wrong(format!("`{shown}` exists already and is not empty"))
                .help("give another name, or empty it first: nothing in it was changed")),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(folder)
            .map_err(|error| Failure::host(format!("cannot make the folder `{shown}`: {}", reason(&error)))),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(Failure::wrong(format!("`{shown}` exists already and is a file")).help("give another name"))
        }
        Err(error) => Err(Failure::host(format!("cannot look into `{shown}`: {}", reason(&error)))),
    }
}
