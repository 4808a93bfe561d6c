//! Types as they are written.

use mvm_diag::suggest;
use mvm_isa::{Elem, TypeId};
use mvm_module::{Signature, TypeDef, limits};

use crate::asm::{Asm, Global};
use crate::cursor::{Cursor, Parse};
use crate::errors::{E0106, E0203};
use crate::intern::Sym;
use crate::keywords as kw;
use crate::lexer::Kind;
use crate::report::Place;

/// How deep types may be nested in each other.
const TYPE_DEPTH_MAX: u32 = 64;

/// The element type with this name.
pub(crate) fn elem_of(sym: Sym) -> Option<Elem> {
    Some(match sym {
        kw::I8 => Elem::I8,
        kw::U8 => Elem::U8,
        kw::I16 => Elem::I16,
        kw::U16 => Elem::U16,
        kw::I32 => Elem::I32,
        kw::U32 => Elem::U32,
        kw::I64 => Elem::I64,
        kw::F32 => Elem::F32,
        kw::F64 => Elem::F64,
        _ => return None,
    })
}

/// The built-in register type with this name.
pub(crate) fn builtin_type(sym: Sym) -> Option<TypeId> {
    Some(match sym {
        kw::I64 => TypeId::I64,
        kw::F64 => TypeId::F64,
        kw::ANY => TypeId::ANY,
        kw::STR => TypeId::STR,
        kw::BYTES => TypeId::BYTES,
        kw::BLOCK => TypeId::BLOCK,
        _ => return None,
    })
}

impl Asm<'_> {
    /// A type of a register.
    pub(crate) fn parse_type(&mut self, c: &mut Cursor<'_>) -> Parse<TypeId> {
        self.parse_type_within(c, 0)
    }

    fn parse_type_within(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<TypeId> {
        let token = c.peek();
        if depth > TYPE_DEPTH_MAX {
            let message = format!("types are nested more than {TYPE_DEPTH_MAX} deep");
            return Err(self.error(E0106, token.place(), message));
        }
        match token.kind {
            Kind::LeftBracket => self.parse_array(c, depth),
            Kind::Ident if token.sym() == kw::FN && c.ahead(1).kind == Kind::LeftParen => {
                c.bump();
                let signature = self.parse_signature(c, depth + 1)?;
                Ok(self.function_type(&signature, token.place()))
            }
            Kind::Ident if builtin_type(token.sym()).is_some() => {
                c.bump();
                Ok(builtin_type(token.sym()).unwrap_or(TypeId::ANY))
            }
            Kind::Ident | Kind::Quoted => {
                let (sym, place) = self.expect_path(c, "a type")?;
                self.named_type(sym, place)
            }
            _ => Err(self.expected(token, "a type")),
        }
    }

    fn parse_array(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<TypeId> {
        let open = c.bump().place();
        let token = c.peek();
        let number = if token.kind == Kind::Ident { elem_of(token.sym()) } else { None };
        if let (Some(elem), Kind::RightBracket) = (number, c.ahead(1).kind) {
            c.bump();
            c.bump();
            return Ok(TypeId::array_of(elem));
        }
        let item = self.parse_type_within(c, depth + 1)?;
        self.expect(c, Kind::RightBracket, "`]`")?;
        Ok(match item.elem_of_register() {
            Some(elem) => TypeId::array_of(elem),
            None => self.ref_array(item, open),
        })
    }

    /// The class or interface with this name.
    pub(crate) fn named_type(&mut self, sym: Sym, place: Place) -> Parse<TypeId> {
        if let Global::Type(ty) = self.global(sym) {
            return Ok(ty);
        }
        let name = self.text(sym).to_owned();
        if elem_of(sym).is_some() {
            let register = if sym == kw::F32 { "f64" } else { "i64" };
            let help = format!("in registers it is `{register}`; `[{name}]` is an array of it");
            let message = format!("`{name}` exists in memory only");
            return Err(self.error_help(E0203, place, message, help));
        }
        let builtin = ["i64", "f64", "str", "bytes", "block", "any"];
        let near = suggest(&name, builtin)
            .map(str::to_owned)
            .or_else(|| self.nearest(&name, |g| matches!(g, Global::Type(_))));
        Err(self.unknown(E0203, place, "there is no type", &name, near))
    }

    /// `(A, B) -> C`, `(A)`, `(A) -> (B, C)`. Names before the types (`x: A`) are allowed and dropped.
    pub(crate) fn parse_signature(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<Signature> {
        let open = self.expect(c, Kind::LeftParen, "`(`")?.place();
        let mut params = Vec::new();
        while c.kind() != Kind::RightParen {
            if c.peek().is_name() && c.ahead(1).kind == Kind::Colon {
                c.bump();
                c.bump();
            }
            params.push(self.parse_type_within(c, depth)?);
            if c.kind() != Kind::RightParen {
                self.expect(c, Kind::Comma, "`,` or `)`")?;
            }
        }
        c.bump();
        let results = self.parse_results(c, depth)?;
        if params.len() > limits::PARAMS_MAX || results.len() > limits::RESULTS_MAX {
            return Err(self.too_many(open));
        }
        Ok(Signature { params, results })
    }

    pub(crate) fn too_many(&mut self, place: Place) -> crate::cursor::Reported {
        let message = format!(
            "a function has at most {} parameters and {} results",
            limits::PARAMS_MAX,
            limits::RESULTS_MAX
        );
        self.limit(place, message)
    }

    /// Nothing, `-> A` or `-> (A, B)`.
    pub(crate) fn parse_results(&mut self, c: &mut Cursor<'_>, depth: u32) -> Parse<Vec<TypeId>> {
        let mut results = Vec::new();
        if !c.eat(Kind::Arrow) {
            return Ok(results);
        }
        if !c.eat(Kind::LeftParen) {
            results.push(self.parse_type_within(c, depth)?);
            return Ok(results);
        }
        while c.kind() != Kind::RightParen {
            results.push(self.parse_type_within(c, depth)?);
            if c.kind() != Kind::RightParen {
                self.expect(c, Kind::Comma, "`,` or `)`")?;
            }
        }
        c.bump();
        Ok(results)
    }

    /// The type of the elements of an array as registers see it.
    pub(crate) fn element_type(&self, array: TypeId) -> Option<TypeId> {
        if let Some(elem) = array.elem() {
            return Some(if elem.is_float() { TypeId::F64 } else { TypeId::I64 });
        }
        match self.type_def(array) {
            Some(TypeDef::RefArray(item)) => Some(*item),
            _ => None,
        }
    }
}

/// Number types as elements of arrays.
trait ElemOfRegister {
    fn elem_of_register(self) -> Option<Elem>;
}

impl ElemOfRegister for TypeId {
    fn elem_of_register(self) -> Option<Elem> {
        match self {
            TypeId::I64 => Some(Elem::I64),
            TypeId::F64 => Some(Elem::F64),
            _ => None,
        }
    }
}
