//! Input that nobody means: the parser ends soon, keeps every byte, and says a bounded number of things.

use mvm_diag::FileId;
use mvm_lang::{ERRORS_MAX, HEIGHT_MAX, Node, Parse, format, parse, parse_bytes};
use proptest::prelude::*;

/// Parses; everything that holds for every text is checked.
fn parsed(text: &str) -> Parse {
    let parse = parse(FileId(0), text);
    assert_eq!(parse.tree.text(), text);
    assert!(parse.diagnostics.len() <= ERRORS_MAX);
    for diagnostic in &parse.diagnostics {
        let span = diagnostic.primary.as_ref().expect("a place").span;
        assert!(span.start <= span.end && span.end as usize <= text.len(), "{diagnostic:?}");
        assert!(
            text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize),
            "{diagnostic:?}"
        );
    }
    check_tree(&parse);
    parse
}

/// Tokens stand in order and without gaps, and children inside their parents.
fn check_tree(parse: &Parse) {
    let tree = &parse.tree;
    let mut at = 0;
    for token in tree.root().all_tokens() {
        assert_eq!(token.range().start, at);
        at = token.range().end;
    }
    assert_eq!(at, tree.text().len());
    let height = |node: Node<'_>| node.ancestors().take(usize::from(HEIGHT_MAX) + 2).count();
    for node in tree.root().descendants() {
        let parent = node.parent().expect("below the root");
        assert!(parent.id() < node.id());
        let (inner, outer) = (node.range(), parent.range());
        assert!(
            outer.start <= inner.start && inner.end <= outer.end,
            "{node:?} in {parent:?}: {:?}",
            tree.text()
        );
        assert!(inner.start < inner.end, "{node:?}");
    }
    if let Some(last) = tree.root().descendants().last() {
        assert!(height(last) <= usize::from(HEIGHT_MAX) + 1);
    }
}

fn in_main(body: &str) -> Parse {
    parsed(&format!("fn main() {{\n{body}\n}}\n"))
}

fn messages(parse: &Parse) -> Vec<&str> {
    parse.diagnostics.iter().map(|d| d.message.as_str()).collect()
}

#[test]
fn nesting_is_one_diagnostic() {
    let n = 100_000;
    let deep = "this is nested more than 200 deep";
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("a[", "]")] {
        let parse = in_main(&format!("let x = {}1{}", open.repeat(n), close.repeat(n)));
        assert_eq!(messages(&parse), [deep], "{open}");
    }
    for text in ["- ", "not ", "|x| ", "1 + (", "if a { ", "throw "] {
        let parse = in_main(&format!("let x = {}1", text.repeat(n)));
        assert!(messages(&parse).contains(&deep), "{text}");
        assert!(parse.diagnostics.len() < 5, "{text}: {:#?}", messages(&parse));
    }
    let parse = in_main(&"if a {\n".repeat(n));
    assert!(messages(&parse).contains(&deep) && parse.diagnostics.len() < 5, "{:#?}", messages(&parse));
    for text in [
        "while a then ",
        "class A { ",
        "fn f() { fn f() ",
        "a.b(|| ",
        "match a { b => ",
        "enum A { fn f() { class B { ",
    ] {
        let parse = in_main(&text.repeat(n));
        let told = messages(&parse).contains(&deep) || parse.diagnostics.len() == ERRORS_MAX;
        assert!(told, "{text}: {:#?}", messages(&parse));
    }
    let parse = parsed(&format!("fn f(x: {}int{}) {{ }}", "[".repeat(n), "]".repeat(n)));
    assert_eq!(messages(&parse), [deep]);
    let parse = in_main(&format!("let {}a{} = 1", "(".repeat(n), ")".repeat(n)));
    assert_eq!(messages(&parse), [deep]);
    let parse = in_main(&format!("print({}1{})", "\"{".repeat(n), "}\"".repeat(n)));
    assert_eq!(messages(&parse), [deep]);
}

#[test]
fn nesting_just_below_the_limit_is_read() {
    let parse = in_main(&format!("let x = {}1{}", "(".repeat(190), ")".repeat(190)));
    assert_eq!(messages(&parse), [""; 0]);
    let parse = in_main(
        &"{\n".replace('{', "if a {").repeat(90).chars().chain("}\n".repeat(90).chars()).collect::<String>(),
    );
    assert_eq!(messages(&parse), [""; 0]);
}

#[test]
fn chains_are_bounded() {
    let high = "this has more than 1000 operators, calls or members in a row";
    for piece in [" + 1", ".a", "()", "[1]", "!", " as? T", " ?? 1", " and a"] {
        let parse = in_main(&format!("let x = a{}", piece.repeat(100_000)));
        assert_eq!(messages(&parse), [high], "{piece}");
        let parse = in_main(&format!("let x = a{}", piece.repeat(900)));
        assert_eq!(messages(&parse), [""; 0], "{piece}");
    }
    // These are no deeper for being longer.
    let many = in_main(&format!("if a {{ }}{}", " else if a { }".repeat(100_000)));
    assert_eq!(messages(&many), [""; 0]);
    let list = in_main(&format!("let x = [{}]", "1, ".repeat(100_000)));
    assert_eq!(messages(&list), [""; 0]);
}

#[test]
fn long_lines_and_many_errors() {
    let line = "a ( { [ ".repeat(130_000);
    parsed(&line);
    parsed(&"{} ".repeat(300_000));
    parsed(&format!("let x = \"{}", "{a".repeat(300_000)));
    parsed(&"\"{".repeat(300_000));
    parsed(&"for (".repeat(200_000));
    parsed(&"None ".repeat(200_000));
    parsed(&"'".repeat(200_000));
    parsed(&"/*".repeat(200_000));
    parsed(&"\u{201c}".repeat(200_000));
    for piece in [
        "x++;\n",
        ") \n",
        "let\n",
        "fn\n",
        "class {\n",
        "@\n",
        "let x = 'ab'\n",
        "a b c\n",
        "}\n",
        "import\n",
    ] {
        let parse = parsed(&piece.repeat(200_000));
        assert!(!parse.diagnostics.is_empty(), "{piece:?}");
    }
}

/// Names that nothing has, many thousand: near ones are looked for only as long as that is told. (If it were always, this would take minutes.)
#[test]
fn many_names_that_nothing_has() {
    for (head, line, tail) in [
        ("fn main() {\n", "    let a# = zork# + 1\n", "}\n"),
        ("", "fn f#(x: Zork#) -> Blub# => x\n", "fn main() {}\n"),
        ("fn main() {\n    let xs = [1]\n", "    xs.zork#()\n", "}\n"),
        ("fn main() {\n", "    f#(one: 1)\n", "}\n"),
        ("import std.math.{\n", "    zork#,\n", "}\nfn main() {}\n"),
    ] {
        let lines: String = (0..20_000).map(|n| line.replace('#', &n.to_string())).collect();
        let (checked, _) = crate::checked(&format!("{head}{lines}{tail}"));
        assert_eq!(checked.diagnostics.len(), ERRORS_MAX, "{line}");
    }
}

#[test]
fn bytes_that_are_not_utf8() {
    let parse = parse_bytes(FileId(0), b"fn main() { print(\"caf\xe9\") }\n");
    let found: Vec<&str> = parse.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(found, ["M0009"]);
    assert_eq!(parse.tree.text(), "fn main() { print(\"caf\u{fffd}\") }\n");
}

/// Pieces of the language, so that random texts get far.
const PIECES: &[&str] = &[
    "fn ",
    "f",
    "x",
    "T",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ",",
    ":",
    ".",
    "?",
    "!",
    "=",
    "=>",
    "->",
    "\n",
    " ",
    "\"",
    "\\",
    "\"\"\"",
    "'",
    "1",
    "1.5",
    "..",
    "..=",
    "|",
    "||",
    "+",
    "-",
    "==",
    "and ",
    "or ",
    "not ",
    "in ",
    "is ",
    "as",
    "let ",
    "var ",
    "if ",
    "else ",
    "match ",
    "try ",
    "catch ",
    "for ",
    "while ",
    "loop ",
    "class ",
    "enum ",
    "interface ",
    "import ",
    "init",
    "test ",
    "type ",
    "spawn ",
    "receive ",
    "select ",
    "after ",
    "from ",
    "return ",
    "throw ",
    "defer ",
    "// c",
    "/// d",
    "pub ",
    "override ",
    "self",
    "none",
    ";",
    "&&",
    "++",
    "elif ",
    "def ",
    "new ",
    "case ",
    "#",
    "?.",
    "??",
    "r\"",
    "\t",
    "\r\n",
    "\u{e9}",
];

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_tree(text in ".{0,200}") {
        parsed(&text);
    }

    #[test]
    fn any_bytes_have_a_tree(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let parse = parse_bytes(FileId(0), &bytes);
        prop_assert_eq!(parse.tree.text(), String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn pieces_have_a_tree_and_a_layout(text in pieces()) {
        let parse = parsed(&text);
        match format(&text) {
            Ok(once) => {
                prop_assert!(!parse.has_errors());
                prop_assert_eq!(format(&once), Ok(once));
            }
            Err(_) => prop_assert!(parse.has_errors(), "not formatted: {}", text),
        }
    }
}

/// A line of a program is damaged; the declarations around it are read all the same.
#[test]
fn errors_stay_in_their_function() {
    let text = include_str!("../../../../tests/myna/parts/tour.myna");
    let whole = parse(FileId(0), text);
    assert_eq!(messages(&whole), [""; 0]);
    let names = |parse: &Parse| -> Vec<String> {
        let declarations = parse.tree.root().children();
        declarations
            .filter_map(|node| Some(node.child(mvm_lang::SyntaxKind::NameDef)?.text().to_owned()))
            .collect()
    };
    let all = names(&whole);
    let mut most = 0;
    let lines: Vec<&str> = text.lines().collect();
    for damaged in 0..lines.len() {
        for (from, to) in [("(", ""), (")", ""), ("{", ""), ("}", ""), ("=", "= ="), (",", ";"), ("\"", "")] {
            let Some(line) = Some(lines[damaged])
                .filter(|line| line.contains(from) && !line.trim_start().starts_with("//"))
            else {
                continue;
            };
            let mut changed = lines.clone();
            // Without its first quote a string is code, and all of it is wrong.
            let at = if from == "\"" { line.rfind(from) } else { line.find(from) }.expect("it is there");
            let line = format!("{}{to}{}", &line[..at], &line[at + from.len()..]);
            changed[damaged] = &line;
            let parse = parsed(&changed.join("\n"));
            most = most.max(parse.diagnostics.len());
            let found = names(&parse);
            let lost = all.iter().filter(|name| !found.contains(name)).count();
            assert!(
                lost <= 1,
                "line {}: {line:?} loses {lost} declarations: {:#?}",
                damaged + 1,
                messages(&parse)
            );
            assert!(parse.diagnostics.len() <= 5, "line {}: {line:?}: {:#?}", damaged + 1, messages(&parse));
        }
    }
    assert!(most > 0);
}

/// The list of members begins with its first member, and that with its comment.
#[test]
fn comments_in_front_of_members_without_a_brace() {
    for text in ["interface /// d\n let x", "class /// d\r\n\tlet ", "enum E /// d\n  A"] {
        let parse = mvm_lang::parse(mvm_diag::FileId(0), text);
        for node in parse.tree.root().descendants() {
            let parent = node.parent().expect("only the file has none").range();
            assert!(parent.start <= node.range().start && node.range().end <= parent.end, "{text:?}");
        }
    }
}
