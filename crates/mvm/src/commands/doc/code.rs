//! Myna as HTML, with the kinds of words told apart.

use mvm_diag::FileId;
use mvm_lang::SyntaxKind as K;

use crate::markup::escaped;

/// The class that the style has for a kind of token.
fn class(kind: K) -> Option<&'static str> {
    match kind {
        K::Comment | K::DocComment => Some("c"),
        K::StrStart | K::StrText | K::StrEnd | K::RawStr | K::Char => Some("s"),
        K::Int | K::Float => Some("n"),
        K::TypeName => Some("t"),
        kind if kind.is_word() => Some("k"),
        _ => None,
    }
}

/// A piece of text as HTML; `link` says where the name of a type leads.
pub(super) fn code(text: &str, link: &dyn Fn(&str) -> Option<String>) -> String {
    let parse = mvm_lang::parse(FileId(0), text);
    let mut out = String::new();
    for token in parse.tree.root().all_tokens() {
        let (text, kind) = (token.text(), token.kind());
        let named = matches!(kind, K::TypeName | K::Name).then(|| link(text)).flatten();
        match (class(kind), named) {
            (_, Some(href)) => {
                out.push_str(&format!("<a class=\"t\" href=\"{}\">{}</a>", escaped(&href), escaped(text)));
            }
            (Some(class), None) => out.push_str(&format!("<span class=\"{class}\">{}</span>", escaped(text))),
            (None, None) => out.push_str(&escaped(text)),
        }
    }
    out
}
