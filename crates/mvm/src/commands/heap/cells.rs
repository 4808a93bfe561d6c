//! The map for terminals and plain text, and what a terminal can show.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};

use super::map::{Cell, Map};
use super::report::Report;
use super::text::size;
use crate::output::colored_errors;

/// Cells of a row.
const ROW_CELLS: usize = 64;

/// What the reader's terminal can show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    colors: bool,
    blocks: bool,
}

impl Style {
    /// For standard error, or for a file.
    pub(super) fn new(on_standard_error: bool) -> Style {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let blocks = locale.contains("utf-8") || locale.contains("utf8");
        Style {
            colors: on_standard_error && colored_errors(),
            blocks: on_standard_error && io::stderr().is_terminal() && blocks,
        }
    }

    pub(super) fn heading(self, text: &str) -> String {
        if self.colors { format!("\x1b[1m{text}\x1b[0m") } else { text.to_string() }
    }

    /// Color and characters of a kind of cell.
    fn cell(self, cell: Option<Cell>) -> (&'static str, char) {
        let (color, block, letter) = match cell {
            Some(cell @ Cell::Live(_, false)) => ("\x1b[32m", '█', cell.letter()),
            Some(cell @ Cell::Live(_, true)) => ("\x1b[33m", '▓', cell.letter()),
            Some(cell @ Cell::Garbage) => ("\x1b[31m", '▒', cell.letter()),
            Some(cell @ Cell::Hole) => ("\x1b[36m", '○', cell.letter()),
            None => ("\x1b[2m", '·', '.'),
        };
        (color, if self.blocks { block } else { letter })
    }
}

/// Both maps with their key.
pub(super) fn maps(out: &mut String, report: &Report, style: Style) {
    if report.before.spaces.iter().all(|row| row.used_bytes == 0) {
        return;
    }
    let key = |cell: Option<Cell>| {
        let (color, letter) = style.cell(cell);
        if style.colors { format!("{color}{letter}\x1b[0m") } else { letter.to_string() }
    };
    let heading = style.heading(&format!("map, {} a cell", size(report.before.cell_bytes)));
    let _ = writeln!(
        out,
        "\n{heading}   {} live  {} live and other  {} garbage  {} hole  {} free",
        key(Some(Cell::Live(0, false))),
        key(Some(Cell::Live(0, true))),
        key(Some(Cell::Garbage)),
        key(Some(Cell::Hole)),
        key(None)
    );
    map(out, "now", &report.before, style);
    match &report.after {
        Some(after) => map(out, "after a full collection", after, style),
        None => drop(writeln!(out, "the host has no memory for a full collection")),
    }
}

fn map(out: &mut String, when: &str, map: &Map, style: Style) {
    let _ = writeln!(out, "{when}");
    for row in map.spaces.iter().filter(|row| row.space_bytes > 0) {
        let free = (row.space_bytes - row.used_bytes) / map.cell_bytes;
        let mut cells: Vec<Option<Cell>> = row.cells.iter().copied().map(Some).collect();
        // What is free goes on to the end of the row, and is then only said.
        let filled = cells.len().next_multiple_of(ROW_CELLS).max(ROW_CELLS);
        cells.resize((cells.len() + free as usize).min(filled), None);
        let note = format!("{} of {}", size(row.used_bytes), size(row.space_bytes));
        let lines = cells.len().div_ceil(ROW_CELLS).max(1);
        for line in 0..lines {
            let label = if line == 0 { row.space.name() } else { "" };
            let part = &cells[line * ROW_CELLS..cells.len().min((line + 1) * ROW_CELLS)];
            let pad = ROW_CELLS - part.len();
            let note = if line == 0 { format!("{:pad$}  {note}", "") } else { String::new() };
            let _ = writeln!(out, "  {label:<10}{}{note}", paint(part, style));
        }
    }
}

/// A row of cells; a color is switched on once for all cells that have it.
fn paint(cells: &[Option<Cell>], style: Style) -> String {
    let mut text = String::new();
    let mut last = "";
    for &cell in cells {
        let (color, letter) = style.cell(cell);
        if style.colors && color != last {
            let _ = write!(text, "\x1b[0m{color}");
            last = color;
        }
        text.push(letter);
    }
    if !last.is_empty() {
        text.push_str("\x1b[0m");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_are_switched_on_once() {
        let cells = [Some(Cell::Garbage), Some(Cell::Garbage), None];
        let style = Style { colors: true, blocks: true };
        assert_eq!(paint(&cells, style), "\x1b[0m\x1b[31m▒▒\x1b[0m\x1b[2m·\x1b[0m");
        assert_eq!(paint(&cells, Style { colors: false, blocks: false }), "xx.");
    }
}
