//! The map as a picture: the heap before and after a full collection, one above the other, colored by class.

use std::fmt::Write as _;

use super::map::{CLASSES, Cell, Map};
use super::report::Report;
use super::text::size;

/// Cells of a row, their width and the height of a row.
const ROW_CELLS: usize = 64;
const CELL: usize = 10;
const ROW: usize = 16;
/// Where rows begin; the names of the spaces stand before.
const LEFT: usize = 96;
const WIDTH: usize = LEFT + ROW_CELLS * CELL + 24;

/// Colors that differ also for eyes that see fewer: after Okabe and Ito (2008). The page around may be light or dark.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#24292f}.t{font-size:15px;font-weight:600}.n{fill:#57606a}\
.b{fill:#fff}.c0{fill:#0072b2}.c1{fill:#e69f00}.c2{fill:#009e73}.c3{fill:#cc79a7}.c4{fill:#56b4e9}.c5{fill:#d55e00}\
.c6{fill:#6e7781}.m{fill-opacity:.55}.g{fill:url(#g)}.gl{stroke:#b6bdc5}.h{fill:none;stroke:#8c959f}.f{fill:#eef1f4}.w{stroke:#fff}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.n{fill:#9198a1}.b{fill:#0d1117}.c6{fill:#8b949e}\
.f{fill:#1c2128}.gl{stroke:#4d5661}.w{stroke:#0d1117}}";

/// The picture.
pub(super) fn draw(report: &Report) -> String {
    let mut body = String::new();
    let mut y = 30;
    let title = format!("heap of {}", report.program);
    text(&mut body, 16, y, "t", &title);
    y += 22;
    let mut note = format!(
        "{} live, {} garbage, {} a cell",
        size(report.live.bytes),
        size(report.garbage.bytes),
        size(report.before.cell_bytes)
    );
    if let Some(place) = &report.moment.place {
        let _ = write!(note, "; in {place}");
    }
    text(&mut body, 16, y, "n", &note);
    y += 30;
    y = map(&mut body, y, "before", &report.before);
    if let Some(after) = &report.after {
        y = map(&mut body, y + 14, "after a full collection", after);
    }
    y = legend(&mut body, y + 18, report);
    let height = y + 6;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n<defs>\
         <pattern id=\"g\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path class=\"gl\" d=\"M0 0V5\" stroke-width=\"4\"/></pattern>\
         <pattern id=\"l\" width=\"{CELL}\" height=\"{ROW}\" patternUnits=\"userSpaceOnUse\" x=\"{LEFT}\">\
         <path class=\"w\" d=\"M0 0V{ROW}\" stroke-width=\"1\"/></pattern></defs>\n\
         <rect class=\"b\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n",
        escaped(&title)
    )
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // What XML cannot hold.
            char if char.is_control() => out.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}

fn text(out: &mut String, x: usize, y: usize, class: &str, what: &str) {
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(what));
}

fn rect(out: &mut String, (x, y): (usize, usize), cells: usize, class: &str) {
    let width = cells * CELL;
    let height = ROW - 2;
    let _ =
        writeln!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
}

/// The class of the style sheet for a cell; none for a free one.
fn class(cell: Option<Cell>) -> String {
    match cell {
        Some(Cell::Live(class, false)) => format!("c{class}"),
        Some(Cell::Live(class, true)) => format!("c{class} m"),
        Some(Cell::Garbage) => "g".into(),
        Some(Cell::Hole) => "h".into(),
        None => "f".into(),
    }
}

/// Draws all spaces from `y` on and gives the place below them.
fn map(out: &mut String, mut y: usize, when: &str, map: &Map) -> usize {
    let (used, all) =
        map.spaces.iter().fold((0, 0), |(used, all), row| (used + row.used_bytes, all + row.space_bytes));
    text(out, 16, y, "t", when);
    text(out, LEFT + 110, y, "n", &format!("{} of {} in use", size(used), size(all)));
    y += 10;
    for row in map.spaces.iter().filter(|row| row.space_bytes > 0) {
        text(out, 16, y + ROW - 4, "n", row.space.name());
        let free = (row.space_bytes - row.used_bytes) / map.cell_bytes;
        let mut cells: Vec<Option<Cell>> = row.cells.iter().copied().map(Some).collect();
        let filled = cells.len().next_multiple_of(ROW_CELLS).max(ROW_CELLS);
        cells.resize((cells.len() + free as usize).min(filled), None);
        for line in cells.chunks(ROW_CELLS) {
            let mut x = LEFT;
            for run in line.chunk_by(|a, b| a == b) {
                rect(out, (x, y), run.len(), &class(run[0]));
                x += run.len() * CELL;
            }
            let width = line.len() * CELL;
            let height = ROW - 2;
            let _ = writeln!(
                out,
                "<rect fill=\"url(#l)\" x=\"{LEFT}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>"
            );
            y += ROW;
        }
        if cells.is_empty() {
            y += ROW;
        }
        y += 6;
    }
    y + 12
}

/// What the colors say.
fn legend(out: &mut String, mut y: usize, report: &Report) -> usize {
    let mut entries: Vec<(String, String)> =
        report.legend.iter().enumerate().map(|(index, name)| (format!("c{index}"), name.clone())).collect();
    if report.classes.iter().filter(|row| row.live.objects > 0).count() > report.legend.len() {
        entries.push((format!("c{CLASSES}"), "other classes".into()));
    }
    entries.push((format!("c{CLASSES} m"), "paler: with garbage or holes".into()));
    entries.extend([("g", "garbage"), ("h", "hole"), ("f", "free")].map(|(c, n)| (c.into(), n.into())));
    let mut x = 16;
    for (class, name) in entries {
        let name: String = name.chars().take(40).collect();
        let width = 44 + name.chars().count() * 8;
        if x + width > WIDTH {
            (x, y) = (16, y + 22);
        }
        let _ =
            writeln!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\"/>", y - 12);
        text(out, x + 20, y, "n", &name);
        x += width;
    }
    y + 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_the_picture() {
        assert_eq!(escaped("a<b>&\"\u{1b}"), "a&lt;b&gt;&amp;&quot;\u{fffd}");
    }
}
