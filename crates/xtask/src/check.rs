//! `cargo xtask check`: everything that can be judged without running the machine.

use crate::{codegen, host, tidy};

pub(crate) fn run(args: &[String]) -> Result<(), String> {
    if let Some(argument) = args.first() {
        return Err(format!("`check` takes no `{argument}`"));
    }
    host::run(host::cargo().args(["fmt", "--all", "--check"]))?;
    tidy::run(&[])?;
    codegen::run(&["--check".to_owned()])?;
    host::run(host::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // Module documentation is a map of private items as well: links to them have to be right, and are wanted.
    let mut doc = host::cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--quiet"]);
    host::run(doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"))
}
