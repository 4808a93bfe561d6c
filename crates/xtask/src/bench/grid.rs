//! Tables of figures as text, and figures in JSON.

use std::fmt::Write as _;

use super::measure::median;

/// A number, or a dash.
pub(super) fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The middle of the times of each round, if there are any.
pub(super) fn middle(times: &[f64]) -> Option<f64> {
    (!times.is_empty()).then(|| median(times))
}

/// A number in JSON.
pub(super) fn json(value: Option<f64>) -> String {
    match value {
        Some(value) if value.is_finite() => format!("{value:.6}"),
        _ => "null".to_owned(),
    }
}

/// Writes a table: its title above the names of the rows, the columns so many characters wide.
pub(super) fn grid<'a>(
    out: &mut String,
    title: &str,
    (columns, width): (impl Iterator<Item = &'a str>, usize),
    rows: impl Iterator<Item = (String, Vec<String>)>,
) {
    let _ = write!(out, "\n{title:20}");
    for column in columns {
        let _ = write!(out, "{column:>width$}");
    }
    out.push('\n');
    for (name, cells) in rows {
        let _ = write!(out, "{name:20}");
        for cell in cells {
            let _ = write!(out, "{cell:>width$}");
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_are_aligned() {
        let mut out = String::new();
        let rows = [("a".to_owned(), vec!["1.5".to_owned(), super::cell(None, 1)])];
        super::grid(&mut out, "time", (["x", "yy"].into_iter(), 5), rows.into_iter());
        assert_eq!(out, format!("\n{:20}    x   yy\n{:20}  1.5    -\n", "time", "a"));
    }
}
