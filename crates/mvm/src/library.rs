//! The standard library: modules that are part of the program.
//!
//! The texts are the files of `lib/`. To add one, write the file and add its name here; a test compares the two.

macro_rules! modules {
    ($($name:literal),* $(,)?) => {
        /// Name and text of each module.
        const MODULES: &[(&str, &str)] =
            &[$( ($name, include_str!(concat!("../../../lib/", $name, ".masm"))) ),*];
    };
}

modules![
    "io",
    "list",
    "map",
    "pool",
    "process",
    "process_constants",
    "pubsub",
    "sort",
    "strbuf",
    "supervisor",
    "text"
];

/// The text of a module.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    if name == mvm_asm::CORE.name {
        return Some(mvm_asm::CORE.text);
    }
    MODULES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Names of all modules.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}

/// How messages call the text of a module.
pub(crate) fn source_name(module: &str) -> String {
    format!("<lib>/{module}.masm")
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_of_the_library_is_in() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lib");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .filter_map(|entry| {
                entry.unwrap().file_name().to_str()?.strip_suffix(".masm").map(str::to_string)
            })
            .collect();
        files.sort_unstable();
        assert_eq!(super::names().collect::<Vec<_>>(), files);
    }
}
