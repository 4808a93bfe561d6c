//! A diagnostic as one line of JSON.

use crate::diagnostic::Diagnostic;
use crate::source::{SourceMap, Span};

/// One JSON object without line ends. Positions count from 1, columns in characters; `offset` and `length` in bytes.
pub fn to_json(diagnostic: &Diagnostic, map: &SourceMap) -> String {
    let mut out = String::from("{");
    field(&mut out, "severity", diagnostic.severity.name());
    if !diagnostic.code.is_empty() {
        out.push(',');
        field(&mut out, "code", diagnostic.code);
    }
    out.push(',');
    field(&mut out, "message", &diagnostic.message);
    if let Some(label) = &diagnostic.primary {
        out.push_str(",\"place\":");
        place(&mut out, map, label.span, &label.text);
    }
    list(&mut out, "related", diagnostic.secondary.iter(), |out, label| {
        place(out, map, label.span, &label.text)
    });
    if let Some(help) = &diagnostic.help {
        out.push(',');
        field(&mut out, "help", help);
    }
    list(&mut out, "notes", diagnostic.notes.iter(), |out, note| match note.span {
        Some(span) => place(out, map, span, &note.text),
        None => {
            out.push('{');
            field(out, "text", &note.text);
            out.push('}');
        }
    });
    out.push('}');
    out
}

fn list<T>(
    out: &mut String,
    name: &str,
    items: impl ExactSizeIterator<Item = T>,
    each: impl Fn(&mut String, T),
) {
    if items.len() == 0 {
        return;
    }
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

fn place(out: &mut String, map: &SourceMap, span: Span, text: &str) {
    let start = map.position(span.file, span.start);
    let end = map.position(span.file, span.end.max(span.start));
    out.push('{');
    field(out, "file", map.name(span.file));
    let numbers = [
        ("line", start.line),
        ("column", start.column),
        ("end_line", end.line),
        ("end_column", end.column),
        ("offset", span.start),
        ("length", span.end.saturating_sub(span.start)),
    ];
    for (name, value) in numbers {
        out.push_str(&format!(",\"{name}\":{value}"));
    }
    out.push(',');
    field(out, "text", text);
    out.push('}');
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_all_parts() {
        let mut map = SourceMap::new();
        let file = map.add("a\"b.masm", "mov x, y\n");
        let d = Diagnostic::error("E0201", "no \"y\"")
            .at(Span::new(file, 7, 8), "here")
            .help("declare\nit")
            .note("seen", None);
        expect_test::expect![[r#"{"severity":"error","code":"E0201","message":"no \"y\"","place":{"file":"a\"b.masm","line":1,"column":8,"end_line":1,"end_column":9,"offset":7,"length":1,"text":"here"},"help":"declare\nit","notes":[{"text":"seen"}]}"#]]
        .assert_eq(&to_json(&d, &map));
    }
}
