//! The registry of diagnostics: a code, and a page that explains it.
//!
//! To add one: write `errors/Exxxx.md` (title, explanation, a wrong example whose wrong line ends with
//! `; error: TEXT`, a right example) and add the code here. A test runs the examples of every page.

macro_rules! codes {
    ($($CODE:ident),* $(,)?) => {
        $( pub(crate) const $CODE: &str = stringify!($CODE); )*
        const PAGES: &[(&str, &str)] =
            &[$( (stringify!($CODE), include_str!(concat!("../errors/", stringify!($CODE), ".md"))) ),*];
    };
}

codes! {
    E0001, E0002, E0003, E0004, E0005, E0006, E0007, E0008,
    E0101, E0102, E0103, E0104, E0106, E0107, E0108,
    E0201, E0202, E0203, E0204, E0205, E0206, E0207, E0208, E0209, E0210, E0211, E0212, E0213, E0214, E0215,
    E0301, E0302, E0303, E0304, E0305, E0306, E0307, E0309, E0310, E0311, E0312, E0313, E0314, E0315, E0316,
    E0401, E0402, E0403, E0404, E0406, E0407,
    E0501, E0502, E0503, E0504, E0505, E0506, E0507, E0508, E0509,
    E0601, E0602, E0603, E0604, E0605,
    E0701, E0702, E0703, E0704, E0705, E0706, E0707,
    E0801,
    W0001, W0002, W0003, W0004,
}

/// The page that explains a code: Markdown, with examples.
pub fn explain(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|&(_, page)| page)
}

/// All codes with their pages, for the reference.
pub fn pages() -> &'static [(&'static str, &'static str)] {
    PAGES
}
