//! The words that the assembler itself knows, as fixed symbols.

use crate::intern::{Interner, Sym};

macro_rules! keywords {
    ($($NAME:ident = $text:literal),* $(,)?) => {
        keywords!(@number 0u32; $($NAME)*);
        pub(crate) const ALL: &[&str] = &[$($text),*];
    };
    (@number $n:expr; $NAME:ident $($rest:ident)*) => {
        pub(crate) const $NAME: Sym = Sym($n);
        keywords!(@number $n + 1; $($rest)*);
    };
    (@number $n:expr;) => {};
}

keywords! {
    FUNC = "func", CONST = "const", DATA = "data", INCLUDE = "include", IMPORT = "import", EXPORT = "export",
    CLASS = "class", INTERFACE = "interface", FROZEN = "frozen", FIELD = "field", METHOD = "method",
    ABSTRACT = "abstract", MACRO = "macro", MODULE = "module", FILE = "file", LOC = "loc", VAR = "var",
    END_VAR = "endvar", INLINE = "inline", LOCAL = "local", HANDLER = "handler", LITERAL = "literal", TYPE = "type", SELECTOR = "selector", IF = "if",
    ELSE = "else", FOR = "for", IN = "in", AS = "as", REPEAT = "repeat", ERROR = "error", FN = "fn", NULL = "null",
    TRUE = "true", FALSE = "false", INF = "inf", NAN = "nan", MAIN = "main", TYPES = "types",
    I64 = "i64", F64 = "f64", STR = "str", BYTES = "bytes", BLOCK = "block", ANY = "any", I8 = "i8", U8 = "u8",
    I16 = "i16", U16 = "u16", I32 = "i32", U32 = "u32", F32 = "f32",
}

/// Enters all keywords, so that they have their numbers. The table must be empty.
pub(crate) fn preload(names: &mut Interner) {
    for text in ALL {
        names.intern(text.as_bytes());
    }
}

/// Whether this name is a literal, so that nothing else can be named so.
pub(crate) const fn is_literal(sym: Sym) -> bool {
    matches!(sym, NULL | TRUE | FALSE | INF | NAN)
}
