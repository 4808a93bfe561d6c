//! The code of one function: where its variables are, registers for intermediate values, positions.
//!
//! A [`Code`] makes one function. What every part needs is here; the kinds of expressions are in files of their own, all
//! as methods of `Code`. The heart is [`Code::eval`] (in `exprs.rs`): it gets an expression and what is wanted of it ([`Want`]), and
//! says in which registers the value is.
//!
//! **Registers.** A named variable has registers of its own. Intermediate values take registers from a stack of *temporaries*:
//! [`Code::mark`] and [`Code::release`] stand around the code that needs some, and what is released is used again.
//!
//! **What may be written when.** An expression that is to leave its value in given registers writes them last, after it has
//! read everything. So `x = x + 1` needs no copy.
//!
//! **Dead code.** Behind a `return` or `throw` the builder has no current block and drops what it gets; values of such code are
//! some registers of the right types.

use std::rc::Rc;

use mvm_diag::{FileId, SourceMap, Span};
use mvm_isa::{Opcode, TypeId};
use mvm_module::Name;
use mvm_opt::build::Builder;

use super::Lower;
use super::leaving::Scope;
use super::regs::Regs;
use crate::hir::{self, ExprId, FnId, FnKind, LocalId, ParamId};
use crate::types::{SmallMap, Ty};

/// What is wanted of the value of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// It, wherever it is.
    Any,
    /// It, in these registers.
    Into(Regs),
    /// Nothing; the expression is evaluated for what it does.
    Nothing,
    /// It, as the result of the function, which ends here.
    Result,
}

/// Where a local is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nowhere yet.
    Nowhere,
    /// In these registers.
    Registers(Regs),
    /// In an object that closures share.
    Cell {
        /// The register that refers to it.
        cell: u16,
        /// Its class.
        class: usize,
    },
}

/// A function that is being made.
pub(crate) struct Code<'l, 'p> {
    pub(crate) low: &'l mut Lower<'p>,
    pub(crate) b: Builder,
    /// The function of the program that it comes from, and its body.
    pub(crate) id: FnId,
    pub(crate) body: &'p hir::Body,
    pub(crate) generics: &'p [ParamId],
    pub(crate) args: Rc<[Ty]>,
    /// Types of the body with the arguments put in, as far as asked for.
    pub(crate) known: SmallMap<Ty, Ty>,
    pub(crate) locals: Vec<Place>,
    /// Whether a register is that of a variable that is assigned.
    varying: Vec<bool>,
    temps: Vec<(TypeId, u16)>,
    free: Vec<(TypeId, u16)>,
    /// What there is to leave, innermost last.
    pub(crate) scopes: Vec<Scope>,
    /// Type of the result.
    pub(crate) result: Ty,
    /// Where the result waits while deferred code runs.
    pub(crate) result_at: Option<Regs>,
    /// The chain of objects that are being shown.
    pub(crate) chain: Option<u16>,
    /// For each expression: not looked at, assigns no local, assigns one.
    pub(crate) assigns: Vec<u8>,
    /// Calls that the code stands in the place of, outermost first.
    pub(crate) inlined: Vec<FnId>,
    /// Name of the function, for closures in it.
    pub(crate) name: Name,
}

impl<'p> Lower<'p> {
    /// The code of a function of the program.
    pub(crate) fn function(&mut self, id: FnId, args: Rc<[Ty]>, showing: bool) -> (Builder, Name) {
        let program = self.program;
        let function = &program.fns[id.index()];
        self.span = Some(function.span);
        let params: Vec<Ty> = function
            .params
            .iter()
            .map(|param| self.types.subst(param.ty, &function.generics, &args))
            .collect();
        let result = self.types.subst(function.result, &function.generics, &args);
        let mut name = function.name.to_string();
        if !args.is_empty() {
            let own: Vec<String> = args.iter().map(|&arg| self.type_name(arg)).collect();
            name = format!("{name}<{}>", own.join(", "));
        }
        let mut flat = self.flat(&params);
        if showing {
            let at = if function.kind == FnKind::Method { self.rep(params[0]).regs.len() } else { 0 };
            flat.insert(at, self.chain_type());
        }
        let results = self.rep(result).regs.to_vec();
        let builder = self.builder(&flat, &results);
        let mut code = Code::new(self, builder, id, args, result, name.into());
        code.at(function.span);
        if function.body.as_ref().is_some_and(|body| body.root.is_none()) {
            code.low.unchecked.push(id);
            code.b.unreachable();
            return code.done();
        }
        let mut next = 0;
        for (number, &ty) in params.iter().enumerate() {
            let count = code.low.rep(ty).regs.len();
            let regs: Regs = (next..next + count as u16).collect();
            next += count as u16;
            code.param(LocalId(number as u32), regs);
            if showing && number == 0 {
                code.chain = Some(next);
                next += 1;
            }
        }
        match function.body.as_ref().and_then(|body| body.root) {
            Some(root) => code.root(root),
            None => code.b.unreachable(),
        }
        code.done()
    }
}

impl<'l, 'p> Code<'l, 'p> {
    pub(crate) fn new(
        low: &'l mut Lower<'p>,
        b: Builder,
        id: FnId,
        args: Rc<[Ty]>,
        result: Ty,
        name: Name,
    ) -> Code<'l, 'p> {
        let function = &low.program.fns[id.index()];
        static NO_BODY: hir::Body =
            hir::Body { locals: Vec::new(), exprs: Vec::new(), pats: Vec::new(), root: None };
        let body: &'p hir::Body = function.body.as_ref().unwrap_or(&NO_BODY);
        Code {
            low,
            b,
            id,
            body,
            generics: &function.generics,
            args,
            known: SmallMap::default(),
            locals: vec![Place::Nowhere; body.locals.len()],
            varying: Vec::new(),
            temps: Vec::new(),
            free: Vec::new(),
            scopes: Vec::new(),
            result,
            result_at: None,
            chain: None,
            assigns: Vec::new(),
            inlined: Vec::new(),
            name,
        }
    }

    /// A function that is not of the program: its parameters are given, and its code is written by hand.
    pub(crate) fn bare(
        low: &'l mut Lower<'p>,
        params: &[TypeId],
        results: &[TypeId],
        name: Name,
    ) -> Code<'l, 'p> {
        let builder = low.builder(params, results);
        Code::new(low, builder, FnId(0), Rc::new([]), Ty::UNIT, name)
    }

    /// The function, done.
    pub(crate) fn done(self) -> (Builder, Name) {
        (self.b, self.name)
    }

    /// The whole body: its value is the result.
    pub(crate) fn root(&mut self, root: ExprId) {
        if self.result == Ty::UNIT || self.result == Ty::NEVER {
            self.eval(root, Want::Nothing);
            self.b.ret(&[]);
            return;
        }
        self.eval(root, Want::Result);
    }

    /// Returns a value.
    pub(crate) fn return_regs(&mut self, value: Regs) {
        if self.b.is_open() {
            let flat = self.low.rep(self.result).regs;
            // A body in braces returns before its end, which control does not reach then.
            if value.len() == flat.len() { self.b.ret(&value) } else { self.b.unreachable() }
        }
    }

    // Types -----------------------------------------------------------------------------------------------------------

    /// A type of the body with the type arguments put in.
    pub(crate) fn ty(&mut self, ty: Ty) -> Ty {
        if self.args.is_empty() {
            return ty;
        }
        if let Some(&known) = self.known.get(&ty) {
            return known;
        }
        let new = self.low.types.subst(ty, self.generics, &self.args);
        self.known.insert(ty, new);
        new
    }

    /// The type of an expression.
    pub(crate) fn ty_of(&mut self, expr: ExprId) -> Ty {
        let ty = self.expr(expr).ty;
        self.ty(ty)
    }

    /// Type arguments of the body with those of the function put in.
    pub(crate) fn types(&mut self, types: &[Ty]) -> Rc<[Ty]> {
        if self.args.is_empty() {
            return types.into();
        }
        types.iter().map(|&ty| self.ty(ty)).collect()
    }

    /// An expression.
    pub(crate) fn expr(&self, expr: ExprId) -> &'p hir::Expr {
        &self.body.exprs[expr.index()]
    }

    // Positions -------------------------------------------------------------------------------------------------------

    /// The code that follows comes from here.
    pub(crate) fn at(&mut self, span: Span) {
        let (file, line, column) = self.low.lines.find(self.low.sources, span);
        self.b.set_position(file, line, column);
    }

    // Registers -------------------------------------------------------------------------------------------------------

    /// A temporary register.
    pub(crate) fn temp(&mut self, ty: TypeId) -> u16 {
        let register = match self.free.iter().rposition(|free| free.0 == ty) {
            Some(place) => self.free.swap_remove(place).1,
            None => self.b.register(ty),
        };
        self.temps.push((ty, register));
        register
    }

    /// Temporary registers for a value.
    pub(crate) fn temps(&mut self, ty: Ty) -> Regs {
        let rep = self.low.rep(ty);
        rep.regs.iter().map(|&ty| self.temp(ty)).collect()
    }

    /// Registers that are not used for anything else in this function.
    pub(crate) fn own_registers(&mut self, ty: Ty) -> Regs {
        let rep = self.low.rep(ty);
        rep.regs.iter().map(|&ty| self.b.register(ty)).collect()
    }

    /// What is taken from here on is given back by [`Code::release`].
    pub(crate) fn mark(&self) -> usize {
        self.temps.len()
    }

    /// Gives back what has been taken since the mark.
    pub(crate) fn release(&mut self, mark: usize) {
        while self.temps.len() > mark {
            self.free.extend(self.temps.pop());
        }
    }

    /// Whether a register is a temporary one.
    pub(crate) fn is_temp(&self, register: u16) -> bool {
        self.temps.iter().any(|&(_, temp)| temp == register)
    }

    /// Registers for a value that is wanted so.
    pub(crate) fn target(&mut self, want: Want, ty: Ty) -> Regs {
        match want {
            Want::Into(to) => to,
            Want::Any | Want::Nothing | Want::Result => self.temps(ty),
        }
    }

    /// A value that is in these registers, as it is wanted.
    pub(crate) fn give(&mut self, want: Want, value: Regs) -> Regs {
        match want {
            Want::Into(to) => {
                self.copy(to, value);
                to
            }
            Want::Any | Want::Nothing | Want::Result => value,
        }
    }

    /// Copies a value.
    pub(crate) fn copy(&mut self, to: Regs, from: Regs) {
        for (&to, &from) in to.iter().zip(from.iter()) {
            self.b.mov(to, from);
        }
    }

    /// A temporary register with an integer.
    pub(crate) fn number(&mut self, value: i64) -> u16 {
        let register = self.temp(TypeId::I64);
        self.b.const_i64(register, value);
        register
    }

    // Locals ----------------------------------------------------------------------------------------------------------

    /// Whether the local lives in a cell: a closure uses it, and it changes.
    pub(crate) fn is_shared(&self, local: LocalId) -> bool {
        let local = &self.body.locals[local.index()];
        local.captured && local.assigned
    }

    /// The type of a local.
    pub(crate) fn local_ty(&mut self, local: LocalId) -> Ty {
        let ty = self.body.locals[local.index()].ty;
        self.ty(ty)
    }

    /// A parameter, whose value is in these registers.
    pub(crate) fn param(&mut self, local: LocalId, regs: Regs) {
        if self.is_shared(local) {
            let fresh = self.declare(local);
            debug_assert!(fresh.is_none());
            self.write_local(local, regs);
        } else {
            self.name_local(local, regs);
        }
    }

    /// Makes room for a local. Gives its registers unless it is in a cell, which is made now.
    pub(crate) fn declare(&mut self, local: LocalId) -> Option<Regs> {
        let ty = self.local_ty(local);
        if self.is_shared(local) {
            let regs = self.low.rep(ty).regs;
            let class = self.low.cell_class(&regs);
            let id = self.low.classes[class].id;
            let cell = match self.locals[local.index()] {
                Place::Cell { cell, .. } => cell,
                _ => self.b.register(id),
            };
            self.b.insn(Opcode::New, &[cell.into(), id.0.into()]);
            self.locals[local.index()] = Place::Cell { cell, class };
            return None;
        }
        if let Place::Registers(regs) = self.locals[local.index()] {
            return Some(regs);
        }
        let regs = self.own_registers(ty);
        self.name_local(local, regs);
        Some(regs)
    }

    /// The local is in these registers.
    pub(crate) fn name_local(&mut self, local: LocalId, regs: Regs) {
        self.locals[local.index()] = Place::Registers(regs);
        let declared = &self.body.locals[local.index()];
        if declared.assigned {
            for &register in regs.iter() {
                if self.varying.len() <= usize::from(register) {
                    self.varying.resize(usize::from(register) + 1, false);
                }
                self.varying[usize::from(register)] = true;
            }
        }
        if declared.name.is_empty() || !self.inlined.is_empty() {
            return;
        }
        let ty = self.local_ty(local);
        let text = self.low.type_text(ty);
        match *regs {
            [one] => self.b.variable(declared.name.clone(), text, one),
            ref several => {
                for (at, &register) in several.iter().enumerate() {
                    let name = format!("{}.{at}", declared.name).into();
                    self.b.variable(name, text.clone(), register);
                }
            }
        }
    }

    /// The value of a local.
    pub(crate) fn read_local(&mut self, local: LocalId, want: Want) -> Regs {
        match self.locals[local.index()] {
            Place::Registers(regs) => self.give(want, regs),
            Place::Cell { cell, class } => {
                let fields = self.low.own_fields(class);
                let ty = self.local_ty(local);
                let to = self.target(want, ty);
                for (&(ty, offset), &to) in fields.iter().zip(to.iter()) {
                    self.get_field(to, cell, ty, offset);
                }
                to
            }
            // Not declared: in dead code only.
            Place::Nowhere => {
                let ty = self.local_ty(local);
                self.target(want, ty)
            }
        }
    }

    /// Assigns a local.
    pub(crate) fn write_local(&mut self, local: LocalId, value: Regs) {
        match self.locals[local.index()] {
            Place::Registers(regs) => self.copy(regs, value),
            Place::Cell { cell, class } => {
                let fields = self.low.own_fields(class);
                for (&(ty, offset), &from) in fields.iter().zip(value.iter()) {
                    self.set_field(cell, from, ty, offset);
                }
            }
            Place::Nowhere => {
                if let Some(regs) = self.declare(local) {
                    self.copy(regs, value);
                } else {
                    self.write_local(local, value);
                }
            }
        }
    }

    /// Whether some register is that of a variable that may be assigned.
    pub(crate) fn varies(&self, regs: Regs) -> bool {
        regs.iter().any(|&register| self.varying.get(usize::from(register)).copied().unwrap_or(false))
    }

    /// Whether the expression may assign a local of this function.
    pub(crate) fn assigns(&mut self, expr: ExprId) -> bool {
        if self.assigns.is_empty() {
            self.assigns = vec![0; self.body.exprs.len()];
        }
        match self.assigns[expr.index()] {
            0 => {
                let mut found =
                    matches!(self.expr(expr).kind, hir::ExprKind::Assign { to: hir::Place::Local(_), .. });
                self.expr(expr).kind.visit(&mut |part| found = found || self.assigns(part));
                self.assigns[expr.index()] = 1 + u8::from(found);
                found
            }
            known => known == 2,
        }
    }
}

/// Lines of the source files, for many questions one after the other.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    files: Vec<File>,
    /// The last answer: file, first byte of the line, byte after it, number of the line.
    last: (u32, u32, u32, u32),
}

#[derive(Debug)]
struct File {
    /// First byte of each line.
    starts: Vec<u32>,
    /// Whether columns are bytes.
    is_ascii: bool,
}

impl Lines {
    /// Number of the file in the module, line and column of the beginning of a span.
    fn find(&mut self, sources: &SourceMap, span: Span) -> (u16, u32, u32) {
        let FileId(file) = span.file;
        let (last_file, mut start, end, mut line) = self.last;
        if file != last_file || span.start < start || span.start >= end {
            (start, line) = self.line(sources, span);
        }
        if self.files[file as usize].is_ascii {
            return (file as u16, line, span.start.saturating_sub(start) + 1);
        }
        let text = sources.text(span.file).as_bytes();
        let before = text.get(start as usize..span.start as usize).unwrap_or(&[]);
        let column = before.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32 + 1;
        (file as u16, line, column)
    }

    fn line(&mut self, sources: &SourceMap, span: Span) -> (u32, u32) {
        let FileId(file) = span.file;
        while self.files.len() <= file as usize {
            let text = sources.text(FileId(self.files.len() as u32));
            let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1);
            let starts = std::iter::once(0).chain(ends).collect();
            self.files.push(File { starts, is_ascii: text.is_ascii() });
        }
        let starts = &self.files[file as usize].starts;
        let line = starts.partition_point(|&start| start <= span.start).max(1);
        let (start, end) = (starts[line - 1], starts.get(line).copied().unwrap_or(u32::MAX));
        self.last = (file, start, end, line as u32);
        (start, line as u32)
    }
}
