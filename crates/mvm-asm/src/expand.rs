//! Copies of macro bodies: parameters replaced, names made fresh, pieces joined, braces matched again.

use std::collections::BTreeMap;

use crate::asm::Asm;
use crate::consts::precedence;
use crate::cursor::{Parse, Reported};
use crate::errors::E0505;
use crate::intern::Sym;
use crate::lexer::Kind;
use crate::report::Place;
use crate::tokens::{NO_BRACE, Token};

/// How many tokens all macros together may write.
const TOKENS_MAX: u64 = 50_000_000;
/// How many tokens one use may write.
const TOKENS_OF_USE_MAX: usize = 4_000_000;
/// Longest name that pieces can make.
const NAME_BYTES_MAX: usize = 1_000;

/// What parameters stand for.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    values: Vec<(Sym, Vec<Token>)>,
    /// The parameter for the remaining arguments, and those.
    rest: Option<(Sym, Vec<Vec<Token>>)>,
}

impl Bindings {
    pub(crate) fn one(name: Sym, value: Vec<Token>) -> Bindings {
        Bindings { values: vec![(name, value)], rest: None }
    }

    pub(crate) fn add(&mut self, name: Sym, value: Vec<Token>) {
        self.values.push((name, value));
    }

    pub(crate) fn add_rest(&mut self, name: Sym, values: Vec<Vec<Token>>) {
        self.rest = Some((name, values));
    }

    fn value(&self, name: Sym) -> Option<&[Token]> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_slice())
    }

    fn rest(&self, name: Sym) -> Option<&[Vec<Token>]> {
        self.rest.as_ref().filter(|(known, _)| *known == name).map(|(_, values)| values.as_slice())
    }
}

/// A copy under construction.
struct Copy<'b> {
    bindings: &'b Bindings,
    out: Vec<Token>,
    /// Left braces without their right ones.
    braces: Vec<u32>,
    /// Fresh names of this copy.
    fresh: BTreeMap<Sym, Sym>,
    number: u32,
}

/// Copies tokens. Parameters that are not bound stay as they are; the copy ends with [`Kind::Eof`].
pub(crate) fn substitute(asm: &mut Asm<'_>, body: &[Token], bindings: &Bindings) -> Parse<Vec<Token>> {
    asm.expansions += 1;
    let number = asm.expansions;
    let out = Vec::with_capacity(body.len() + 8);
    let mut copy = Copy { bindings, out, braces: Vec::new(), fresh: BTreeMap::new(), number };
    if let Some(&first) = body.first() {
        copy.check_room(asm, body.len(), first)?;
    }
    for &token in body {
        match token.kind {
            Kind::Param => copy.param(asm, token)?,
            Kind::ParamCount => match bindings.rest(token.sym()) {
                Some(values) => {
                    let count = Token::new(Kind::Int, values.len() as u32, token.place(), false);
                    copy.put(asm, token, &[count])?;
                }
                None => copy.push(token),
            },
            Kind::Fresh => {
                let sym = copy.fresh_name(asm, token.sym());
                copy.push(Token::new(Kind::Ident, sym.0, token.place(), token.glued()));
            }
            _ => copy.push(token),
        }
    }
    asm.expanded_tokens += copy.out.len() as u64;
    let place = body.last().map_or(Place::default(), |t| t.place());
    copy.out.push(Token::new(Kind::Eof, 0, place, false));
    Ok(copy.out)
}

impl Copy<'_> {
    fn push(&mut self, token: Token) {
        match token.kind {
            Kind::LeftBrace => {
                self.braces.push(self.out.len() as u32);
                let mut open = token;
                open.value = NO_BRACE;
                self.out.push(open);
            }
            Kind::RightBrace => {
                if let Some(open) = self.braces.pop() {
                    self.out[open as usize].value = self.out.len() as u32;
                }
                self.out.push(token);
            }
            _ => self.out.push(token),
        }
    }

    fn param(&mut self, asm: &mut Asm<'_>, token: Token) -> Parse<()> {
        if let Some(values) = self.bindings.rest(token.sym()) {
            for (index, value) in values.iter().enumerate() {
                self.check_room(asm, value.len() + 1, token)?;
                if index > 0 {
                    self.push(Token::new(Kind::Comma, 0, token.place(), false));
                }
                value.iter().for_each(|&t| self.push(t));
            }
            return Ok(());
        }
        let Some(value) = self.bindings.value(token.sym()) else {
            self.push(token);
            return Ok(());
        };
        self.put(asm, token, value)
    }

    /// Puts a value in the place of a token.
    fn put(&mut self, asm: &mut Asm<'_>, token: Token, value: &[Token]) -> Parse<()> {
        self.check_room(asm, value.len(), token)?;
        let joins = token.glued() && self.out.last().is_some_and(|last| is_piece(*last));
        match value {
            [one] if joins && is_piece(*one) => self.join(asm, *one, token.place()),
            _ if joins => Err(asm.bad_join(token.place())),
            [one] => {
                let Token { kind, value, .. } = *one;
                self.push(Token::new(kind, value, one.place(), token.glued()));
                Ok(())
            }
            many if is_expression(many) => {
                // An expression stays whole: `$a * 2` with `1 + 2` is 6.
                self.push(Token::new(Kind::LeftParen, 0, token.place(), token.glued()));
                many.iter().for_each(|&t| self.push(t));
                self.push(Token::new(Kind::RightParen, 0, token.place(), false));
                Ok(())
            }
            many => {
                many.iter().for_each(|&t| self.push(t));
                Ok(())
            }
        }
    }

    /// Whether there is room for more tokens.
    fn check_room(&self, asm: &mut Asm<'_>, more: usize, token: Token) -> Parse<()> {
        let own = self.out.len() + more;
        if own <= TOKENS_OF_USE_MAX && asm.expanded_tokens + own as u64 <= TOKENS_MAX {
            return Ok(());
        }
        if own > TOKENS_OF_USE_MAX {
            let message = format!("one use of a macro writes more than {TOKENS_OF_USE_MAX} words");
            return Err(asm.error(E0505, token.place(), message));
        }
        // Said once: everything that follows would say it again.
        if asm.expanded_tokens <= TOKENS_MAX {
            asm.expanded_tokens = TOKENS_MAX + 1;
            asm.error(E0505, token.place(), format!("macros write more than {TOKENS_MAX} words"));
        }
        Err(Reported)
    }

    /// Makes one name, or one number, of the last token and another one.
    fn join(&mut self, asm: &mut Asm<'_>, second: Token, place: Place) -> Parse<()> {
        let Some(first) = self.out.pop() else { return Ok(()) };
        let mut text = piece_text(asm, first);
        text.extend_from_slice(&piece_text(asm, second));
        asm.expanded_tokens += text.len() as u64 / 8;
        if text.len() > NAME_BYTES_MAX {
            return Err(asm.bad_join(place));
        }
        let token = if text.iter().all(u8::is_ascii_digit) {
            let value = crate::lexer::integer(&text).filter(|&v| i64::try_from(v).is_ok());
            let Some(value) = value else { return Err(asm.bad_join(place)) };
            let value = asm.lex.int_value(value);
            Token::new(Kind::Int, value, place, first.glued())
        } else if text[0].is_ascii_digit() {
            return Err(asm.bad_join(place));
        } else {
            let sym = asm.lex.names.intern(&text);
            let quoted = first.kind == Kind::Quoted || second.kind == Kind::Quoted;
            Token::new(if quoted { Kind::Quoted } else { Kind::Ident }, sym.0, place, first.glued())
        };
        self.out.push(token);
        Ok(())
    }

    fn fresh_name(&mut self, asm: &mut Asm<'_>, name: Sym) -> Sym {
        if let Some(&known) = self.fresh.get(&name) {
            return known;
        }
        let mut text = asm.lex.names.bytes(name).to_vec();
        text.extend_from_slice(format!("@{}", self.number).as_bytes());
        let sym = asm.lex.names.intern(&text);
        self.fresh.insert(name, sym);
        sym
    }
}

/// Whether a token can be part of a joined name.
fn is_piece(token: Token) -> bool {
    token.is_name() || token.kind == Kind::Int
}

fn piece_text(asm: &Asm<'_>, token: Token) -> Vec<u8> {
    match token.kind {
        Kind::Int => asm.lex.int(token).to_string().into_bytes(),
        _ => asm.lex.names.bytes(token.sym()).to_vec(),
    }
}

/// Whether tokens are an expression with operators, outside of parentheses and brackets.
fn is_expression(tokens: &[Token]) -> bool {
    let mut depth = 0u32;
    tokens.iter().any(|token| {
        match token.kind {
            Kind::LeftParen | Kind::LeftBracket => depth += 1,
            Kind::RightParen | Kind::RightBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
            && (precedence(token.kind) > 0 || matches!(token.kind, Kind::Tilde | Kind::Bang | Kind::Question))
    })
}
