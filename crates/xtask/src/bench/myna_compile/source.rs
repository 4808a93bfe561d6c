//! A long program made of short ones: those of `examples/myna/`, again and again, each time with other names.
//!
//! What a file declares gets a number behind its name wherever that name stands, except behind a point where it is a member.
//! It looks at lines and words, not at syntax; that is enough for the examples, and what it makes of them is compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::bench::root;

/// Examples of all kinds: processes, text, numbers, objects, enums, generics and closures.
const EXAMPLES: [&str; 20] = [
    "bank",
    "bignum",
    "events",
    "expressions",
    "huffman",
    "life",
    "lisp",
    "lru_cache",
    "matrix",
    "maze",
    "neural",
    "particles",
    "raytracer",
    "regex",
    "scheduler",
    "sudoku",
    "tictactoe",
    "tiny_vm",
    "tree",
    "workers",
];

/// Words in front of the name of a declaration.
const DECLARATIONS: [&str; 6] = ["class", "enum", "fn", "interface", "let", "type"];

/// A file in parts.
struct Example {
    imports: Vec<String>,
    body: String,
    /// What it declares.
    names: BTreeSet<String>,
}

/// The text of a program of at least so many lines, whose `main` calls those of all its parts.
pub(super) fn program(lines: usize) -> Result<String, String> {
    let examples: Vec<Example> = EXAMPLES.iter().map(|name| example(name)).collect::<Result<_, _>>()?;
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for import in examples.iter().flat_map(|example| &example.imports) {
        let (module, names) = import.split_once(".{").unwrap_or((import, ""));
        let names = names.trim_end_matches('}').split(", ").filter(|name| !name.is_empty());
        imports.entry(module.to_owned()).or_default().extend(names.map(str::to_owned));
    }
    let mut text = String::new();
    for (module, names) in imports {
        let names: Vec<String> = names.into_iter().collect();
        let list = if names.is_empty() { String::new() } else { format!(".{{{}}}", names.join(", ")) };
        let _ = writeln!(text, "{module}{list}");
    }
    let mut calls = String::from("fn main() {\n");
    let mut written = 0;
    for (number, example) in examples.iter().cycle().enumerate() {
        if written >= lines {
            break;
        }
        text.push_str(&renamed(example, number));
        written += example.body.lines().count();
        let _ = writeln!(calls, "    main_{number}()");
    }
    Ok(text + &calls + "}\n")
}

fn example(name: &str) -> Result<Example, String> {
    let path = root().join("examples/myna").join(name).with_extension("myna");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("`{}`: {e}", path.display()))?;
    let (imports, body): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("import "));
    let imports = imports.into_iter().map(str::to_owned).collect();
    let body = body.join("\n") + "\n";
    Ok(Example { imports, names: names_of(&body), body })
}

/// What is declared at the start of a line, and the cases of enums.
fn names_of(body: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut in_enum = false;
    for line in body.lines() {
        let mut words =
            line.split_whitespace().skip_while(|word| ["pub", "abstract", "frozen"].contains(word));
        let what = words.next().unwrap_or_default();
        if DECLARATIONS.contains(&what) && !line.starts_with(' ') {
            let name = words.next().unwrap_or_default();
            names.insert(name.chars().take_while(|c| is_word(*c)).collect());
            if what == "enum" {
                names.extend(cases_of(line.split_once('{').map_or("", |(_, cases)| cases)));
                in_enum = !line.ends_with('}');
            }
        } else if in_enum {
            in_enum = line != "}";
            let starts_case =
                line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(char::is_uppercase));
            names.extend(if starts_case { cases_of(line) } else { Vec::new() });
        }
    }
    names
}

/// The names in a list of cases: `Add(left: Expr, right: Expr), Zero`.
fn cases_of(line: &str) -> Vec<String> {
    let line = line.split("//").next().unwrap_or_default();
    let mut outside = String::new();
    let mut depth = 0;
    for c in line.chars() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if depth == 0 {
            outside.push(if is_word(c) { c } else { ' ' });
        }
    }
    outside
        .split_whitespace()
        .filter(|word| word.starts_with(char::is_uppercase))
        .map(str::to_owned)
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The text of the example with the number behind all names that it declares.
fn renamed(example: &Example, number: usize) -> String {
    let mut out = String::with_capacity(example.body.len() * 5 / 4);
    let mut rest = example.body.as_str();
    while let Some(first) = rest.chars().next() {
        let length =
            if is_word(first) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, behind) = rest.split_at(length);
        // `a..b` is a range, `a.b` a member; the cases of an enum are named `Enum.Case` too.
        let is_member = out.ends_with('.') && !out.ends_with("..") && !first.is_uppercase();
        out.push_str(word);
        if example.names.contains(word) && !is_member {
            let _ = write!(out, "_{number}");
        }
        rest = behind;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Example, names_of, program, renamed};

    #[test]
    fn declarations_get_other_names() {
        let body = "enum Shape { Circle(r: float), Dot }\nfn area(s: Shape) -> int => s.area(0..area)\nlet x = Shape.Dot\n";
        let example = Example { imports: Vec::new(), names: names_of(body), body: body.to_owned() };
        assert_eq!(
            renamed(&example, 7),
            "enum Shape_7 { Circle_7(r: float), Dot_7 }\nfn area_7(s: Shape_7) -> int => s.area(0..area_7)\n\
             let x_7 = Shape_7.Dot_7\n"
        );
    }

    #[test]
    fn programs_are_as_long_as_asked_for() {
        let text = program(10_000).expect("the examples are there");
        assert!((10_000..11_000).contains(&text.lines().count()));
        assert_eq!(text.matches("\nfn main() {").count(), 1);
    }
}
