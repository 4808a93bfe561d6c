//! The standard library: modules that are part of the program.

/// Name and text of each module.
const MODULES: &[(&str, &str)] = &[
    ("io", include_str!("../../../lib/io.masm")),
    ("list", include_str!("../../../lib/list.masm")),
    ("map", include_str!("../../../lib/map.masm")),
    ("sort", include_str!("../../../lib/sort.masm")),
    ("strbuf", include_str!("../../../lib/strbuf.masm")),
    ("text", include_str!("../../../lib/text.masm")),
];

/// The text of a module.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of all modules.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}
