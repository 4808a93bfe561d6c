//! What can stand where the cursor is.

use mvm_diag::FileId;
use mvm_lang::SyntaxKind as K;
use mvm_lang::docs::{EntryKind, ModuleDocs, library};

use super::COMMANDS;
use super::session::Session;

/// Where a completion begins in a text that ends at the cursor, and what can stand there.
pub(super) fn complete(session: &Session<'_>, text: &str) -> (usize, Vec<String>) {
    let word =
        text.len() - text.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().map_or(0, str::len);
    let begun = &text[word..];
    let mut found = if text.starts_with(':') && !text.contains(' ') {
        COMMANDS.iter().map(|(name, _, _)| (*name).to_owned()).collect()
    } else if let Some(path) = import_path(&text[..word]) {
        modules_below(path)
    } else if text[..word].ends_with('.') && !text[..word].ends_with("..") {
        behind_point(session, &text[..word - 1])
    } else {
        names(session)
    };
    found.retain(|name| name.starts_with(begun));
    found.sort_unstable();
    found.dedup();
    (word, found)
}

/// What stands between `import` and the word that is typed.
fn import_path(text: &str) -> Option<&str> {
    let path = text.trim_start().strip_prefix("import ")?.trim_start();
    (!path.contains('{')).then_some(path)
}

/// The next parts of names of modules that begin so.
fn modules_below(path: &str) -> Vec<String> {
    let rest = mvm_lang::library::names().filter_map(|name| name.strip_prefix(path));
    rest.map(|rest| rest.split('.').next().unwrap_or(rest).to_owned()).collect()
}

/// What can stand behind a point that follows this text.
fn behind_point(session: &Session<'_>, text: &str) -> Vec<String> {
    let expression = expression_at_end(text);
    if let Some(module) = imported(session, expression) {
        let public = module.entries.into_iter().filter(|entry| entry.public);
        return public
            .map(|entry| match entry.kind {
                EntryKind::Function => format!("{}(", entry.name),
                _ => entry.name,
            })
            .collect();
    }
    match expression {
        "" => Vec::new(),
        expression => session.members_of(expression),
    }
}

/// The module that the session calls by this name.
fn imported(session: &Session<'_>, name: &str) -> Option<ModuleDocs> {
    let path = |import: &str| Some(import.trim().strip_prefix("import ")?.trim().to_owned());
    let mut paths = session.imports().filter_map(path);
    let path = paths.find(|path| path.rsplit('.').next() == Some(name) && !path.contains('{'))?;
    library(&path).or_else(|| session.module_docs(&path))
}

/// The expression that ends where a text does, as far as a point belongs to it: names, calls and indexes.
fn expression_at_end(text: &str) -> &str {
    let parse = mvm_lang::parse(FileId(0), text);
    let tokens: Vec<_> = parse.tree.root().all_tokens().filter(|token| token.kind() != K::Eof).collect();
    let (mut depth, mut start) = (0, text.len());
    // Behind what has been taken stands a point, so that a name can come before it.
    let mut joined = true;
    for token in tokens.into_iter().rev() {
        let kind = token.kind();
        match kind {
            K::RParen | K::RBracket | K::StrEnd => depth += 1,
            K::LParen | K::LBracket | K::StrStart => {
                depth -= 1;
                if depth < 0 {
                    break;
                }
            }
            _ if depth > 0 => {}
            K::Dot | K::QuestionDot | K::Bang => joined = true,
            K::Name | K::TypeName | K::SelfWord | K::Int | K::Float | K::RawStr if joined => joined = false,
            _ => break,
        }
        start = token.range().start;
        // A call or an index belongs to the name in front of it.
        joined |= depth == 0 && matches!(kind, K::LParen | K::LBracket);
    }
    text[start..].trim()
}

/// Names that can begin an expression or statement.
fn names(session: &Session<'_>) -> Vec<String> {
    let words = mvm_lang::WORDS.iter().map(|word| (*word).to_owned());
    let prelude = library("std.prelude").unwrap_or_default();
    let prelude = prelude.entries.into_iter().filter(|entry| entry.public).map(|entry| match entry.kind {
        EntryKind::Function => format!("{}(", entry.name),
        _ => entry.name,
    });
    let imported = session.imports().flat_map(|import| {
        let names = import.trim().trim_start_matches("import ");
        let (path, list) = names.split_once(".{").unwrap_or((names, ""));
        let alone = if list.is_empty() { path.rsplit('.').next() } else { None };
        let listed = list.trim_end_matches('}').split(',');
        let listed = listed.filter_map(|name| name.rsplit(' ').find(|part| !part.is_empty()));
        alone.into_iter().chain(listed).map(str::to_owned).collect::<Vec<_>>()
    });
    words.chain(prelude).chain(session.names().map(str::to_owned)).chain(imported).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_in_front_of_a_point_are_found() {
        for (text, expression) in [
            ("xs", "xs"),
            ("let a = xs", "xs"),
            ("f(a, b)", "f(a, b)"),
            ("1 + m[k].get(2)", "m[k].get(2)"),
            ("print(text", "text"),
            ("\"a b\"", "\"a b\""),
            ("a b", "b"),
            ("[1, 2].map(|x| x)", "[1, 2].map(|x| x)"),
            ("(1, 2)", "(1, 2)"),
        ] {
            assert_eq!(expression_at_end(text), expression, "{text}");
        }
    }
}
