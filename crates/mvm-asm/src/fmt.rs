//! The formatter: one layout for all assembly text.
//!
//! Blocks are indented by 4, labels stand 4 further left, mnemonics are followed by their operands 8 columns further
//! right, comments behind code are aligned over neighbouring lines, at column 40 if there is room. At most one blank
//! line stays. Only spaces and line ends change: the tokens of the result are compared with those of the input.
//!
//! Not here: whether the text means anything. What the lexer accepts and whose braces match can be formatted.

use std::fmt::Write as _;

use crate::lexer::{Bad, Kind, Lexer, Raw};

/// Columns of one level of blocks.
const INDENT: usize = 4;
/// Columns from a mnemonic to its operands.
const MNEMONIC_WIDTH: usize = 8;
/// Columns from `field` to the name in a class that has methods too.
const MEMBER_WIDTH: usize = 7;
/// Column of comments behind code, if the code is shorter.
const COMMENT_COLUMN: usize = 40;
/// Code longer than this does not move the comments of its neighbours.
const ALIGNED_CODE_MAX: usize = 72;
/// Nested blocks beyond this are not indented further.
const DEPTH_MAX: usize = 40;

/// Why text cannot be formatted, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// First byte of the place.
    pub start: usize,
    /// Byte after it.
    pub end: usize,
    /// What is wrong there.
    pub message: String,
}

/// Formats assembly text.
///
/// # Errors
/// Text with a token that does not exist or with braces that do not match is refused.
pub fn format(text: &str) -> Result<String, FormatError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shift = text.len() - body.len();
    format_body(body).map_err(|error| FormatError {
        start: error.start + shift,
        end: error.end + shift,
        ..error
    })
}

fn format_body(text: &str) -> Result<String, FormatError> {
    let tokens = lex(text)?;
    let mut lines = Layout::new(text, &tokens).lines(&tokens)?;
    place_comments(&mut lines);
    let out = print(&lines);
    if meaning(text, &tokens) != meaning(&out, &lex(&out)?) {
        return Err(FormatError {
            start: 0,
            end: 0,
            message: "the formatter would change the program here; this is a bug in the formatter".into(),
        });
    }
    Ok(out)
}

/// All tokens, line ends and comments included.
fn lex(text: &str) -> Result<Vec<Raw>, FormatError> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next();
        match token.kind {
            Kind::Eof => return Ok(tokens),
            Kind::Bad(bad) => {
                let (start, end) = (token.start, token.end);
                return Err(FormatError { start, end, message: bad_text(bad).into() });
            }
            _ => tokens.push(token),
        }
    }
}

fn bad_text(bad: Bad) -> &'static str {
    match bad {
        Bad::Character => "this character has no meaning in assembly",
        Bad::Comment => "comments begin with `;`",
        Bad::Unterminated => "the closing quote is missing on this line",
        Bad::EmptyName => "a name needs at least one character",
        Bad::Number => "this is not a number",
        Bad::TooLarge => "the number does not fit 64 bits",
        Bad::Escape => "there is no such escape",
        Bad::Sigil => "a name is expected after this",
    }
}

/// The tokens without what the formatter may change: repeated line ends, and the one behind a label.
fn meaning<'t>(text: &'t str, tokens: &[Raw]) -> Vec<&'t str> {
    let mut kept: Vec<&str> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let token_text = text[token.start..token.end].trim_end();
        match token.kind {
            Kind::Newline if kept.last().is_none_or(|&last| last.is_empty() || last == ":") => {}
            _ => kept.push(token_text),
        }
    }
    while kept.last().is_some_and(|last| last.is_empty()) {
        kept.pop();
    }
    kept
}

/// A line of the result.
struct Line<'t> {
    blank_before: bool,
    /// Where it starts.
    column: usize,
    code: String,
    comment: Option<&'t str>,
}

/// What the braces around a line belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// A class or an interface, and whether it has methods.
    Members { methods: bool },
    /// Code: a function, a macro, or a repetition in one.
    Code,
}

/// Turns tokens into lines.
struct Layout<'t> {
    text: &'t str,
    blocks: Vec<(Block, Raw)>,
    lines: Vec<Line<'t>>,
    blank: bool,
    /// The line before ended inside of a list.
    continued: bool,
    /// Where the blocks begin that have methods, ascending.
    with_methods: Vec<usize>,
}

impl<'t> Layout<'t> {
    fn new(text: &'t str, tokens: &[Raw]) -> Layout<'t> {
        let with_methods = blocks_with_methods(text, tokens);
        Layout { text, blocks: Vec::new(), lines: Vec::new(), blank: false, continued: false, with_methods }
    }

    fn str(&self, token: Raw) -> &'t str {
        &self.text[token.start..token.end]
    }

    fn lines(mut self, tokens: &[Raw]) -> Result<Vec<Line<'t>>, FormatError> {
        for line in tokens.split(|token| token.kind == Kind::Newline) {
            self.line(line)?;
        }
        match self.blocks.first() {
            None => Ok(self.lines),
            Some(&(_, brace)) => Err(FormatError {
                start: brace.start,
                end: brace.end,
                message: "this `{` is never closed".into(),
            }),
        }
    }

    fn column(&self) -> usize {
        self.blocks.len().min(DEPTH_MAX) * INDENT
    }

    fn push(&mut self, column: usize, code: String, comment: Option<&'t str>) {
        let opens = self.lines.last().is_none_or(|line| line.code.ends_with('{'));
        let closes = code.starts_with('}');
        let blank_before = self.blank && !opens && !closes;
        self.blank = false;
        self.lines.push(Line { blank_before, column, code, comment });
    }

    /// Lays out the tokens of one line.
    fn line(&mut self, line: &[Raw]) -> Result<(), FormatError> {
        let (mut code, comment) = match line.split_last() {
            Some((last, before)) if last.kind == Kind::Comment => (before, Some(self.str(*last).trim_end())),
            _ => (line, None),
        };
        if code.is_empty() {
            match comment {
                None => self.blank = true,
                Some(_) => self.push(self.column(), String::new(), comment),
            }
            return Ok(());
        }
        while self.in_code() && label_len(code) > 0 {
            let (label, rest) = code.split_at(label_len(code));
            // Its pieces stay together, whatever they are.
            let text = format!("{}:", &self.text[label[0].start..label[label.len() - 2].end]);
            let column = self.column().saturating_sub(INDENT);
            code = rest;
            // Only a statement can stand behind a label, and only behind a short one.
            let alone = code.first().is_none_or(|token| token.kind == Kind::RightBrace)
                || text.len() >= INDENT
                || label_len(code) > 0;
            if !alone {
                let statement = self.statement(code);
                self.track_braces(code)?;
                self.push(column, format!("{text:INDENT$}{statement}"), comment);
                return Ok(());
            }
            self.push(column, text, if code.is_empty() { comment } else { None });
            if code.is_empty() {
                return Ok(());
            }
        }
        let closing = code.iter().take_while(|token| token.kind == Kind::RightBrace).count();
        let depth = self.blocks.len().saturating_sub(closing).min(DEPTH_MAX);
        let (column, text) = if self.continued {
            ((depth + 1) * INDENT, self.join(code))
        } else {
            (depth * INDENT, self.statement(code))
        };
        self.track_braces(code)?;
        self.continued = code.last().is_some_and(|token| token.kind == Kind::Comma);
        self.push(column, text, comment);
        Ok(())
    }

    fn in_code(&self) -> bool {
        self.blocks.last().is_some_and(|&(block, _)| block == Block::Code)
    }

    /// Opens and closes the blocks of a line.
    fn track_braces(&mut self, code: &[Raw]) -> Result<(), FormatError> {
        for (index, &token) in code.iter().enumerate() {
            match token.kind {
                Kind::LeftBrace => {
                    let members = code[..index]
                        .iter()
                        .any(|&t| t.kind == Kind::Ident && matches!(self.str(t), "class" | "interface"));
                    let methods = self.with_methods.binary_search(&token.start).is_ok();
                    let block = if members { Block::Members { methods } } else { Block::Code };
                    self.blocks.push((block, token));
                }
                Kind::RightBrace if self.blocks.pop().is_none() => {
                    let (start, end) = (token.start, token.end);
                    return Err(FormatError { start, end, message: "this `}` closes nothing".into() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A statement with its operands in their column.
    fn statement(&self, code: &[Raw]) -> String {
        let (head, width) = self.head(code);
        if head == 0 || head == code.len() {
            return self.join(code);
        }
        let mut text = self.join(&code[..head]);
        if text.chars().count() < width {
            let _ = write!(text, "{:1$}", "", width - text.chars().count());
        } else {
            text.push(' ');
        }
        self.join_onto(&mut text, code, head);
        text
    }

    /// How many tokens are in front of the operands, and how wide they are made.
    fn head(&self, code: &[Raw]) -> (usize, usize) {
        let word = |token: &Raw| self.str(*token);
        match (self.blocks.last(), code) {
            // `.local` and the like.
            (_, [dot, name, ..]) if dot.kind == Kind::Dot && name.kind == Kind::Ident => (2, MNEMONIC_WIDTH),
            (Some((Block::Members { methods: true }, _)), [name, ..]) if word(name) == "field" => {
                (1, MEMBER_WIDTH)
            }
            (Some((Block::Code, _)), [name, ..]) if name.kind == Kind::Ident => (1, MNEMONIC_WIDTH),
            (None, [_, declared, ..])
                if matches!(word(declared), "func" | "class" | "interface" | "frozen") =>
            {
                (0, 0)
            }
            (None, [name, ..])
                if matches!(word(name), "const" | "data" | "include" | "import" | "export" | "module") =>
            {
                (1, MNEMONIC_WIDTH)
            }
            _ => (0, 0),
        }
    }

    fn join(&self, code: &[Raw]) -> String {
        let mut text = String::new();
        self.join_onto(&mut text, code, 0);
        text
    }

    /// Appends the tokens from `from` on, with a space where one belongs.
    fn join_onto(&self, text: &mut String, code: &[Raw], from: usize) {
        for index in from..code.len() {
            if index > from && self.space(code, index) {
                text.push(' ');
            }
            text.push_str(self.str(code[index]));
        }
    }

    /// Whether a colon behind these tokens says what a class is derived from.
    fn is_heritage(&self, before: &[Raw]) -> bool {
        let declares = |token: &Raw| matches!(self.str(*token), "class" | "interface");
        before.iter().take(3).any(declares) && !before.iter().any(|token| token.kind == Kind::LeftBrace)
    }

    /// Whether this is `.loc LINE:COL` or has such a position.
    fn is_position(&self, code: &[Raw]) -> bool {
        matches!(code, [dot, name, ..] if dot.kind == Kind::Dot && matches!(self.str(*name), "loc" | "inline"))
    }

    /// Whether a space belongs in front of token `index`, which is not the first.
    fn space(&self, code: &[Raw], index: usize) -> bool {
        let (before, token) = (code[index - 1], code[index]);
        let apart = before.end < token.start;
        match (before.kind, token.kind) {
            (Kind::LeftBrace, Kind::RightBrace) => false,
            (Kind::LeftBrace | Kind::RightBrace, _) | (_, Kind::LeftBrace | Kind::RightBrace) => true,
            (Kind::LeftParen | Kind::LeftBracket, _) => false,
            (_, Kind::Colon) => self.is_heritage(&code[..index]),
            // These would become another token together.
            (Kind::Dot | Kind::Ellipsis, Kind::Dot | Kind::Ellipsis) => true,
            (Kind::Int | Kind::IntMin | Kind::Float | Kind::LabelRef, Kind::Dot) => apart,
            (_, Kind::Comma | Kind::RightParen | Kind::RightBracket | Kind::Ellipsis) => false,
            (Kind::Colon, _) if self.is_position(code) => false,
            (Kind::Comma | Kind::Colon | Kind::Arrow | Kind::Equals, _) => true,
            (_, Kind::Arrow | Kind::Equals) => true,
            (Kind::Dot, _) => false,
            (_, Kind::Dot) => !ends_operand(before.kind),
            (Kind::Percent, Kind::Ident) if is_directive(code, index - 1) => false,
            _ if is_prefix(code, index - 1) => is_operator(token.kind),
            _ if is_operator(before.kind) || is_operator(token.kind) => true,
            // Pieces of macros that stand together are joined to one name.
            _ if is_sigil(before.kind) || is_sigil(token.kind) => apart,
            (_, Kind::LeftParen | Kind::LeftBracket) if starts_statement(code, index - 1) => apart,
            (_, Kind::LeftParen | Kind::LeftBracket) => !ends_operand(before.kind),
            _ => true,
        }
    }
}

/// Where the blocks begin in which a line begins with `method`, ascending.
fn blocks_with_methods(text: &str, tokens: &[Raw]) -> Vec<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut found = Vec::new();
    let mut line_start = true;
    for token in tokens {
        match token.kind {
            Kind::LeftBrace => open.push(token.start),
            Kind::RightBrace => drop(open.pop()),
            Kind::Ident if line_start && &text[token.start..token.end] == "method" => {
                found.extend(open.last())
            }
            _ => {}
        }
        line_start = token.kind == Kind::Newline;
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Number of tokens of the label at the start of a line, its colon included; 0 when there is none.
fn label_len(code: &[Raw]) -> usize {
    let colon = code.iter().position(|token| token.kind == Kind::Colon).unwrap_or(0);
    let name = &code[..colon];
    let kinds = name.iter().all(|token| {
        matches!(token.kind, Kind::Ident | Kind::Quoted | Kind::Int | Kind::Param | Kind::Fresh)
    });
    let together = name.windows(2).all(|pair| pair[0].end == pair[1].start);
    if colon > 0 && kinds && together { colon + 1 } else { 0 }
}

fn is_sigil(kind: Kind) -> bool {
    matches!(kind, Kind::Param | Kind::ParamCount | Kind::Fresh)
}

/// Whether an operand can end with this token.
fn ends_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ident
            | Kind::Quoted
            | Kind::Int
            | Kind::IntMin
            | Kind::Float
            | Kind::Str
            | Kind::ByteStr
            | Kind::Char
            | Kind::LabelRef
            | Kind::Param
            | Kind::ParamCount
            | Kind::Fresh
            | Kind::RightParen
            | Kind::RightBracket
    )
}

/// Whether token `index` is the first of a statement: of the line, or of a block on the line.
fn starts_statement(code: &[Raw], index: usize) -> bool {
    match index.checked_sub(1).map(|before| code[before].kind) {
        None | Some(Kind::LeftBrace | Kind::RightBrace) => true,
        Some(Kind::Percent) => is_directive(code, index - 1),
        _ => false,
    }
}

/// Whether the `%` at `index` begins a directive (`%for`), and is not a remainder.
fn is_directive(code: &[Raw], index: usize) -> bool {
    code[index].kind == Kind::Percent && starts_statement(code, index)
}

fn is_operator(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Plus
            | Kind::Minus
            | Kind::Star
            | Kind::Slash
            | Kind::Percent
            | Kind::ShiftLeft
            | Kind::ShiftRight
            | Kind::ShiftRightUnsigned
            | Kind::Less
            | Kind::LessEqual
            | Kind::Greater
            | Kind::GreaterEqual
            | Kind::EqualEqual
            | Kind::NotEqual
            | Kind::And
            | Kind::AndAnd
            | Kind::Or
            | Kind::OrOr
            | Kind::Caret
            | Kind::Tilde
            | Kind::Bang
            | Kind::Question
    )
}

/// Whether token `index` is an operator in front of its only operand: `-1`.
fn is_prefix(code: &[Raw], index: usize) -> bool {
    match code[index].kind {
        Kind::Tilde | Kind::Bang => true,
        Kind::Minus | Kind::Plus => index
            .checked_sub(1)
            .is_none_or(|before| !ends_operand(code[before].kind) || starts_statement(code, before)),
        _ => false,
    }
}

/// Puts lines together and aligns their comments.
fn print(lines: &[Line<'_>]) -> String {
    let columns = comment_columns(lines);
    let mut out = String::new();
    for (line, column) in lines.iter().zip(columns) {
        if line.blank_before {
            out.push('\n');
        }
        if !line.code.is_empty() {
            let _ = write!(out, "{:1$}{2}", "", line.column, line.code);
        }
        if let Some(comment) = line.comment {
            let column = if line.code.is_empty() { line.column } else { column };
            let _ = write!(out, "{:1$}{comment}", "", column.saturating_sub(width(line)));
        }
        out.push('\n');
    }
    out
}

/// Columns that code and its indentation take; nothing for a line without code.
fn width(line: &Line<'_>) -> usize {
    if line.code.is_empty() { 0 } else { line.column + line.code.chars().count() }
}

/// Puts comments that have a line of their own above the line of code that follows, in the same column.
fn place_comments(lines: &mut [Line<'_>]) {
    let mut next = None;
    for line in lines.iter_mut().rev() {
        if line.code.is_empty() {
            line.column = next.unwrap_or(line.column);
        } else {
            next = if line.code.starts_with('}') { None } else { Some(line.column) };
        }
    }
}

/// The column of the comment of each line that has code and a comment.
fn comment_columns(lines: &[Line<'_>]) -> Vec<usize> {
    let mut columns = vec![0; lines.len()];
    let with_comment =
        |index: usize| lines.get(index).is_some_and(|line| !line.code.is_empty() && line.comment.is_some());
    let mut start = 0;
    while start < lines.len() {
        let mut end = start + 1;
        if with_comment(start) {
            while with_comment(end) && !lines[end].blank_before {
                end += 1;
            }
            let widths = (start..end).map(|index| width(&lines[index]));
            let widest = widths.filter(|&width| width <= ALIGNED_CODE_MAX).max().unwrap_or(0);
            let column = COMMENT_COLUMN.max(widest + 1);
            (start..end).for_each(|index| columns[index] = column.max(width(&lines[index]) + 1));
        }
        start = end;
    }
    columns
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let once = format(text).unwrap();
        expected.assert_eq(&once);
        assert_eq!(format(&once).unwrap(), once, "formatting twice changes more");
    }

    #[test]
    fn statements_are_laid_out_in_columns() {
        check(
            "const LIMIT=4*(1024+-1)   ;limit\n\n\n\nfunc fact(n:i64)->i64{;first\n\n bgt n,1,more ; go\n  ret 1\n more: sub m,n,1\n1: add m, m ,- 1\n\
             \tcall m,fact( m )   \nmul_checked m,m,n;second\na:1: b : nop\n.loc 3 : 4\n.local x:[ [str] ]\n store_i32 b [ off ],y\n get y,p . x\nnew a,[f64],n\n\
             call (q,r),divmod(x,y)\n jmp 1b\nret m\n\n}",
            expect![[r#"
                const   LIMIT = 4 * (1024 + -1)         ;limit

                func fact(n: i64) -> i64 {              ;first
                    bgt     n, 1, more                  ; go
                    ret     1
                more:
                    sub     m, n, 1
                1:  add     m, m, -1
                    call    m, fact(m)
                    mul_checked m, m, n                 ;second
                a:
                1:
                b:  nop
                    .loc    3:4
                    .local  x: [[str]]
                    store_i32 b[off], y
                    get     y, p.x
                    new     a, [f64], n
                    call    (q, r), divmod(x, y)
                    jmp     1b
                    ret     m
                }
            "#]],
        );
    }

    #[test]
    fn each_label_has_its_place() {
        check(
            "func f(){\nlong:1:nop;c\n1:2:nop\n`o`4 :nop\nl6_:0:}",
            expect![[r#"
                func f() {
                long:
                1:  nop                                 ;c
                1:
                2:  nop
                `o`4:
                    nop
                l6_:
                0:
                }
            "#]],
        );
    }

    #[test]
    fn blocks_are_indented_and_comments_aligned() {
        check(
            "class A:B,C{ ; a class\nfield x:i64 ; one\nmethod f( ) -> str=g ; two\n}\nclass Empty { }\nmacro m(to,rest...){\n; about the loop\n\
             %for x in $rest{\n%if $x==1{call f($x)}else{\n@again: add $a$b, $a $b, $#rest\n}\n; at the end\n}\n}\n\n\n; the end\n",
            expect![[r#"
                class A : B, C {                        ; a class
                    field  x: i64                       ; one
                    method f() -> str = g               ; two
                }
                class Empty {}
                macro m(to, rest...) {
                    ; about the loop
                    %for x in $rest {
                        %if $x == 1 { call f($x) } else {
                        @again:
                            add     $a$b, $a $b, $#rest
                        }
                        ; at the end
                    }
                }

                ; the end
            "#]],
        );
    }

    #[test]
    fn data_goes_on_after_a_comma() {
        check(
            "data d:[i64]=1,2,\n3,\n4\nexport  f\nexport  func g( ){\n}\n",
            expect![[r#"
                data    d: [i64] = 1, 2,
                    3,
                    4
                export  f
                export func g() {
                }
            "#]],
        );
    }

    #[test]
    fn nothing_stays_nothing() {
        check("", expect![[""]]);
        check("\n\n \n", expect![[""]]);
        check(
            "\u{feff}; x  \r\n",
            expect![[r#"
            ; x
        "#]],
        );
    }

    #[test]
    fn tokens_do_not_grow_together() {
        for text in
            ["- >>> x", "a . ... b", "1 . 5", "! == x", "x - - 1", "1b . 5", ". . .", "- > 1", "a < < b"]
        {
            let once = format(text).unwrap();
            assert_eq!(format(&once).unwrap(), once, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let message = |text: &str| format(text).unwrap_err();
        assert_eq!(message("func f() {").message, "this `{` is never closed");
        assert_eq!(message("ret }").message, "this `}` closes nothing");
        assert_eq!(message("mov s, \"abc\nret").message, "the closing quote is missing on this line");
        assert_eq!((message("\u{feff}§").start, message("§").end), (3, 2));
    }

    #[test]
    fn a_million_lines_of_comments_take_no_time() {
        let text = "; c\n".repeat(200_000);
        assert_eq!(format(&text).unwrap(), text);
    }
}
