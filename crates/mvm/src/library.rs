//! The standard library: modules that are part of the program.

/// Name and text of each module.
const MODULES: &[(&str, &str)] = &[];

/// The text of a module.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of all modules.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}
