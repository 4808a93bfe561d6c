//! A diagnostic as text with excerpts of the source.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{SourceMap, Span};

/// Lines longer than this many bytes are shown in part.
const LINE_BYTES_MAX: usize = 240;
/// How much of a long line is shown before the place.
const LINE_BYTES_BEFORE: usize = 80;
/// Labels at most this many lines apart share an excerpt.
const LINES_TOGETHER: u32 = 60;

/// Text for people: message, excerpts with marks, help and notes; no line end after the last line.
pub fn render(diagnostic: &Diagnostic, map: &SourceMap, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = level.primary_title(clean(&diagnostic.message));
    if !diagnostic.code.is_empty() {
        title = title.id(diagnostic.code);
    }
    let mut group = Group::with_title(title);
    if let Some(primary) = &diagnostic.primary {
        let (near, far): (Vec<&Label>, Vec<&Label>) =
            diagnostic.secondary.iter().partition(|label| together(map, primary.span, label.span));
        group = group.elements(excerpt(map, Some(primary), &near));
        for label in far {
            group = group.elements(excerpt(map, None, &[label]));
        }
    }
    // Without an excerpt there is nothing that help and notes could be hung on.
    let placeless = diagnostic.primary.is_none();
    if let Some(help) = diagnostic.help.as_ref().filter(|_| !placeless) {
        group = group.element(Level::HELP.message(clean(help)));
    }
    let mut groups = vec![group];
    for note in &diagnostic.notes {
        match note.span {
            None if placeless => {}
            None => {
                let last = groups.pop().unwrap_or_else(|| Group::with_level(Level::NOTE));
                groups.push(last.element(Level::NOTE.message(clean(&note.text))));
            }
            Some(span) => {
                let label = Label { span, text: String::new() };
                let title = Level::NOTE.secondary_title(clean(&note.text));
                groups.push(Group::with_title(title).elements(excerpt(map, Some(&label), &[])));
            }
        }
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&groups);
    if placeless {
        let (bold, plain) = if color { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let help = diagnostic.help.iter().map(|help| ("help", help));
        let notes =
            diagnostic.notes.iter().filter(|note| note.span.is_none()).map(|note| ("note", &note.text));
        for (what, line) in help.chain(notes) {
            text.push_str(&format!("\n  {bold}= {what}{plain}: {}", clean(line)));
        }
    }
    text
}

/// Whether one excerpt can show both places.
fn together(map: &SourceMap, a: Span, b: Span) -> bool {
    if a.file != b.file {
        return false;
    }
    let (first, last) =
        (map.position(a.file, a.start.min(b.start)).line, map.position(a.file, a.start.max(b.start)).line);
    let bytes = map.line_range(a.file, first).start..map.line_range(a.file, last).end;
    last - first <= LINES_TOGETHER
        && (bytes.len() <= LINE_BYTES_MAX
            || (first..=last).all(|l| map.line_range(a.file, l).len() <= LINE_BYTES_MAX))
}

/// An excerpt with the lines of all labels, which are in one file and near each other.
fn excerpt<'a>(map: &SourceMap, primary: Option<&Label>, others: &[&Label]) -> Vec<Element<'a>> {
    let all = || primary.into_iter().chain(others.iter().copied());
    let Some(first) = all().next() else { return Vec::new() };
    let file = first.span.file;
    let lines = all().map(|label| map.position(file, label.span.start).line);
    let (top, bottom) = (lines.clone().min().unwrap_or(1), lines.max().unwrap_or(1));
    let full = map.line_range(file, top).start..map.line_range(file, bottom).end;
    let shown = if top == bottom { window(map.text(file), &full, first.span) } else { full.clone() };
    let text = map.text(file).get(shown.clone()).unwrap_or("").to_owned();
    let cut = shown != full;
    let mut snippet = Snippet::source(text.clone()).line_start(top as usize).fold(true);
    if !cut {
        snippet = snippet.path(map.name(file).to_owned());
    }
    for label in all() {
        let kind = if primary.is_some_and(|p| std::ptr::eq(p, label)) {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let line = map.line_range(file, map.position(file, label.span.start).line);
        let mark = clip(&text, shown.start, label.span, line.end);
        let label_text = (!label.text.is_empty()).then(|| clean(&label.text));
        snippet = snippet.annotation(kind.span(mark).label(label_text));
    }
    if cut {
        let at = map.position(file, first.span.start);
        let origin = Origin::path(map.name(file).to_owned());
        let origin = origin.line(at.line as usize).char_column(at.column as usize);
        return vec![origin.into(), snippet.into()];
    }
    vec![snippet.into()]
}

/// The part of a long line around a place, at character boundaries.
fn window(text: &str, line: &Range<usize>, span: Span) -> Range<usize> {
    if line.len() <= LINE_BYTES_MAX {
        return line.clone();
    }
    let start = (span.start as usize).saturating_sub(LINE_BYTES_BEFORE).clamp(line.start, line.end);
    let end = (start + LINE_BYTES_MAX).min(line.end);
    text.floor_char_boundary(start)..text.ceil_char_boundary(end)
}

/// A span as a range of an excerpt that starts at byte `from`, cut at the end of its line.
fn clip(text: &str, from: usize, span: Span, line_end: usize) -> Range<usize> {
    let start = (span.start as usize).saturating_sub(from).min(text.len());
    let end = (span.end as usize).min(line_end).saturating_sub(from).clamp(start, text.len());
    text.floor_char_boundary(start)..text.ceil_char_boundary(end)
}

/// Control characters made visible, so that a message cannot drive the terminal.
fn clean(text: &str) -> String {
    if !text.chars().any(|c| c.is_control() && c != '\n') {
        return text.to_owned();
    }
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { c.escape_default().to_string() } else { c.to_string() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> (SourceMap, crate::FileId) {
        let mut map = SourceMap::new();
        let file = map.add("fact.masm", "func main() {\n    mov x, 1\n    add y, x, 1.5\n}\n");
        (map, file)
    }

    #[test]
    fn shows_places_help_and_notes() {
        let (map, file) = map();
        let d = Diagnostic::error("E0301", "no form of `add` takes these operands")
            .at(Span::new(file, 41, 44), "this is an `f64`")
            .with(Span::new(file, 22, 23), "an `i64` since here")
            .help("write `1`")
            .note("in macro `twice`, used here", Some(Span::new(file, 0, 4)));
        expect_test::expect![[r#"
            error[E0301]: no form of `add` takes these operands
             --> fact.masm:3:15
              |
            2 |     mov x, 1
              |         - an `i64` since here
            3 |     add y, x, 1.5
              |               ^^^ this is an `f64`
              |
              = help: write `1`
            note: in macro `twice`, used here
             --> fact.masm:1:1
              |
            1 | func main() {
              | ^^^^"#]]
        .assert_eq(&render(&d, &map, false));
    }

    #[test]
    fn long_lines_are_cut() {
        let mut map = SourceMap::new();
        let file = map.add("long", format!("{}!{}", "é".repeat(500_000), "x".repeat(1_000_000)));
        let d = Diagnostic::error("E0001", "bad \u{1b}[31m").at(Span::new(file, 1_000_000, 1_000_001), "");
        let text = render(&d, &map, false);
        assert!(text.len() < 1500, "{text}");
        assert!(text.contains("long:1:500001"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
