//! Making functions: what a compiler writes its code with.
//!
//! A [`Builder`] holds one function as a graph. Code goes to the current block; [`Builder::start`] makes another one
//! current, and an instruction that ends a block leaves none, so that code behind a `return` is dropped by itself.
//! Branches name blocks; distances, forms of branches, `enter` and weights come with [`Builder::finish`].
//!
//! The blocks of the function stand in the order in which they were started, apart from those that nothing reaches.
//! Types are not looked at: the verifier judges the result like any other function.
//!
//! Not here: making code better (the passes).

use mvm_isa::{NO_REG, Opcode, TypeId, encode as words};
use mvm_module::{FuncId, Function, Name, limits};

use crate::encode::{Variable, encode_as};
use crate::graph::{self, End, Graph, Insn, NONE, Position, Site};

/// A block of a [`Builder`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Block(u32);

/// Lists of instructions that are kept for the next function.
const SPARE_MAX: usize = 1000;

/// A function that is being made.
#[derive(Debug)]
pub struct Builder {
    graph: Graph,
    /// Blocks in the order in which they were started.
    order: Vec<u32>,
    current: Option<u32>,
    /// The innermost handler range that is open, in the numbers of `ranges`.
    range: Option<u32>,
    /// Handler ranges, outer ones first.
    ranges: Vec<graph::Range>,
    variables: Vec<Variable>,
    at: u32,
    /// The call whose code this is, in place of the call.
    site: u32,
    full: bool,
    calls_virtual: bool,
    room: Vec<u64>,
    /// Lists of instructions of the function before, to be used again.
    spare: Vec<Vec<Insn>>,
}

impl Builder {
    /// A function with these parameters, which are its first registers, and results.
    pub fn new(params: &[TypeId], results: &[TypeId]) -> Builder {
        let graph = Graph {
            id: FuncId(0),
            registers: params.to_vec(),
            names: Vec::new(),
            params: params.len() as u16,
            results: results.to_vec(),
            blocks: Vec::new(),
            ranges: Vec::new(),
            positions: Vec::new(),
            sites: Vec::new(),
            entry_at: NONE,
            has_lines: true,
        };
        let mut builder = Builder {
            graph,
            order: Vec::new(),
            current: None,
            range: None,
            ranges: Vec::new(),
            variables: Vec::new(),
            at: NONE,
            site: NONE,
            full: params.len() > limits::PARAMS_MAX,
            calls_virtual: false,
            room: Vec::new(),
            spare: Vec::new(),
        };
        let entry = builder.block();
        builder.start(entry);
        builder
    }

    /// The same, with the memory of a builder that has finished a function: many functions take less time so.
    pub fn again(mut self, params: &[TypeId], results: &[TypeId]) -> Builder {
        let Graph { registers, blocks, ranges, positions, sites, results: old, .. } = &mut self.graph;
        registers.clear();
        registers.extend_from_slice(params);
        old.clear();
        old.extend_from_slice(results);
        for block in blocks.drain(..) {
            let mut insns = block.insns;
            if insns.capacity() > 0 && self.spare.len() < SPARE_MAX {
                insns.clear();
                self.spare.push(insns);
            }
        }
        ranges.clear();
        positions.clear();
        sites.clear();
        self.graph.params = params.len() as u16;
        self.graph.entry_at = NONE;
        self.order.clear();
        self.ranges.clear();
        self.variables.clear();
        (self.current, self.range, self.at, self.site) = (None, None, NONE, NONE);
        (self.full, self.calls_virtual) = (params.len() > limits::PARAMS_MAX, false);
        let entry = self.block();
        self.start(entry);
        self
    }

    /// A new register. It is 0 or null until something is written to it.
    pub fn register(&mut self, ty: TypeId) -> u16 {
        if self.graph.registers.len() >= limits::REGISTERS_MAX {
            self.full = true;
            return 0;
        }
        self.graph.registers.push(ty);
        self.graph.registers.len() as u16 - 1
    }

    /// How many registers there are.
    pub fn registers(&self) -> u16 {
        self.graph.registers.len() as u16
    }

    /// The type of a register.
    pub fn type_of(&self, register: u16) -> TypeId {
        self.graph.registers[usize::from(register)]
    }

    /// A new block, to be started later.
    pub fn block(&mut self) -> Block {
        let number = self.graph.blocks.len() as u32;
        self.graph.blocks.push(graph::Block {
            insns: self.spare.pop().unwrap_or_default(),
            end: End::Jump(number),
            end_at: NONE,
            range: None,
        });
        Block(number)
    }

    /// Code goes there from now on; it belongs to the handler range that is open now. Control goes on from the current
    /// block, if there is one. A block is started once.
    pub fn start(&mut self, block: Block) {
        self.jump(block);
        self.current = Some(block.0);
        self.graph.blocks[block.0 as usize].range = self.range;
        self.order.push(block.0);
    }

    /// The same; control does not go on from the current block.
    pub fn start_apart(&mut self, block: Block) {
        debug_assert!(self.current.is_none(), "control would go on into a block that stands apart");
        self.start(block);
    }

    /// Whether there is a current block. Without one, code is dropped.
    pub fn is_open(&self) -> bool {
        self.current.is_some()
    }

    /// Where the code that follows comes from.
    pub fn set_position(&mut self, file: u16, line: u32, column: u32) {
        let position = Position { file, line, column, site: self.site };
        if self.graph.positions.last() != Some(&position) {
            self.graph.positions.push(position);
        }
        self.at = self.graph.positions.len() as u32 - 1;
        if self.graph.entry_at == NONE {
            self.graph.entry_at = self.at;
        }
    }

    /// The code that follows stands in the place of a call of this function, here. Back-traces show it as that call.
    pub fn enter_call(&mut self, function: FuncId) {
        self.graph.sites.push(Site { function, at: self.at });
        self.site = self.graph.sites.len() as u32 - 1;
    }

    /// The end of that code. Whoever goes on says where.
    pub fn leave_call(&mut self) {
        let at = self.graph.sites.get(self.site as usize).map_or(NONE, |site| site.at);
        self.site = self.graph.positions.get(at as usize).map_or(NONE, |at| at.site);
        self.at = at;
    }

    /// A variable of the source language, which the register holds throughout the function.
    pub fn variable(&mut self, name: Name, ty: Name, register: u16) {
        self.variables.push(Variable { name, ty, register });
    }

    fn push(&mut self, op: Opcode) {
        if let Some(block) = self.current {
            let insn = Insn::new(op, &self.room, self.at);
            self.graph.blocks[block as usize].insns.push(insn);
        }
    }

    fn leave(&mut self, op: Opcode) {
        let insn = Insn::new(op, &self.room, self.at);
        self.end(End::Leave(insn));
    }

    fn end(&mut self, end: End) {
        if let Some(block) = self.current.take() {
            let block = &mut self.graph.blocks[block as usize];
            block.end = end;
            block.end_at = self.at;
        }
    }

    /// An instruction of fixed shape that control goes past, with its operands in the order of the table.
    pub fn insn(&mut self, op: Opcode, values: &[i64]) {
        if self.current.is_none() {
            return;
        }
        self.room.clear();
        words::fixed(&mut self.room, op, values);
        self.push(op);
    }

    /// `to` = `from`.
    pub fn mov(&mut self, to: u16, from: u16) {
        if to != from {
            self.insn(Opcode::Mov, &[to.into(), from.into()]);
        }
    }

    /// `to` = the integer.
    pub fn const_i64(&mut self, to: u16, value: i64) {
        let op = if i32::try_from(value).is_ok() { Opcode::ConstI64 } else { Opcode::ConstI64Wide };
        self.insn(op, &[to.into(), value]);
    }

    /// `to` = the float.
    pub fn const_f64(&mut self, to: u16, value: f64) {
        let bits = mvm_isa::sem::canonical(value).to_bits();
        self.insn(Opcode::ConstF64, &[to.into(), bits as i64]);
    }

    /// A call of [`Opcode::Call`], [`Opcode::CallVirtual`] (`target`: the place in the method table),
    /// [`Opcode::CallInterface`] (the selector) or [`Opcode::CallRef`] (the register of the reference).
    pub fn call(&mut self, op: Opcode, target: u32, args: &[u16], results: &[u16]) {
        if self.current.is_none() {
            return;
        }
        if args.len() > limits::PARAMS_MAX || results.len() > limits::RESULTS_MAX {
            self.full = true;
            return;
        }
        self.calls_virtual |= op == Opcode::CallVirtual;
        self.room.clear();
        if args.len() <= 3 && results.len() <= 1 {
            let to = results.first().copied().unwrap_or(NO_REG);
            words::call(&mut self.room, op, to, target, 0, args);
            return self.push(op);
        }
        let op = match op {
            Opcode::Call => Opcode::CallMany,
            Opcode::CallVirtual => Opcode::CallVirtualMany,
            Opcode::CallInterface => Opcode::CallInterfaceMany,
            Opcode::CallRef => Opcode::CallRefMany,
            other => other,
        };
        words::call_many(&mut self.room, op, results, target, 0, args);
        self.push(op);
    }

    /// Whether there are calls by method tables in the function. Who does not know the places in them yet can write something else and
    /// put them in when all classes are known.
    pub fn calls_virtual(&self) -> bool {
        self.calls_virtual
    }

    /// `to` = a reference to the function with its first arguments fixed: at most 16.
    pub fn bind(&mut self, to: u16, function: FuncId, args: &[u16]) {
        self.room.clear();
        words::bind(&mut self.room, Opcode::Bind, to, function.0, args);
        self.push(Opcode::Bind);
    }

    /// `to` = a new object with all its fields.
    pub fn new_with(&mut self, to: u16, class: TypeId, fields: &[u16]) {
        self.room.clear();
        words::new_with(&mut self.room, Opcode::NewWith, to, class.0, fields);
        self.push(Opcode::NewWith);
    }

    /// A syscall.
    pub fn sys(&mut self, number: u32, args: &[u16], results: &[u16]) {
        self.room.clear();
        words::sys(&mut self.room, Opcode::Sys, results, number, args);
        self.push(Opcode::Sys);
    }

    /// Control goes on there.
    pub fn jump(&mut self, to: Block) {
        self.end(End::Jump(to.0));
    }

    /// A conditional branch, in its forward form, with its operands but for the label.
    pub fn branch(&mut self, op: Opcode, values: &[i64], taken: Block, next: Block) {
        self.room.clear();
        words::fixed(&mut self.room, op, values);
        let insn = Insn::new(op, &self.room, self.at);
        self.end(End::Branch { insn, taken: taken.0, next: next.0 });
    }

    /// Control goes to the block whose number the register holds, or to the default.
    pub fn switch(&mut self, register: u16, default: Block, targets: &[Block]) {
        if targets.len() > usize::from(u16::MAX) {
            self.full = true;
            return;
        }
        self.room.clear();
        words::switch(&mut self.room, Opcode::Switch, register, targets.len() as u16, 0);
        let insn = Insn::new(Opcode::Switch, &self.room, self.at);
        let targets = std::iter::once(default).chain(targets.iter().copied()).map(|block| block.0).collect();
        self.end(End::Switch { insn, targets });
    }

    /// Returns these values: as many as the function has results.
    pub fn ret(&mut self, values: &[u16]) {
        self.room.clear();
        match *values {
            [] => words::fixed(&mut self.room, Opcode::Ret, &[]),
            [one] => words::fixed(&mut self.room, Opcode::RetValue, &[one.into()]),
            _ => words::ret_many(&mut self.room, Opcode::RetMany, values),
        }
        self.leave(match values.len() {
            0 => Opcode::Ret,
            1 => Opcode::RetValue,
            _ => Opcode::RetMany,
        });
    }

    /// Raises the exception.
    pub fn throw(&mut self, error: u16) {
        self.room.clear();
        words::fixed(&mut self.room, Opcode::Throw, &[error.into()]);
        self.leave(Opcode::Throw);
    }

    /// Control does not come here.
    pub fn unreachable(&mut self) {
        self.room.clear();
        words::fixed(&mut self.room, Opcode::Unreachable, &[]);
        self.leave(Opcode::Unreachable);
    }

    /// Opens a handler range: exceptions of the class or below that the code from here on raises go into the register
    /// and then to the handler. The handler is started when the range is closed.
    pub fn open_range(&mut self, class: TypeId, register: u16, handler: Block) {
        let outer = self.range;
        self.ranges.push(graph::Range { class, register, target: handler.0, outer });
        self.range = Some(self.ranges.len() as u32 - 1);
        self.renew();
    }

    /// Closes the range that was opened last and is still open.
    pub fn close_range(&mut self) {
        if let Some(range) = self.range {
            self.range = self.ranges[range as usize].outer;
            self.renew();
        }
    }

    /// Goes on in another block, because the handler range is another one.
    fn renew(&mut self) {
        if self.current.is_some() {
            let next = self.block();
            self.start(next);
        }
    }

    /// The function; none when it passes a limit of the machine.
    pub fn finish(&mut self, name: Name) -> Option<Function> {
        // The graph wants inner ranges first.
        let last = self.ranges.len() as u32;
        let turned = |range: Option<u32>| range.map(|range| last - 1 - range);
        self.graph.ranges = self.ranges.iter().rev().copied().collect();
        self.graph.ranges.iter_mut().for_each(|range| range.outer = turned(range.outer));
        self.graph.blocks.iter_mut().for_each(|block| block.range = turned(block.range));
        self.skip_empty();
        let reached = self.reached();
        self.order.retain(|&block| reached[block as usize]);
        // A block that was never started goes to itself: what reaches it would be a mistake of the compiler.
        let started = reached.iter().filter(|&&reached| reached).count() == self.order.len();
        debug_assert!(started, "`{name}` goes to a block that was never started");
        if self.full || !started {
            return None;
        }
        encode_as(&self.graph, &self.order, &name, &self.variables)
    }

    /// Lets ways to blocks that only go on lead to where those go.
    fn skip_empty(&mut self) {
        let blocks = &self.graph.blocks;
        let mut goal: Vec<u32> = (0..blocks.len() as u32).collect();
        for &number in self.order.iter().rev() {
            if let graph::Block { insns, end: End::Jump(to), .. } = &blocks[number as usize]
                && insns.is_empty()
            {
                // Blocks that come later have been looked at; a way back is followed one step.
                goal[number as usize] = goal[*to as usize];
            }
        }
        // A circle of nothing but jumps keeps its first block.
        for block in &mut self.graph.blocks {
            block.end.map_targets(|to| goal[to as usize]);
        }
    }

    fn reached(&self) -> Vec<bool> {
        let mut reached = vec![false; self.graph.blocks.len()];
        let mut ranges = vec![false; self.graph.ranges.len()];
        let mut left = vec![0u32];
        while let Some(number) = left.pop() {
            if std::mem::replace(&mut reached[number as usize], true) {
                continue;
            }
            let block = &self.graph.blocks[number as usize];
            block.end.visit_targets(|to| left.push(to));
            let mut range = block.range;
            while let Some(r) = range.filter(|&r| !std::mem::replace(&mut ranges[r as usize], true)) {
                left.push(self.graph.ranges[r as usize].target);
                range = self.graph.ranges[r as usize].outer;
            }
        }
        reached
    }
}
