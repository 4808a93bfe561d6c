//! Diagnostics on standard error.

use mvm_asm::ERRORS_MAX;
use mvm_diag::{Diagnostic, Severity, SourceMap, render};

use crate::output::{colored_errors, message};

/// More diagnostics than this are only counted.
const SHOWN_MAX: usize = 100;

/// Writes diagnostics for people.
pub(crate) struct Reporter {
    color: bool,
}

impl Reporter {
    /// To standard error, in colors if that is a terminal.
    pub(crate) fn standard() -> Reporter {
        Reporter { color: colored_errors() }
    }

    /// Shows diagnostics, then a line that counts them if there are several.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic], map: &SourceMap) {
        let mut text = String::new();
        for diagnostic in diagnostics.iter().take(SHOWN_MAX) {
            text.push_str(&render(diagnostic, map, self.color));
            text.push_str("\n\n");
        }
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if diagnostics.len() > SHOWN_MAX {
            text.push_str(&format!("... and {} more\n", diagnostics.len() - SHOWN_MAX));
        }
        if errors + warnings > 1 {
            let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
            let rest = if errors >= ERRORS_MAX { " or more: not everything was looked at" } else { "" };
            text.push_str(&match (errors, warnings) {
                (0, n) => plural(n, "warning"),
                (n, 0) => plural(n, "error"),
                (e, w) => format!("{}, {}", plural(e, "error"), plural(w, "warning")),
            });
            text.push_str(rest);
            text.push('\n');
        } else if text.ends_with("\n\n") {
            text.pop();
        }
        message(&text);
    }
}
