//! `mvm fmt`: the formatter.

use std::path::Path;

use mvm_diag::{Diagnostic, SourceMap, Span};

use crate::Status;
use crate::args::FmtArgs;
use crate::output::{Failure, Output};
use crate::report::Reporter;
use crate::source::{display_name, is_myna, is_stdin, read_text, write_file};

/// Formats all files; goes on after those that cannot be read or formatted.
pub(crate) fn run(args: &FmtArgs, output: &mut Output) -> Result<Status, Failure> {
    let mut status = Status::OK;
    for path in &args.files {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(failure) => {
                status = status.worse(failure.tell());
                continue;
            }
        };
        let Some(formatted) = format(path, &text, args.myna)? else {
            status = status.worse(Status::WRONG);
            continue;
        };
        let changed = formatted != text;
        if args.check {
            if changed {
                output.page(&display_name(path))?;
                status = status.worse(Status::WRONG);
            }
        } else if args.write && !is_stdin(path) {
            if changed {
                write_file(path, formatted.as_bytes())?;
            }
        } else {
            output.text(&formatted)?;
        }
    }
    Ok(status)
}

/// The text formatted; nothing when it cannot be, which has been reported then.
fn format(path: &Path, text: &str, myna: bool) -> Result<Option<String>, Failure> {
    if is_myna(path) || myna {
        return Ok(format_myna(path, text));
    }
    match mvm_asm::format(text) {
        Ok(formatted) => Ok(Some(formatted)),
        Err(error) => {
            let mut map = SourceMap::new();
            let file = map.add(display_name(path), text);
            let span = Span::new(file, error.start as u32, error.end as u32);
            let diagnostic = Diagnostic::error("", "this text cannot be formatted").at(span, error.message);
            Reporter::standard().diagnostics(&[diagnostic], &map);
            Ok(None)
        }
    }
}

/// The same for Myna. A text with errors is shown with them and stays as it is.
fn format_myna(path: &Path, text: &str) -> Option<String> {
    let diagnostics = match mvm_lang::format(text) {
        Ok(formatted) => return Some(formatted),
        Err(mvm_lang::FormatError::Syntax(mut errors)) => {
            let name = display_name(path);
            let message = format!("`{name}` has errors and is left as it is");
            errors.push(Diagnostic::error("", message).help("the formatter needs text that can be read"));
            errors
        }
        Err(mvm_lang::FormatError::Changed) => {
            let message = "the formatter would change the program here; this is a bug in the formatter";
            vec![Diagnostic::error("", message)]
        }
    };
    let mut map = SourceMap::new();
    map.add(display_name(path), text);
    Reporter::standard().diagnostics(&diagnostics, &map);
    None
}
