//! Which declarations a program has: files and their includes, macros expanded where they stand outside functions.
//!
//! Nothing is resolved here. A first look at each file finds its macros, constants and includes, because they may be
//! used above their declaration; the second walk makes the list of [`Item`]s in text order.

use std::rc::Rc;

use mvm_diag::FileId;

use crate::asm::{Asm, Const, ConstState, Global};
use crate::cursor::{Cursor, Parse, Reported};
use crate::data::continues_data;
use crate::errors::{E0008, E0102, E0103, E0104, E0107, E0605, E0707};
use crate::habits::declaration;
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::macros::{self, At};
use crate::report::{ExpansionId, Place};
use crate::tokens::{NO_BRACE, Token, tokenize};

/// What kind of declaration an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Func,
    Class,
    Interface,
    Data,
    Import,
    ImportClass,
    ImportInterface,
    /// `export name`.
    Export,
    /// `.type T`: gives a type the next number.
    Type,
    /// `.selector Interface.method`: gives a method the next number.
    Selector,
    /// `.literal NAME: TYPE = ...`: data that is a literal of its own even if it is a string or a function.
    Literal,
}

/// A declaration outside functions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    pub(crate) stream: u32,
    /// Token behind the keywords.
    pub(crate) at: u32,
    pub(crate) expansion: ExpansionId,
    pub(crate) exported: bool,
    pub(crate) frozen: bool,
    /// Source file of another language that the code comes from.
    pub(crate) source: Source,
}

/// What debug positions refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The assembly text.
    Assembly,
    /// An entry of [`mvm_module::Module::sources`], with `.loc` lines.
    Other(u16),
    /// Nothing: `.file` without a name.
    Nothing,
}

/// A file that has been read.
#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub(crate) name: String,
    pub(crate) stream: u32,
    /// Whether its items have been collected.
    pub(crate) walked: bool,
}

/// The list of items while it grows.
pub(crate) struct Collector<'a, 'l> {
    pub(crate) asm: &'a mut Asm<'l>,
    pub(crate) items: Vec<Item>,
    pub(crate) files: Vec<Loaded>,
    next_base: u64,
    source: Source,
    /// The name on a `module` line.
    pub(crate) module_name: Option<Sym>,
}

/// How deep includes may be nested.
const INCLUDE_DEPTH_MAX: u32 = 64;
/// Entries of the list of source files.
const SOURCES_MAX: usize = 65_000;

impl<'a, 'l> Collector<'a, 'l> {
    pub(crate) fn new(asm: &'a mut Asm<'l>) -> Collector<'a, 'l> {
        Collector {
            asm,
            items: Vec::new(),
            files: Vec::new(),
            next_base: 0,
            source: Source::Assembly,
            module_name: None,
        }
    }

    /// Collects the main file and everything it includes.
    pub(crate) fn run(&mut self, file: FileId) {
        self.asm.main_file = file;
        let name = self.asm.map.name(file).to_owned();
        if let Ok(stream) = self.add_file(file, name, Place::default(), 0) {
            self.walk_file(stream);
        }
    }

    /// Tokens of a file, after a first look at it.
    fn add_file(&mut self, file: FileId, name: String, at: Place, depth: u32) -> Parse<u32> {
        let text = self.asm.map.shared_text(file);
        let Some(base) = self.asm.report.add_file(file, self.next_base, text.len()) else {
            return Err(self.asm.limit(at, "all source text together is larger than 4 GiB"));
        };
        self.next_base = u64::from(base) + text.len() as u64 + 1;
        let tokens = tokenize(&text, base, &mut self.asm.lex, &mut self.asm.report);
        let stream = self.asm.streams.len() as u32;
        self.asm.streams.push(Rc::new(tokens));
        self.files.push(Loaded { name, stream, walked: false });
        self.scan(stream, depth);
        Ok(stream)
    }

    /// Finds macros, constants and includes at the outermost level of a file.
    fn scan(&mut self, stream: u32, depth: u32) {
        let tokens = Rc::clone(&self.asm.streams[stream as usize]);
        let mut c = Cursor::new(&tokens, 0);
        while c.kind() != Kind::Eof {
            let token = c.peek();
            if token.kind == Kind::Ident {
                c.bump();
                let _ = match token.sym() {
                    kw::MACRO => self.asm.declare_macro(stream, &mut c),
                    kw::CONST => self.declare_const(stream, &mut c),
                    kw::INCLUDE => self.load_include(&mut c, depth).map(|_| ()),
                    _ => Ok(()),
                };
            }
            c.skip_statement();
            c.bump();
        }
    }

    /// `const NAME = ...`; the value is computed later.
    fn declare_const(&mut self, stream: u32, c: &mut Cursor<'_>) -> Parse<()> {
        let (name, place) = self.asm.expect_path(c, "the name of a constant")?;
        self.asm.check_name(name, place)?;
        self.asm.expect(c, Kind::Equals, "`=`")?;
        let index = self.asm.consts.len() as u32;
        self.asm.declare(name, place, Global::Const(index))?;
        self.asm.consts.push(Const {
            name,
            place,
            expansion: self.asm.report.expansion,
            stream,
            at: c.index() as u32,
            value: ConstState::New,
            used: false,
        });
        Ok(())
    }

    /// Reads the file of an `include` line once; gives its stream.
    fn load_include(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<u32> {
        let token = self.asm.expect(c, Kind::Str, "the name of a file in quotes")?;
        let place = token.place();
        if depth >= INCLUDE_DEPTH_MAX {
            let message = format!("files include each other more than {INCLUDE_DEPTH_MAX} deep");
            return Err(self.asm.error(E0707, place, message));
        }
        let path = self.asm.text(token.sym()).to_owned();
        let from = self.asm.span(place).file;
        let from_name = self.asm.map.name(from).to_owned();
        let loaded = match self.asm.loader.load(&from_name, &path) {
            Ok(loaded) => loaded,
            Err(reason) => {
                return Err(self.asm.error(E0707, place, format!("cannot include `{path}`: {reason}")));
            }
        };
        if let Some(known) = self.files.iter().find(|f| f.name == loaded.name) {
            return Ok(known.stream);
        }
        let text = match String::from_utf8(loaded.bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                return Err(self.asm.error(
                    E0008,
                    place,
                    format!("`{path}` is not UTF-8 text: byte {at} is wrong"),
                ));
            }
        };
        let file = self.asm.map.add(loaded.name.clone(), text);
        self.add_file(file, loaded.name, place, depth + 1)
    }

    fn walk_file(&mut self, stream: u32) {
        let Some(file) = self.files.iter_mut().find(|f| f.stream == stream) else { return };
        if file.walked {
            return;
        }
        file.walked = true;
        let tokens = Rc::clone(&self.asm.streams[stream as usize]);
        let source = std::mem::replace(&mut self.source, Source::Assembly);
        self.walk(&mut Cursor::new(&tokens, 0), At { stream, depth: 0 }, true);
        self.source = source;
    }

    /// Makes items of declarations up to the end of the list or an unmatched right brace. `scanned` says whether
    /// macros, constants and includes have been entered by the first look.
    pub(crate) fn walk(&mut self, c: &mut Cursor<'_>, at: At, scanned: bool) {
        loop {
            c.skip_newlines();
            match c.kind() {
                Kind::Eof => return,
                Kind::RightBrace if scanned => {
                    self.asm.error(E0107, c.peek().place(), "`}` without its `{`");
                    c.bump();
                    continue;
                }
                Kind::RightBrace => return,
                _ => {}
            }
            if self.asm.report.is_full() {
                return;
            }
            let before = c.index();
            let done = self.declaration(c, at, scanned);
            // Behind a body that never ends the next declaration stands here.
            if done
                .and_then(|()| if starts_declaration(c) { Ok(()) } else { self.asm.expect_end(c) })
                .is_err()
            {
                c.skip_statement();
            }
            if c.index() == before {
                c.bump();
            }
        }
    }

    fn declaration(&mut self, c: &mut Cursor<'_>, at: At, scanned: bool) -> Parse<()> {
        let token = c.peek();
        match token.kind {
            Kind::Ident => {}
            Kind::Dot if c.ahead(1).kind == Kind::Ident => return self.directive(at.stream, c),
            Kind::Percent if c.ahead(1).kind == Kind::Ident => return macros::directive(self, c, at),
            _ => return Err(self.asm.expected(token, "a declaration")),
        }
        let (mut exported, mut frozen) = (false, false);
        loop {
            let word = c.peek();
            let next = c.ahead(1);
            match word.sym() {
                kw::EXPORT if next.kind == Kind::Ident && is_declared(next.sym()) => exported = true,
                kw::FROZEN => frozen = true,
                _ => break,
            }
            c.bump();
            if c.kind() != Kind::Ident {
                return Err(self.asm.expected(c.peek(), "`func` or `class`"));
            }
        }
        let word = c.bump();
        let kind = match word.sym() {
            kw::FUNC => ItemKind::Func,
            kw::CLASS => ItemKind::Class,
            kw::INTERFACE => ItemKind::Interface,
            kw::DATA => ItemKind::Data,
            kw::EXPORT => ItemKind::Export,
            kw::IMPORT if c.kind() == Kind::Ident && c.peek().sym() == kw::CLASS => ItemKind::ImportClass,
            kw::IMPORT if c.kind() == Kind::Ident && c.peek().sym() == kw::INTERFACE => {
                ItemKind::ImportInterface
            }
            kw::IMPORT if c.kind() == Kind::Ident && c.peek().sym() == kw::FROZEN => {
                frozen = true;
                c.bump();
                ItemKind::ImportClass
            }
            kw::IMPORT => ItemKind::Import,
            _ => return self.other_line(c, word, at, scanned),
        };
        if frozen && !matches!(kind, ItemKind::Class | ItemKind::ImportClass) {
            return Err(self.asm.error(E0605, word.place(), "only classes can be frozen"));
        }
        if matches!(kind, ItemKind::ImportClass | ItemKind::ImportInterface) {
            c.bump();
        }
        self.items.push(Item {
            kind,
            stream: at.stream,
            at: c.index() as u32,
            expansion: self.asm.report.expansion,
            exported,
            frozen,
            source: self.source,
        });
        self.skip_item(c, kind);
        Ok(())
    }

    /// Moves behind an item. A body that never ends is taken to end where the next declaration begins a line.
    fn skip_item(&mut self, c: &mut Cursor<'_>, kind: ItemKind) {
        loop {
            let token = c.peek();
            if token.ends_statement() {
                if kind == ItemKind::Data && continues_data(c) {
                    c.bump();
                    continue;
                }
                return;
            }
            c.bump();
            if token.kind != Kind::LeftBrace {
                continue;
            }
            if token.value != NO_BRACE {
                c.jump(token.value as usize);
                c.bump();
                continue;
            }
            while !starts_declaration(c) && c.kind() != Kind::Eof {
                c.bump();
            }
            return;
        }
    }

    /// Lines that are not items: `const`, `macro`, `include`, `module`, uses of macros, and mistakes.
    fn other_line(&mut self, c: &mut Cursor<'_>, word: Token, at: At, scanned: bool) -> Parse<()> {
        match word.sym() {
            kw::CONST if scanned => {
                c.skip_statement();
                Ok(())
            }
            kw::CONST => {
                self.declare_const(at.stream, c)?;
                c.skip_statement();
                Ok(())
            }
            kw::MACRO if scanned => {
                c.skip_statement();
                Ok(())
            }
            kw::MACRO => Err(self.asm.error_help(
                E0102,
                word.place(),
                "a macro is declared inside a block",
                "declare it outside all braces",
            )),
            kw::INCLUDE => {
                // The first look has reported what is wrong with it.
                let errors = self.asm.report.error_count();
                let stream = self.load_include(c, 0);
                match stream {
                    Ok(stream) => self.walk_file(stream),
                    Err(Reported) if scanned => self.asm.report.forget_after(errors),
                    Err(Reported) => {}
                }
                Ok(())
            }
            kw::MODULE => {
                let (name, place) = self.asm.expect_path(c, "the name of the module")?;
                if self.module_name.replace(name).is_some() {
                    self.asm.error(E0102, place, "the module has a name already");
                }
                Ok(())
            }
            _ if self.asm.macro_named(word.sym()).is_some() => macros::use_macro(self, c, word, at),
            _ => Err(self.misplaced(c, word)),
        }
    }

    fn misplaced(&mut self, c: &mut Cursor<'_>, word: Token) -> Reported {
        let name = self.asm.text(word.sym()).to_owned();
        let next = c.peek();
        if self.asm.verb(word.sym()).is_some() || next.kind == Kind::Colon {
            let help = "instructions and labels stand between `func name() {` and `}`";
            let message = format!("`{name}` stands outside of a function");
            return self.asm.error_help(E0103, word.place(), message, help);
        }
        let words =
            ["func", "const", "data", "include", "import", "export", "class", "interface", "frozen", "macro"];
        let macros = self.asm.macros.iter().map(|m| self.asm.text(m.name));
        let near = self.asm.suggest(&name, words.into_iter().chain(macros));
        match declaration(&name) {
            Some(help) => {
                let message = format!("there is no declaration or macro `{name}`");
                self.asm.error_help(E0102, word.place(), message, help)
            }
            None => self.asm.unknown(E0102, word.place(), "there is no declaration or macro", &name, near),
        }
    }

    /// `.file`, `.type`, `.selector`, `.literal`.
    fn directive(&mut self, stream: u32, c: &mut Cursor<'_>) -> Parse<()> {
        c.bump();
        let word = c.bump();
        let kind = match word.sym() {
            kw::FILE => {
                self.source = self.asm.source_line(c)?;
                return Ok(());
            }
            kw::TYPE => ItemKind::Type,
            kw::SELECTOR => ItemKind::Selector,
            kw::LITERAL => ItemKind::Literal,
            kw::LOC | kw::VAR | kw::END_VAR | kw::LOCAL | kw::HANDLER | kw::INLINE | kw::IN => {
                let message = format!("`.{}` stands outside of a function", self.asm.text(word.sym()));
                return Err(self.asm.error(E0103, word.place(), message));
            }
            _ => return Err(self.asm.unknown_directive(word, &[".file", ".type", ".selector", ".literal"])),
        };
        let (at, expansion) = (c.index() as u32, self.asm.report.expansion);
        self.items.push(Item {
            kind,
            stream,
            at,
            expansion,
            exported: false,
            frozen: false,
            source: self.source,
        });
        c.skip_statement();
        Ok(())
    }
}

impl Asm<'_> {
    /// `.file "prog.lang"`, or `.file` alone: positions below are those of `.loc` lines, or none.
    pub(crate) fn source_line(&mut self, c: &mut Cursor<'_>) -> Parse<Source> {
        self.generated = true;
        if c.kind() != Kind::Str {
            return Ok(Source::Nothing);
        }
        let token = c.bump();
        Ok(Source::Other(self.source_index(token.sym(), token.place())?))
    }

    /// The entry of the list of source files with this name.
    pub(crate) fn source_index(&mut self, name: Sym, place: Place) -> Parse<u16> {
        if let Some(&known) = self.source_numbers.get(&name) {
            return Ok(known);
        }
        let index = self.module.sources.len();
        if index >= SOURCES_MAX {
            return Err(self.limit(place, format!("more than {SOURCES_MAX} source files")));
        }
        self.module.sources.push(self.name(name));
        self.source_numbers.insert(name, index as u16);
        Ok(index as u16)
    }

    /// Names that mean literals cannot be declared.
    pub(crate) fn check_name(&mut self, sym: Sym, place: Place) -> Parse<()> {
        if kw::is_literal(sym) {
            let message = format!("`{}` is a literal and cannot be a name", self.text(sym));
            return Err(self.error(E0605, place, message));
        }
        Ok(())
    }

    /// Reports a function inside a function: the brace before it is missing.
    pub(crate) fn misplaced_declaration(&mut self, word: Token) -> Reported {
        let message = format!("`{}` stands inside a function", self.text(word.sym()));
        self.error_help(E0104, word.place(), message, "close the function before with `}`")
    }
}

/// Words that begin a line outside functions.
pub(crate) fn is_keyword(sym: Sym) -> bool {
    is_declared(sym)
        || matches!(
            sym,
            kw::CONST | kw::DATA | kw::INCLUDE | kw::IMPORT | kw::EXPORT | kw::MACRO | kw::MODULE
        )
}

/// Words that begin a declaration that can be exported.
fn is_declared(sym: Sym) -> bool {
    matches!(sym, kw::FUNC | kw::CLASS | kw::INTERFACE | kw::FROZEN)
}

/// Whether a line begins here with the keyword of a declaration.
pub(crate) fn starts_declaration(c: &Cursor<'_>) -> bool {
    let words = [kw::FUNC, kw::CLASS, kw::INTERFACE, kw::DATA, kw::MACRO, kw::CONST, kw::IMPORT, kw::EXPORT];
    let token = c.peek();
    let line_start = c.index() == 0 || c.previous().kind == Kind::Newline;
    line_start && token.kind == Kind::Ident && words.contains(&token.sym()) && c.ahead(1).is_name()
}
