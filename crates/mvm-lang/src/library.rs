//! The library of the language, which is part of the compiler.

macro_rules! library {
    ($($name:ident),* $(,)?) => {
        const MODULES: &[(&str, &str)] = &[$(
            (concat!("std.", stringify!($name)), include_str!(concat!("../../../lib/std/", stringify!($name), ".myna"))),
        )*];
    };
}

library! { prelude, cli, collections, encoding, hash, io, json, math, process, random, regex, test, text, time }

/// The text of a module of the library: `std.json`.
pub fn text(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|&(_, text)| text)
}

/// Names of the modules that programs import.
pub fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|&(name, _)| name).filter(|name| *name != "std.prelude")
}

/// Whether this is the text of a module of the library.
pub fn is_part(text: &str) -> bool {
    MODULES.iter().any(|&(_, known)| known == text)
}

/// Errors of the machine that the library calls by another name: the library's, then the machine's.
const RENAMED: [(&str, &str); 2] = [("Overflow", "IntegerOverflow"), ("NoneUnwrapped", "NullReference")];

/// What the machine calls an error of the library: `IntegerOverflow` for `Overflow`.
pub fn machine_name(of_library: &str) -> &str {
    RENAMED.iter().find(|names| names.0 == of_library).map_or(of_library, |names| names.1)
}

/// What the library calls an error of the machine: `Overflow` for `IntegerOverflow`.
pub fn library_name(of_machine: &str) -> &str {
    RENAMED.iter().find(|names| names.1 == of_machine).map_or(of_machine, |names| names.0)
}
