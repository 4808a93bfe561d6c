//! The registry of diagnostics: a code, and a page that explains it.
//!
//! To add one: write `errors/Mxxxx.md` (title, explanation, a wrong example whose wrong line ends with
//! `// error: TEXT`, a right example) and add the code here. A test parses the examples of every page.

macro_rules! codes {
    ($($CODE:ident),* $(,)?) => {
        $( pub(crate) const $CODE: &str = stringify!($CODE); )*
        const PAGES: &[(&str, &str)] =
            &[$( (stringify!($CODE), include_str!(concat!("../errors/", stringify!($CODE), ".md"))) ),*];
    };
}

codes! {
    M0001, M0002, M0003, M0004, M0005, M0006, M0007, M0008, M0009, M0010,
    M0101, M0102, M0103, M0104, M0105, M0106, M0107, M0108, M0109, M0110, M0111, M0112, M0113, M0114, M0115, M0116, M0117,
    M0118, M0119, M0120, M0121, M0122, M0123, M0124, M0125,
    M0201, M0202, M0203, M0204, M0205, M0206, M0207, M0208, M0209, M0210, M0211, M0212, M0213, M0214, M0215, M0216, M0217,
    M0218, M0219, M0220, M0221, M0222, M0223, M0225, M0226, M0227, M0228, M0229, M0230, M0231, M0232, M0233, M0234, M0236,
    M0237, M0238, M0239,
    M0301, M0302, M0303, M0304, M0305, M0306, M0307, M0308, M0309, M0310, M0311, M0312,
    M0313, M0314, M0315, M0316, M0317, M0318, M0319, M0320, M0321, M0322, M0323, M0324,
    M0325, M0326, M0327, M0328, M0329, M0330, M0331, M0332, M0333, M0334, M0335, M0336,
    M0401,
}

/// The page that explains a code: Markdown, with examples.
pub fn explain(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)).map(|&(_, page)| page)
}

/// All codes with their pages, for the reference.
pub fn pages() -> &'static [(&'static str, &'static str)] {
    PAGES
}
