//! How whole diagnostics look, with their places and advice.

use expect_test::{Expect, expect};
use mvm_diag::FileId;
use mvm_lang::{FormatError, format};

use crate::shown;

fn check(text: &str, wanted: Expect) {
    wanted.assert_eq(&shown(text));
}

#[test]
fn a_brace_is_found_by_indentation() {
    check(
        "fn f() {\n    if a {\n        g()\n    while b {\n    }\n}\n\nfn h() { }\n",
        expect![[r#"
        error[M0103]: `{` has no `}`: the body of the function does not end
         --> test.myna:2:10
          |
        2 |     if a {
          |          ^ this one, by its indentation
        ...
        6 | }
          | - its line is indented less, so this belongs to something further out"#]],
    );
}

#[test]
fn a_body_by_indentation() {
    check(
        "fn f() {\n    if a:\n        g()\n        h()\n    i()\n}\n",
        expect![[r#"
        error[M0216]: the body of the `if` has no braces
         --> test.myna:2:9
          |
        2 |     if a:
          |         ^
          |
          = help: write `{` in place of `:`, and `}` behind the last line of the body"#]],
    );
}

#[test]
fn a_function_of_another_language() {
    check(
        "public static void main(String[] args) {\n    System.out.println(\"hi\");\n}\n",
        expect![[r#"
        error[M0231]: there is no `public`
         --> test.myna:1:1
          |
        1 | public static void main(String[] args) {
          | ^^^^^^
          |
          = help: `pub` makes a declaration seen by other files
        error[M0116]: `static` has no place here
         --> test.myna:1:8
          |
        1 | public static void main(String[] args) {
          |        ^^^^^^
          |
          = help: it is for members of classes
        error[M0208]: a function begins with `fn`, and the type of its result comes last
         --> test.myna:1:15
          |
        1 | public static void main(String[] args) {
          |               ^^^^
          |
          = help: write `fn main(...)`
        error[M0111]: names of parameters begin with a small letter, `String` does not
         --> test.myna:1:25
          |
        1 | public static void main(String[] args) {
          |                         ^^^^^^
          |
          = help: write `string`; capital letters are for types and cases
        error[M0115]: the parameter `String` has no type
         --> test.myna:1:30
          |
        1 | public static void main(String[] args) {
          |                              ^
          |
          = help: write `String: int`, or the type that it has; only closures find out theirs
        error[M0102]: expected `,` or `)` in the parameters, found `[`
         --> test.myna:1:31
          |
        1 | public static void main(String[] args) {
          |                               ^
        error[M0201]: statements end with the line, not with `;`
         --> test.myna:2:29
          |
        2 |     System.out.println("hi");
          |                             ^
          |
          = help: remove it"#]],
    );
}

#[test]
fn the_formatter_leaves_errors_alone() {
    let Err(FormatError::Syntax(found)) = format("fn main() { print(1; }\n") else { panic!("formatted") };
    assert!(
        found
            .iter()
            .all(|d| d.is_error() && d.primary.as_ref().is_some_and(|label| label.span.file == FileId(0)))
    );
}
