//! `mvm run --watch`: runs a program again each time one of its files changes.
//!
//! The program runs in a process of its own, so that whatever it does is over when the next run begins. Files are looked at
//! a few times a second: their times of change say the same on every host and file system, and there is nothing to install.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant, SystemTime};

use mvm_diag::{Diagnostic, FileId};

use crate::Status;
use crate::args::RunArgs;
use crate::output::{Failure, message, reason};
use crate::source::is_stdin;
use crate::{program, signals};

/// Time between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Time that a program has to end by itself when a signal has come.
const PATIENCE: Duration = Duration::from_millis(500);

/// The files of a program, with what was seen of each: when it was changed and how long it is; nothing for one that is not there.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Runs the programs again and again until a signal comes.
pub(crate) fn run(args: &RunArgs) -> Result<Status, Failure> {
    if args.programs.iter().any(|path| is_stdin(path)) {
        return Err(Failure::wrong("standard input cannot be watched").help("give the name of a file"));
    }
    let program = std::env::current_exe().map_err(|error| cannot_start(&error))?;
    let arguments = without_watch(std::env::args_os().skip(1));
    signals::keep();
    loop {
        let seen = files(args);
        let mut child =
            Command::new(&program).args(&arguments).spawn().map_err(|error| cannot_start(&error))?;
        let mut ended = false;
        let changed = loop {
            if signals::next().is_some() {
                // A terminal has sent the signal to the program too, which may have something to do at its end.
                if !ended {
                    wait_for(&mut child, PATIENCE);
                }
                stop(&mut child);
                return Ok(Status::INTERRUPTED);
            }
            if !ended && let Ok(Some(status)) = child.try_wait() {
                ended = true;
                let how = match status.code() {
                    Some(code) => format!("exit status {code}"),
                    None => status.to_string(),
                };
                message(&format!("[watch] {how}; waiting for a change\n"));
            }
            let changed = changed(&seen);
            if !changed.is_empty() {
                break changed;
            }
            signals::wait(Some(LOOK_EVERY), false)?;
        };
        stop(&mut child);
        message(&format!("[watch] {}; running again\n", described(&changed)));
    }
}

fn cannot_start(error: &std::io::Error) -> Failure {
    Failure::host(format!("cannot start a process to run the program in: {}", reason(error)))
}

/// The arguments without `--watch`; those of the program stay as they are.
fn without_watch(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut own = true;
    arguments
        .filter(|argument| {
            own &= argument != "--";
            !(own && argument == "--watch")
        })
        .collect()
}

fn wait_for(child: &mut Child, patience: Duration) {
    let end = Instant::now() + patience;
    while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn stop(child: &mut Child) {
    // One that has ended needs no more than to be waited for.
    let _ = child.kill();
    let _ = child.wait();
}

/// The files that the programs come from. When something cannot be read, also the folders in which it may appear.
fn files(args: &RunArgs) -> Seen {
    let mut seen = Seen::new();
    let mut add = |path: &Path| {
        seen.insert(path.to_path_buf(), look(path));
    };
    for path in args.programs.iter().chain(args.with.iter().map(|(_, path)| path)) {
        // First, so that a change while the others are found out is not missed.
        add(path);
        let Ok((diagnostics, map)) = program::check(path, &args.libraries) else { continue };
        let names = (0..map.len() as u32).map(|file| Path::new(map.name(FileId(file))));
        names.filter(|name| name.is_file()).for_each(&mut add);
        if diagnostics.iter().any(Diagnostic::is_error) {
            let beside = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            add(beside.unwrap_or(Path::new(".")));
            args.libraries.iter().for_each(|path| add(path));
        }
    }
    seen
}

fn look(path: &Path) -> Option<(SystemTime, u64)> {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

/// The files that are not as they were seen. One that is gone is in the middle of being written, as many editors do it, or
/// deleted: it counts when it is there again.
fn changed(seen: &Seen) -> Vec<&Path> {
    let differs = |(path, before): &(&PathBuf, &Option<(SystemTime, u64)>)| {
        let now = look(path);
        now.is_some() && now != **before
    };
    seen.iter().filter(differs).map(|(path, _)| &**path).collect()
}

/// What has changed, on one line.
fn described(changed: &[&Path]) -> String {
    let folder_only = changed.iter().all(|path| path.is_dir());
    let named: Vec<String> = changed
        .iter()
        .filter(|path| folder_only || !path.is_dir())
        .map(|path| format!("`{}`", path.display()))
        .collect();
    let have = if named.len() == 1 { "has" } else { "have" };
    format!("{} {have} changed", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_option_itself_is_left_out() {
        let arguments = ["run", "--watch", "a.myna", "--", "--watch"].map(OsString::from);
        let rest = without_watch(arguments.into_iter());
        assert_eq!(rest, ["run", "a.myna", "--", "--watch"].map(OsString::from));
    }
}
