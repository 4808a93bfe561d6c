//! Documentation: in the terminal and as pages.

use crate::tool::{Scratch, mvm};

const SHAPES: &str = "// Flat shapes.\n\n/// A shape; see `Circle`, `area` and `std.math`.\n///\n/// <script>alert(1)</script>\npub \
    enum Shape {\n    /// Round.\n    Circle(radius: float)\n}\n\n/// Its area. Never negative.\npub fn area(shape: Shape, \
    scale: float = 1.0) -> float => match shape { Circle(r) => 3.0 * r * r * scale }\n\n/// Of this file.\nfn hidden() -> int \
    => 1\n";

#[test]
fn names_are_shown_in_the_terminal() {
    let run = mvm(&["doc", "std.json.parse"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(
        run.out.starts_with("std.json\n\n  fn parse(text: str) -> Json\n\n    Reads a value"),
        "{}",
        run.out
    );
    assert_eq!(mvm(&["doc", "json.parse"]).out, run.out, "`std.` may be left out");
    let run = mvm(&["doc", "std.text"]);
    assert!(run.out.starts_with("module std.text\n") && run.out.contains("  class Builder"), "{}", run.out);
    let run = mvm(&["doc", "str.split", "[]"]);
    assert_eq!(run.status, 2);
    assert!(run.out.contains("fn split(separator: str) -> [str]"), "{}", run.out);
    assert!(mvm(&["doc", "std"]).out.contains("std.json        JSON"), "the modules");
}

#[test]
fn near_names_are_suggested() {
    for (name, near) in [
        ("std.jsn", "did you mean `std.json`?"),
        ("std.json.prase", "did you mean `std.json.parse`?"),
        ("str.spilt", "did you mean `str.split`?"),
        ("shuffle", "did you mean `std.random."),
        ("qqqqqqqqqq", "`mvm doc std` lists"),
    ] {
        let run = mvm(&["doc", name]);
        assert_eq!((run.status, &*run.out), (2, ""), "{name}");
        assert!(run.err.contains(near), "{name}: {}", run.err);
    }
}

#[test]
fn files_are_shown_without_what_others_do_not_see() {
    let scratch = Scratch::new("doc-file");
    let path = scratch.file("shapes.myna", SHAPES);
    let run = mvm(&["doc", &path]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(run.out.starts_with("module shapes\n\n    Flat shapes.\n\n  enum Shape "), "{}", run.out);
    assert!(run.out.contains("fn area(shape: Shape, scale: float = 1.0) -> float\n"), "{}", run.out);
    assert!(run.out.contains("Its area.\n") && !run.out.contains("hidden"), "{}", run.out);
    assert!(mvm(&["doc", "--private", &path]).out.contains("fn hidden() -> int"));
    let wrong = scratch.file("wrong.myna", "class {\n");
    let run = mvm(&["doc", &wrong]);
    assert_eq!((run.status, &*run.out), (2, ""));
    assert!(run.err.contains("wrong.myna:1:"), "{}", run.err);
}

#[test]
fn pages_are_written_for_a_folder_and_the_library() {
    let scratch = Scratch::new("doc-pages");
    scratch.file("shapes.myna", SHAPES);
    let (folder, pages) = (scratch.path("."), scratch.path("pages"));
    let run = mvm(&["doc", &folder, "std", "--output", &pages]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let read = |name: &str| std::fs::read_to_string(format!("{pages}/{name}")).unwrap();
    let page = read("shapes.html");
    assert!(
        page.contains("<a href=\"#Circle\"") || page.contains("<a href=\"shapes.html#Shape.Circle\">"),
        "{page}"
    );
    assert!(page.contains("<a href=\"std.math.html\"><code>std.math</code></a>"), "{page}");
    assert!(page.contains("<a class=\"t\" href=\"shapes.html#Shape\">Shape</a>"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && !page.contains("<script>"), "{page}");
    assert!(!page.contains("hidden()"), "{page}");
    let index = read("index.html");
    assert!(index.contains("href=\"shapes.html\"") && index.contains("href=\"std.json.html\""), "{index}");
    assert!(read("search.js").contains("\"std.json.Json.path\",\"method\",\"std.json.html#Json.path\""));
    // Every link within the pages leads somewhere.
    for entry in std::fs::read_dir(&pages).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".html") {
            continue;
        }
        let text = read(&name);
        for link in text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            if file.starts_with("http") || file.ends_with(".css") {
                continue;
            }
            let target = if file.is_empty() { text.clone() } else { read(file) };
            assert!(anchor.is_empty() || target.contains(&format!("id=\"{anchor}\"")), "{name}: {link}");
        }
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let scratch = Scratch::new("doc-wrong");
    let file = scratch.file("file", "");
    let run = mvm(&["doc", "std.json", "-o", &file]);
    assert_eq!(run.status, 4);
    assert!(run.err.contains("cannot make the folder"), "{}", run.err);
    let run = mvm(&["doc", &scratch.path("."), "-o", &scratch.path("pages")]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("there are no sources below"), "{}", run.err);
}

const EXAMPLES: &str = r#"/// A shape.
///
/// ```myna
/// let shape = Circle(2.0)
/// assert area(shape) == shapes.area(shape)
/// ```
pub enum Shape {
    Circle(radius: float)
    /// Nothing.
    ///
    /// ```text
    /// this is not run
    /// ```
    /// ```myna,ignore
    /// neither is this
    /// ```
    Empty
}

/// Its area.
///
/// ```myna
/// import std.math
/// fn main() { assert area(Circle(math.sqrt(2.0))).near(6.0) }
/// ```
/// ```myna
/// let wrong = Circle(1.0)
/// assert area(wrong) == 4.0
/// ```
pub fn area(shape: Shape) -> float => match shape {
    Circle(r) => 3.0 * r * r
    Empty => 0.0
}

/// Of this file.
///
/// ```myna
/// print(hidden())
/// ```
fn hidden() -> int => 1
"#;

#[test]
fn examples_are_tests() {
    let scratch = Scratch::new("doc-examples");
    let path = scratch.file("shapes.myna", EXAMPLES);
    let run = mvm(&["test", &path]);
    assert_eq!(run.status, 1);
    let results = "  ok   example of Shape (line 3)\n  ok   example of area (line 22)\n  FAIL example of area (line 26)\n  \
        FAIL example of hidden (line 37)\n2 passed, 2 failed\n";
    assert!(run.out.ends_with(results), "{}", run.out);
    // Failures are shown where the example stands.
    assert!(run.err.contains("left:  3.0\n") && run.err.contains("shapes.myna:28:5\n"), "{}", run.err);
    assert!(run.err.contains("shapes.myna:28)") && !run.err.contains("in start"), "{}", run.err);
    assert!(run.err.contains("shapes.myna:38:11\n"), "what is not `pub` is not seen: {}", run.err);
    let run = mvm(&["test", &path, "--filter", "line 22", "--json"]);
    assert_eq!((run.status, run.out.lines().count()), (0, 1));
    let run = mvm(&["test", &path, "--list"]);
    assert_eq!((run.status, run.out.lines().count()), (0, 5), "{}", run.out);
}

#[test]
fn an_example_that_does_not_end_is_ended() {
    let scratch = Scratch::new("doc-endless");
    let path = scratch
        .file("endless.myna", "/// For ever.\n///\n/// ```myna\n/// loop { }\n/// ```\npub fn f() { }\n");
    let run = mvm(&["test", &path, "--limit-reductions", "10k"]);
    assert_eq!(run.status, 1);
    assert!(run.err.contains("the limit of 10000 reductions was reached"), "{}", run.err);
}
