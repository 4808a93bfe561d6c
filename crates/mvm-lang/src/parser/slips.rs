//! Tables of words that other languages have, and what they are called here. Only for messages.

/// The type that a word of another language means.
pub(super) fn type_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "string" | "text" => "str",
        "boolean" => "bool",
        "integer" | "long" | "short" | "i64" | "i32" | "u32" | "u64" | "usize" | "number" | "byte"
        | "uint" => "int",
        "double" | "real" | "f64" | "f32" | "decimal" => "float",
        "char" => "int",
        "void" | "unit" => "()",
        "list" | "array" | "vec" => "[int]",
        "dict" | "map" => "[str: int]",
        "set" => "Set<int>",
        _ => return None,
    })
}

/// Whether a word is the name of a type here or elsewhere.
pub(super) fn is_type_word(word: &str) -> bool {
    matches!(word, "int" | "float" | "bool" | "str" | "bytes")
        || type_of(word).is_some() && word != "text" && word != "list"
}

/// Whether a word begins statements in other languages and nothing here.
pub(super) fn is_foreign_word(word: &str) -> bool {
    matches!(
        word,
        "const"
            | "val"
            | "final"
            | "switch"
            | "case"
            | "elif"
            | "elsif"
            | "elseif"
            | "foreach"
            | "until"
            | "unless"
            | "raise"
            | "except"
            | "finally"
            | "do"
            | "then"
            | "begin"
            | "end"
            | "def"
            | "function"
            | "func"
            | "fun"
            | "lambda"
            | "new"
            | "pass"
            | "await"
            | "async"
            | "yield"
            | "goto"
            | "public"
            | "protected"
            | "auto"
    )
}

/// One of several things that have names.
pub(super) fn one_of(many: &str) -> &str {
    match many {
        "functions" => "a function",
        "variables" => "a variable",
        "parameters" => "a parameter",
        "constants" => "a constant",
        "fields" => "a field",
        "classes" => "a class",
        "interfaces" => "an interface",
        "enums" => "an enum",
        "cases" => "a case",
        "types" => "a type",
        "type parameters" => "a type parameter",
        other => other,
    }
}

/// A name with a capital letter in front, words joined: `bank_account` gives `BankAccount`.
pub(super) fn capitalised(name: &str) -> String {
    let mut out = String::new();
    let mut start = true;
    for c in name.chars() {
        match c {
            '_' => start = true,
            c if start => {
                out.extend(c.to_uppercase());
                start = false;
            }
            c => out.push(c),
        }
    }
    if out.is_empty() { "Name".into() } else { out }
}

/// A name with small letters and `_`: `readLine` and `ReadLine` give `read_line`, `MAX_SIZE` gives `max_size`.
pub(crate) fn small(name: &str) -> String {
    let mut out = String::new();
    let mut before_small = false;
    for c in name.chars() {
        if c.is_uppercase() && before_small {
            out.push('_');
        }
        before_small = c.is_lowercase() || c.is_numeric();
        out.extend(c.to_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{capitalised, small};

    #[test]
    fn names_change_their_style() {
        assert_eq!(capitalised("bank_account"), "BankAccount");
        assert_eq!(capitalised("_"), "Name");
        assert_eq!(small("ReadLine"), "read_line");
        assert_eq!(small("MAX_SIZE"), "max_size");
    }
}
