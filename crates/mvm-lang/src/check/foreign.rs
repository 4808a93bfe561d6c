//! Names that nothing has here, above all those of other languages: what to write in their place. Only for messages.

use mvm_diag::{Diagnostic, Span, suggest};

use super::{Checker, Member};
use crate::errors::{M0302, M0303, M0304};
use crate::hir::{NominalId, NominalKind};
use crate::parser::slips::small;
use crate::types::{Ty, TyKind};

/// What members of types of other languages are called here: the first of these that the type has.
fn members_called(name: &str) -> &'static [&'static str] {
    match name {
        "length" | "lenght" | "size" | "count" | "Length" | "Count" | "getLength" => &["len"],
        "append" | "push_back" | "addLast" | "add" | "Add" | "push" | "insert" => &["push", "add"],
        "extend" | "addAll" | "append_all" | "concat" | "update" | "putAll" | "AddRange" => {
            &["push_all", "add_all", "put_all", "union"]
        }
        "isEmpty" | "empty" => &["is_empty"],
        "indexOf" | "index" | "findIndex" => &["index_of", "find"],
        "lastIndexOf" | "rfind" | "rindex" => &["last_index_of", "find_last"],
        "has" | "includes" | "has_key" | "containsKey" | "contains_key" | "hasKey" | "containsValue" => {
            &["contains"]
        }
        "some" | "exists" | "anyMatch" => &["any"],
        "every" | "allMatch" => &["all"],
        "reduce" | "inject" | "foldLeft" => &["fold"],
        "items" | "entrySet" | "iteritems" => &["entries"],
        "keySet" => &["keys"],
        "getOrDefault" => &["get_or"],
        "setdefault" | "setDefault" | "computeIfAbsent" => &["get_or_put"],
        "delete" | "discard" | "del" | "erase" => &["remove"],
        "removeAt" | "delete_at" | "remove_index" => &["remove_at"],
        "sortBy" | "sort_by_key" => &["sort_by"],
        "sortWith" => &["sort_with"],
        "head" | "front" => &["first"],
        "tail" | "back" => &["last"],
        "flatMap" => &["flat_map"],
        "clone" | "dup" | "deepcopy" => &["copy"],
        "difference" | "difference_update" => &["minus"],
        "intersection" => &["intersect"],
        "toUpperCase" | "to_upper" | "uppercase" | "to_uppercase" | "ToUpper" | "upcase" => &["upper"],
        "toLowerCase" | "to_lower" | "lowercase" | "to_lowercase" | "ToLower" | "downcase" => &["lower"],
        "substring" | "substr" | "subList" => &["slice"],
        "strip" => &["trim"],
        "lstrip" | "trimStart" | "trimLeft" | "trim_left" => &["trim_start"],
        "rstrip" | "trimEnd" | "trimRight" | "trim_right" => &["trim_end"],
        "padStart" | "rjust" | "zfill" => &["pad_left"],
        "padEnd" | "ljust" => &["pad_right"],
        "replaceAll" | "gsub" => &["replace"],
        "splitlines" => &["lines"],
        "isdigit" | "isnumeric" | "is_numeric" | "isDigit" => &["is_digit"],
        "isalpha" | "is_alphabetic" | "isLetter" => &["is_letter"],
        "isspace" | "is_whitespace" | "isWhitespace" => &["is_space"],
        "startswith" => &["starts_with"],
        "endswith" => &["ends_with"],
        "capitalize" => &["capitalized"],
        "charAt" => &["char_at"],
        "charCodeAt" | "ord" => &["byte_at", "code"],
        "toInt" | "to_int" | "parse" | "to_i" | "toInteger" | "int" => &["to_int", "parse_int"],
        "toFloat" | "to_float" | "to_f" | "toDouble" | "float" => &["to_float", "parse_float"],
        "hashCode" => &["hash"],
        "getMessage" | "msg" | "what" | "description" => &["message"],
        "getCause" => &["cause"],
        _ => &[],
    }
}

/// How something is written for which other languages have a member.
fn without_member(name: &str) -> Option<&'static str> {
    Some(match name {
        "toString" | "to_string" | "to_str" | "str" | "String" => "a value as text is `\"{value}\"`",
        "toFixed" => "digits stand behind a `:`: `\"{value:.2}\"`",
        "format" => "values stand in the string: `\"{name} has {count:>5}\"`",
        "join" => "the list joins: `parts.join(\", \")`",
        "push_str" => "a `str` does not change, a `var` takes another one: `text += \"more\"`",
        "equals" | "eq" => "write `a == b`",
        "compareTo" | "cmp" | "compare" => "write `a <=> b`: negative, 0 or positive",
        "unwrap_or" | "orElse" | "getOrElse" | "or_else" => "write `value ?? other`",
        "unwrap" | "expect" => "write `value!`, which throws where it is `none`",
        "is_some" | "isPresent" | "is_present" => "write `value != none`, or `if let x = value { ... }`",
        "is_none" | "is_null" | "isNull" => "write `value == none`",
        _ => return None,
    })
}

/// What is called as a function elsewhere.
fn functions_called(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "None" | "undefined" => "the absence of a value is `none`",
        "this" => "the object of a method is `self`",
        "True" => "write `true`",
        "False" => "write `false`",
        "println" | "printf" | "echo" | "puts" | "console" | "System" | "fmt" | "cout" | "Console" => {
            "`print(x)` writes a line"
        }
        "raise" | "panic" => "an error is thrown: `throw Error(\"what\")`",
        "len" => "lengths are methods: `xs.len()`",
        "range" => "a range is written `0..n`",
        "enumerate" => "write `for (i, x) in xs.enumerate() { ... }`",
        "zip" => "write `for (x, y) in xs.zip(ys) { ... }`",
        "map" | "filter" | "sum" | "sorted" | "reversed" | "any" | "all" => {
            "lists have it as a method: `xs.sum()`, `xs.sorted()`, `xs.map(|x| x + 1)`"
        }
        "abs" => "write `n.abs()`",
        "round" => "write `x.round()`; digits of the text are `\"{x:.2}\"`",
        "max" | "min" => {
            "a list has it: `[a, b].max()` gives an optional; or `import std.math`, then `math.max(a, b)`"
        }
        "Math" => "`import std.math`, then `math.sqrt(x)`",
        "ord" => "write `'a'`, or `text.code()`",
        "chr" => "write `str.from_code(97)`",
        "type" | "typeof" | "isinstance" | "instanceof" => {
            "write `value is Circle`: it asks for a class or case"
        }
        "dict" | "HashMap" | "Dictionary" | "TreeMap" | "LinkedHashMap" => {
            "a map is `[\"a\": 1]`; an empty one needs a type: `let ages: [str: int] = [:]`"
        }
        "list" | "ArrayList" | "Vec" | "vec" | "LinkedList" | "make" => {
            "a list is `[1, 2]`; an empty one needs a type: `let xs: [int] = []`"
        }
        "set" | "HashSet" => "a set is made by `Set<int>()`, or by `[1, 2].to_set()`",
        "tuple" => "a tuple is `(1, \"a\")`",
        "parseInt" | "Integer" | "atoi" => "write `text.parse_int()`, which gives an `int?`",
        "parseFloat" | "Double" => "write `text.parse_float()`, which gives a `float?`",
        "str" | "string" | "String" => "a value as text is `\"{value}\"`",
        "int" => "`s.parse_int()` reads an int, `f.to_int()` cuts a float",
        "float" => "`n.to_float()` makes a float of an int",
        "input" | "readline" => "`import std.io`, then `io.read_line()`",
        "open" => "`import std.io` reads and writes standard input and output",
        "sys" | "os" => "`exit(1)` ends the program; `std.io` has arguments and the environment",
        "super" => "write `super.init(...)` or `super.name(...)`",
        "Some" => "a value is an optional by itself: leave out `Some`",
        "Ok" => "a function returns its result, and throws an error: there is no `Result`",
        "Err" => "write `throw Error(\"what\")`",
        _ => return None,
    })
}

/// The class of errors that does here what one does elsewhere.
fn error_class(name: &str) -> Option<&'static str> {
    Some(match name {
        "Exception" | "RuntimeException" | "BaseException" | "Throwable" | "RuntimeError" | "TypeError" => {
            "Error"
        }
        "ValueError" | "NumberFormatException" | "SyntaxError" => "ParseError",
        "IndexError" | "IndexOutOfBoundsException" | "ArrayIndexOutOfBoundsException" | "RangeError" => {
            "OutOfBounds"
        }
        "ZeroDivisionError" | "ArithmeticException" => "DivideByZero",
        "OverflowError" => "Overflow",
        "NullPointerException" | "NullReferenceException" => "NoneUnwrapped",
        "ClassCastException" => "BadCast",
        "AssertionError" => "AssertFailed",
        "IOError" | "OSError" | "IOException" | "FileNotFoundError" => "IoError",
        "TimeoutError" | "TimeoutException" => "TimedOut",
        "RecursionError" | "StackOverflowError" => "StackOverflow",
        "MemoryError" | "OutOfMemoryError" => "OutOfMemory",
        _ => return None,
    })
}

/// The type that does here what one does elsewhere.
fn types_called(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "String" | "Str" | "char" => "str",
        "Int" | "i32" | "i64" | "Integer" | "long" | "Long" | "integer" | "number" => "int",
        "Float" | "f64" | "double" | "Double" | "f32" => "float",
        "Bool" | "boolean" | "Boolean" => "bool",
        "void" | "Void" | "Unit" | "None" => "()",
        "Vec" | "Array" | "ArrayList" | "LinkedList" => "[T]",
        "dict" | "HashMap" | "Dict" | "TreeMap" | "Dictionary" => "[K: V]",
        "HashSet" => "Set<T>",
        "Option" | "Optional" | "Maybe" => "T?",
        "Callable" | "Function" | "Func" => "fn(A) -> B",
        "Comparable" | "Comparator" | "Ord" | "PartialOrd" => "Ordered",
        "Display" | "Stringer" | "ToString" | "Show" => "Printable",
        "Hash" => "Hashable",
        "Num" | "Numeric" => "Number",
        _ => return error_class(name),
    })
}

/// The module of the library that declares a name for others.
fn module_with(name: &str) -> Option<&'static str> {
    crate::library::names().find(|module| {
        let text = crate::library::text(module).unwrap_or("");
        text.lines()
            .filter_map(|line| line.strip_prefix("pub "))
            .any(|line| line.split([' ', '(', '<', ':', ',']).nth(1) == Some(name))
    })
}

impl Checker<'_> {
    /// Reports that a type has no such member.
    pub(crate) fn no_member(&mut self, ty: Ty, name: &str, span: Span) {
        let ty = self.zonk(ty);
        if ty == Ty::ERROR || self.is_full() {
            return;
        }
        let shown = self.show(ty);
        let mut diagnostic = Diagnostic::error(M0304, format!("`{shown}` has no `{name}`")).at(span, "");
        if let Some(help) = self.help_with_member(ty, name) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    fn help_with_member(&mut self, ty: Ty, name: &str) -> Option<String> {
        if let Some(inner) = self.program.types.inner(ty) {
            if self.find_seen(inner, name).is_some() {
                return Some(format!(
                    "it may be `none`: `?.{name}` goes on only with a value; `if let`, `??` and `!` take it out"
                ));
            }
            if let Some(other) = without_member(name) {
                return Some(other.to_owned());
            }
            let near = self.near_member(inner, name)?;
            return Some(format!("it may be `none`; of a value that is there, did you mean `?.{near}`?"));
        }
        if let TyKind::Fn(..) = self.kind(ty) {
            return Some("this is a function that is not called: a call has parentheses, `f()`".to_owned());
        }
        if let Some(help) = self.help_with_case(ty, name) {
            return Some(help);
        }
        if let Some(near) = self.member_called(ty, name) {
            return Some(format!("did you mean `{near}`?"));
        }
        if let Some(other) = without_member(name) {
            return Some(other.to_owned());
        }
        let has = |checker: &mut Self, name: &str| checker.find_seen(ty, name).is_some();
        let list = has(self, "insert") && has(self, "remove_at");
        match name {
            "forEach" | "for_each" | "each" if has(self, "iter") => {
                return Some("write `for x in xs { ... }`".to_owned());
            }
            "unshift" | "prepend" | "addFirst" | "push_front" if list => {
                return Some("did you mean `insert(0, x)`?".to_owned());
            }
            "shift" | "pop_front" | "removeFirst" | "popleft" if list => {
                return Some("did you mean `remove_at(0)`?".to_owned());
            }
            "get" | "at" if has(self, "get_or") => {
                return Some(
                    "write `map[key]`, which is an optional, or `map.get_or(key, other)`".to_owned(),
                );
            }
            "get" | "at" if has(self, "[]") => return Some("write `xs[i]`".to_owned()),
            "set" | "put" if has(self, "get_or") => return Some("write `map[key] = value`".to_owned()),
            "set" | "put" if has(self, "[]=") => return Some("write `xs[i] = value`".to_owned()),
            "map" | "filter" | "collect" | "to_list" if has(self, "has_next") && has(self, "next") => {
                return Some(
                    "an iterator only walks; a list has `map` and `filter` itself: leave out `.iter()`"
                        .to_owned(),
                );
            }
            "collect" | "toList" | "to_vec" if list => {
                return Some("it is a list already: leave it out".to_owned());
            }
            _ => {}
        }
        if let Some(field) = self.field_behind(ty, name) {
            return Some(format!("there are no properties: the field is read and assigned as `{field}`"));
        }
        self.near_member(ty, name).map(|near| format!("did you mean `{near}`?"))
    }

    /// The member that does what one of another language does.
    fn member_called(&mut self, ty: Ty, name: &str) -> Option<String> {
        let own_style = small(name);
        let others = members_called(name).iter().copied().chain([own_style.as_str()]);
        for other in others {
            if other != name && self.find_member(ty, other).is_some() && !self.is_hidden(ty, other) {
                return Some(self.as_written(ty, other));
            }
        }
        None
    }

    /// A member whose name is near.
    fn near_member(&mut self, ty: Ty, name: &str) -> Option<String> {
        if let Some(other) = self.member_called(ty, name) {
            return Some(other);
        }
        let mut names = self.member_names(ty);
        names.retain(|name| !self.is_hidden(ty, name));
        let near = suggest(name, names.iter().map(String::as_str))?.to_owned();
        Some(self.as_written(ty, &near))
    }

    /// A method has parentheses, a field has none.
    fn as_written(&mut self, ty: Ty, name: &str) -> String {
        match self.find_member(ty, name).map(|found| found.member) {
            Some(Member::Method(_) | Member::Static(_)) => format!("{name}()"),
            _ => name.to_owned(),
        }
    }

    /// Whether a member cannot be used here because it is private in another file.
    fn is_hidden(&mut self, ty: Ty, name: &str) -> bool {
        self.find_member(ty, name)
            .is_some_and(|found| self.is_private(&found) && !self.sees_private(found.owner))
    }

    /// `x` behind `getX`, `get_x`, `setX` and `set_x`.
    fn field_behind(&mut self, ty: Ty, name: &str) -> Option<String> {
        let own_style = small(name);
        let field = own_style.strip_prefix("get_").or_else(|| own_style.strip_prefix("set_"))?.to_owned();
        let found = self.find_member(ty, &field)?;
        matches!(found.member, Member::Field(_)).then_some(field)
    }

    /// What is asked of an enum that are its cases and what they hold.
    fn help_with_case(&mut self, ty: Ty, name: &str) -> Option<String> {
        match *self.kind(ty) {
            TyKind::Named(id, _) => self.help_with_case_of(id, name),
            _ => None,
        }
    }

    /// The same where the enum itself stands in front: `Color.Purple`.
    pub(crate) fn help_with_case_of(&self, id: NominalId, name: &str) -> Option<String> {
        let nominal = &self.program.nominals[id.index()];
        if nominal.kind != NominalKind::Enum {
            return None;
        }
        let holds = |case: &&crate::hir::Case| case.fields.iter().any(|(field, _)| &**field == name);
        if let Some(case) = nominal.cases.iter().find(holds) {
            let fields: Vec<&str> = case.fields.iter().map(|(field, _)| &**field).collect();
            let pattern = format!("{}({})", case.name, fields.join(", "));
            return Some(format!(
                "what a case holds is taken out by a pattern: `if let {pattern} = value {{ ... }}`, or by `match`"
            ));
        }
        if name.starts_with(char::is_uppercase) {
            let cases: Vec<&str> = nominal.cases.iter().map(|case| &*case.name).collect();
            return Some(match suggest(name, cases.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its cases are: {}", cases.join(", ")),
            });
        }
        None
    }

    /// Reports a private member of a class, which is not seen here.
    pub(crate) fn private_member(&mut self, class: &str, ty: Ty, name: &str, span: Span) {
        let message = format!("`{name}` of `{class}` is private: it is seen in its own file only");
        let mut diagnostic = Diagnostic::error(crate::errors::M0320, message).at(span, "");
        let near = self.member_called(ty, name);
        diagnostic = diagnostic.help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use what `{class}` offers to others, or write a method for this in its file"),
        });
        self.report(diagnostic);
    }

    /// Reports a name that nothing has.
    pub(crate) fn unknown_name(&mut self, text: &str, span: Span, called: bool) {
        if self.is_full() {
            return;
        }
        let what = if called { "function" } else { "name" };
        let diagnostic = Diagnostic::error(M0302, format!("there is no {what} `{text}` here")).at(span, "");
        let help = self.help_with_name(text);
        self.report(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }

    fn help_with_name(&mut self, text: &str) -> Option<String> {
        if let Some(help) = functions_called(text) {
            return Some(help.to_owned());
        }
        if let Some(class) = error_class(text) {
            return Some(format!("did you mean `{class}`?"));
        }
        let mut names: Vec<String> = self.body.names.names().map(str::to_owned).collect();
        if let Some(owner) = self.owner {
            let ty = self.self_type(owner);
            names.extend(self.member_names(ty));
        }
        let scopes = [&self.scopes[self.module.index()], &self.scopes[0]];
        names.extend(scopes.iter().flat_map(|scope| scope.keys().map(|name| (*name).to_owned())));
        if let Some(module) = crate::library::names().find(|name| name.strip_prefix("std.") == Some(text)) {
            return Some(format!("add `import {module}` at the top of the file"));
        }
        // `math.e` is no help for somebody who has not named an error.
        if let Some(module) = module_with(text).filter(|_| text.len() > 2) {
            return Some(format!("add `import {module}.{{{text}}}` at the top of the file"));
        }
        suggest(text, names.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"))
    }

    /// Reports the name of a type that nothing has.
    pub(crate) fn unknown_type(&mut self, name: crate::tree::Token<'_>) {
        if self.is_full() {
            return;
        }
        let span = self.span_token(name);
        let text = name.text();
        let diagnostic = Diagnostic::error(M0303, format!("there is no type `{text}`")).at(span, "");
        let types = self.scopes[self.module.index()]
            .iter()
            .chain(&self.scopes[0])
            .filter(|(_, entry)| matches!(entry.item, super::Item::Nominal(_) | super::Item::Alias(_)))
            .map(|(name, _)| *name)
            .chain(self.generics.iter().map(|(name, _)| *name))
            .chain(["int", "float", "bool", "str", "bytes"]);
        let help = if let Some(other) = types_called(text) {
            format!("did you mean `{other}`?")
        } else if matches!(text, "Object" | "object" | "Any" | "any" | "AnyObject") {
            "no type takes everything: name an interface, or a type parameter `<T>`".to_owned()
        } else if text == "KeyError" || text == "Result" {
            "a key or a result that is not there is `none`: `map[key]` is an optional".to_owned()
        } else if let Some(module) = module_with(text) {
            format!("add `import {module}.{{{text}}}` at the top of the file")
        } else if let Some(near) = suggest(text, types) {
            format!("did you mean `{near}`?")
        } else {
            "a type of another file needs an `import`".to_owned()
        };
        self.report(diagnostic.help(help));
    }
}
