//! From items to declarations: types, functions, imports, data, exports.

use std::collections::BTreeSet;
use std::rc::Rc;

use mvm_isa::TypeId;
use mvm_module::{Export, ExportItem, FuncId, Import, Signature, limits};

use crate::asm::{Asm, FuncDecl, Global, POISON};
use crate::collect::{Item, ItemKind};
use crate::cursor::{Cursor, Parse};
use crate::errors::{E0603, E0604};
use crate::keywords as kw;
use crate::lexer::Kind;

impl Asm<'_> {
    /// Everything that bodies refer to.
    pub(crate) fn declare_all(&mut self, items: &[Item]) {
        // Functions have their numbers before members of classes name them.
        let imports = items.iter().filter(|item| item.kind == ItemKind::Import).count();
        self.number_functions(items, imports);
        let places = self.declare_types(items);
        self.declare_imports(items);
        self.declare_signatures();
        self.build_classes(&places);
        self.declare_selectors(items);
        let data = self.declare_data(items);
        self.define_data(&data);
        self.declare_exports(items);
    }

    /// Calls `each` for every item of one kind with a cursor behind its keywords. An item with an error is left out.
    pub(crate) fn for_items(
        &mut self,
        items: &[Item],
        wanted: fn(ItemKind) -> bool,
        mut each: impl FnMut(&mut Self, &mut Cursor<'_>, &Item) -> Parse<()>,
    ) {
        for item in items.iter().filter(|item| wanted(item.kind)) {
            if self.report.is_full() {
                return;
            }
            let tokens = Rc::clone(&self.streams[item.stream as usize]);
            self.report.expansion = item.expansion;
            // What is wrong has been reported.
            let _ = each(self, &mut Cursor::new(&tokens, item.at as usize), item);
        }
        self.report.expansion = crate::report::ExpansionId::default();
    }

    /// Gives imports and functions their numbers.
    fn number_functions(&mut self, items: &[Item], imports: usize) {
        let mut next = 0;
        self.for_items(
            items,
            |kind| kind == ItemKind::Import,
            |asm, c, _| {
                let (module, name, place) = asm.expect_member(c)?;
                let full = asm.join_path(module, name);
                let id = FuncId(next);
                next += 1;
                asm.declare(full, place, Global::Func(id))
            },
        );
        self.for_items(
            items,
            |kind| kind == ItemKind::Func,
            |asm, c, item| {
                let (name, place) = asm.expect_path(c, "the name of a function")?;
                asm.check_name(name, place)?;
                let id = imports + asm.functions.len();
                if id >= asm.limits.functions {
                    let message = format!("a module has at most {} functions", asm.limits.functions);
                    return Err(asm.limit(place, message));
                }
                // A second function of the same name is still looked at.
                let _ = asm.declare(name, place, Global::Func(FuncId(id as u32)));
                let item = Item { at: c.index() as u32, ..*item };
                asm.functions.push(FuncDecl { name, place, item, params: Vec::new(), body: 0 });
                Ok(())
            },
        );
    }

    /// `import module.name(A, B) -> C`.
    fn declare_imports(&mut self, items: &[Item]) {
        self.for_items(
            items,
            |kind| kind == ItemKind::Import,
            |asm, c, _| {
                let (module, name, _) = asm.expect_member(c)?;
                let signature = asm.parse_signature(c, 0).unwrap_or_default();
                let (module, name) = (asm.name(module), asm.name(name));
                asm.module.imports.push(Import { module, name, signature: signature.clone() });
                asm.signatures.push(Rc::new(signature));
                asm.expect_end(c)
            },
        );
    }

    /// Types of all functions.
    pub(crate) fn declare_signatures(&mut self) {
        let mut functions = std::mem::take(&mut self.functions);
        for decl in &mut functions {
            let tokens = Rc::clone(&self.streams[decl.item.stream as usize]);
            self.report.expansion = decl.item.expansion;
            let mut c = Cursor::new(&tokens, decl.item.at as usize);
            let signature = self.function_header(&mut c, decl).unwrap_or_default();
            if decl.name == kw::MAIN {
                self.check_main(decl, &signature);
            }
            self.signatures.push(Rc::new(signature));
        }
        self.report.expansion = crate::report::ExpansionId::default();
        self.functions = functions;
    }

    /// `(n: i64) -> i64 {`.
    fn function_header(&mut self, c: &mut Cursor<'_>, decl: &mut FuncDecl) -> Parse<Signature> {
        // Where the header is wrong the body is still looked at.
        let mut find_body = c.clone();
        while !find_body.peek().ends_statement() && find_body.kind() != Kind::LeftBrace {
            find_body.bump();
        }
        decl.body = find_body.index() as u32;
        self.expect(c, Kind::LeftParen, "`(` and the parameters")?;
        let mut params = Vec::new();
        while c.kind() != Kind::RightParen {
            let (name, place) = self.expect_name(c, "the name of a parameter")?;
            self.expect(c, Kind::Colon, "`:` and a type")?;
            let ty = self.parse_type(c).unwrap_or(POISON);
            decl.params.push((name, place));
            params.push(ty);
            if ty == POISON {
                while !matches!(c.kind(), Kind::Comma | Kind::RightParen) && !c.peek().ends_statement() {
                    c.bump();
                }
            }
            if c.kind() != Kind::RightParen {
                self.expect(c, Kind::Comma, "`,` or `)`")?;
            }
        }
        c.bump();
        let results = self.parse_results(c, 0)?;
        if params.len() > limits::PARAMS_MAX || results.len() > limits::RESULTS_MAX {
            self.too_many(decl.place);
        }
        self.expect(c, Kind::LeftBrace, "`{` and the body")?;
        Ok(Signature { params, results })
    }

    fn check_main(&mut self, decl: &FuncDecl, signature: &Signature) {
        let params = matches!(signature.params.as_slice(), [] | [TypeId::ARRAY_STR]);
        let results = matches!(signature.results.as_slice(), [] | [TypeId::I64]);
        let known = !signature.params.iter().chain(&signature.results).any(|&ty| ty == POISON);
        if known && (!params || !results) {
            let help = "write `func main()`, `func main(args: [str])`, and `-> i64` for an exit status";
            self.error_help(E0603, decl.place, "`main` has other types than a program's start", help);
        }
        if let Global::Func(func) = self.global(decl.name) {
            self.module.main = Some(func);
        }
    }

    /// `export name` and `export func ...`, in text order.
    pub(crate) fn declare_exports(&mut self, items: &[Item]) {
        let wanted =
            |kind| matches!(kind, ItemKind::Export | ItemKind::Func | ItemKind::Class | ItemKind::Interface);
        let mut names = BTreeSet::new();
        self.for_items(items, wanted, |asm, c, item| {
            if item.kind != ItemKind::Export && !item.exported {
                return Ok(());
            }
            loop {
                let (name, place) = asm.expect_path(c, "the name of a function or class")?;
                let found = match asm.global(name) {
                    Global::Func(func) if func.0 as usize >= asm.module.imports.len() => {
                        ExportItem::Function(func)
                    }
                    Global::Type(ty) => ExportItem::Type(ty),
                    _ => {
                        let text = asm.text(name).to_owned();
                        let near = asm.nearest(&text, |g| matches!(g, Global::Func(_) | Global::Type(_)));
                        return Err(asm.unknown(E0604, place, "nothing to export is named", &text, near));
                    }
                };
                let name =
                    if item.kind == ItemKind::Export && c.kind() == Kind::Ident && c.peek().sym() == kw::AS {
                        c.bump();
                        asm.expect_path(c, "the name for others")?.0
                    } else {
                        name
                    };
                let first = names.insert(name);
                let name = asm.name(name);
                if !first {
                    return Err(asm.error(E0604, place, format!("`{name}` is exported twice")));
                }
                asm.module.exports.push(Export { name, item: found });
                if item.kind != ItemKind::Export || !c.eat(Kind::Comma) {
                    return Ok(());
                }
            }
        });
    }
}
