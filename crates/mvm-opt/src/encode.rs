//! From a graph back to a function: order of the blocks, branch distances, tables.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mvm_isa::{NO_REG, Opcode, Operand, encode, field_b, map_registers, set_target};
use mvm_module::finish::{finish_function, needs_enter};
use mvm_module::{FuncDebug, Function, Handler, InlineEntry, InlinedCall, LineEntry, Name, VarEntry, limits};

use crate::flow::Flow;
use crate::graph::{BlockId, End, Graph, Insn, NONE, Position, Site};

/// Rounds of widening after which every branch that can be long becomes long.
const ROUNDS_MAX: usize = 24;
/// Handler ranges around all blocks together, each counted for each block, that are still written.
const RANGES_AROUND_MAX: usize = 1 << 22;

/// A variable of the source language, by its register in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Name in the source language.
    pub(crate) name: Name,
    /// Type as the source language writes it.
    pub(crate) ty: Name,
    /// Register of the graph.
    pub(crate) register: u16,
}

/// The function of a graph, with the name and the tables of `old`; none when it would pass a limit. Blocks that cannot
/// be reached and registers that nothing uses are left out.
pub(crate) fn encode(graph: &Graph, old: &Function) -> Option<Function> {
    let flow = Flow::of(graph)?;
    encode_as(graph, &arrange(graph, &flow), &old.name, &[])
}

/// The function of a graph with its blocks in this order: every block that can be reached, the entry first. Variables
/// are those of the whole function.
pub(crate) fn encode_as(
    graph: &Graph,
    order: &[BlockId],
    name: &Name,
    variables: &[Variable],
) -> Option<Function> {
    let (map, count) = used_registers(graph, order);
    let mut writer = Writer::new(graph, order, &map);
    writer.settle();
    writer.write()?;
    let kept = |list: &[Name]| -> Vec<Name> {
        let named = list.iter().zip(&map).filter(|&(_, &to)| to != NO_REG);
        named.map(|(name, _)| name.clone()).collect()
    };
    let types = graph.registers.iter().zip(&map).filter(|&(_, &to)| to != NO_REG).map(|(ty, _)| *ty);
    let registers: Vec<_> = types.collect();
    debug_assert_eq!(registers.len(), count);
    let mut function = Function {
        name: name.clone(),
        params: graph.params,
        results: graph.results.clone(),
        registers,
        handlers: writer.handlers()?,
        code: std::mem::take(&mut writer.code),
        debug: FuncDebug {
            register_names: kept(&graph.names),
            lines: std::mem::take(&mut writer.lines),
            vars: Vec::new(),
            calls: std::mem::take(&mut writer.calls),
            inlined: std::mem::take(&mut writer.inlined),
        },
    };
    if needs_enter(&function) {
        add_enter(&mut function, graph);
    }
    finish_function(&mut function);
    let end = function.code.len() as u32;
    let kept = variables.iter().filter(|variable| map[usize::from(variable.register)] != NO_REG);
    function.debug.vars = kept
        .map(|Variable { name, ty, register }| VarEntry {
            name: name.clone(),
            ty: ty.clone(),
            register: map[usize::from(*register)],
            start: 0,
            end,
        })
        .collect();
    (function.code.len() <= limits::FUNCTION_WORDS_MAX).then_some(function)
}

/// Puts `enter` in front.
fn add_enter(function: &mut Function, graph: &Graph) {
    let mut enter = Vec::new();
    encode::fixed(&mut enter, Opcode::Enter, &[1, 0]);
    function.code.splice(0..0, enter);
    for handler in &mut function.handlers {
        handler.start += 1;
        handler.end += 1;
        handler.target += 1;
    }
    function.debug.lines.iter_mut().for_each(|entry| entry.pc += 1);
    function.debug.inlined.iter_mut().for_each(|entry| entry.pc += 1);
    let first = match graph.positions.get(graph.entry_at as usize) {
        Some(at) => Some(LineEntry { pc: 0, file: at.file, line: at.line, column: at.column }),
        None => function.debug.lines.first().map(|first| LineEntry { pc: 0, ..*first }),
    };
    if let Some(first) = first {
        let same = |entry: &LineEntry| {
            (entry.pc, entry.file, entry.line, entry.column) == (1, first.file, first.line, first.column)
        };
        if function.debug.lines.first().is_some_and(same) {
            function.debug.lines.remove(0);
        }
        function.debug.lines.insert(0, first);
    }
}

/// Place of each reachable block in an order in which each stands behind those that go forward to it, and a handler behind
/// the beginning of its range; [`NONE`] for the others.
fn places(graph: &Graph) -> Vec<u32> {
    let mut post: Vec<BlockId> = Vec::new();
    let mut seen = vec![false; graph.blocks.len()];
    let mut around = vec![false; graph.ranges.len()];
    // What is visited last comes first, so successors stand behind the handlers here.
    let mut follow = |block: BlockId| {
        let mut all = Vec::new();
        graph.blocks[block as usize].end.visit_targets(|to| all.push(to));
        let mut range = graph.blocks[block as usize].range;
        while let Some(number) = range.filter(|&r| !std::mem::replace(&mut around[r as usize], true)) {
            all.push(graph.ranges[number as usize].target);
            range = graph.ranges[number as usize].outer;
        }
        all
    };
    let mut stack = vec![(0, follow(0))];
    seen[0] = true;
    while let Some((block, left)) = stack.last_mut() {
        match left.pop() {
            Some(to) if !std::mem::replace(&mut seen[to as usize], true) => {
                let next = follow(to);
                stack.push((to, next));
            }
            Some(_) => {}
            None => {
                post.push(*block);
                stack.pop();
            }
        }
    }
    let mut places = vec![NONE; graph.blocks.len()];
    post.iter().rev().enumerate().for_each(|(place, &block)| places[block as usize] = place as u32);
    places
}

/// The order of the blocks: each behind those that go forward to it, what can follow directly next, and loops together.
fn arrange(graph: &Graph, flow: &Flow) -> Vec<BlockId> {
    let depths = flow.loop_depths(graph);
    let places = places(graph);
    // Ways into each block that are still to be written, apart from ways back.
    let mut awaited = vec![0u32; graph.blocks.len()];
    let forward = |from: BlockId, to: BlockId| places[from as usize] < places[to as usize];
    for &from in &flow.order {
        graph.blocks[from as usize]
            .end
            .visit_targets(|to| awaited[to as usize] += u32::from(forward(from, to)));
    }
    let mut order = Vec::with_capacity(flow.order.len());
    // Of what is ready the deepest in loops comes first, then what became ready last.
    let mut ready: BinaryHeap<(u32, u32, BlockId)> = BinaryHeap::new();
    let mut first: Vec<BlockId> =
        flow.order.iter().copied().filter(|&block| awaited[block as usize] == 0).collect();
    first.sort_unstable_by_key(|&block| Reverse(places[block as usize]));
    let mut serial = first.len() as u32;
    ready.extend(first.into_iter().enumerate().map(|(number, block)| (0, number as u32, block)));
    let mut found: Vec<BlockId> = Vec::new();
    let mut next = None;
    while let Some(block) = next.take().or_else(|| ready.pop().map(|(_, _, block)| block)) {
        order.push(block);
        found.clear();
        graph.blocks[block as usize].end.visit_targets(|to| {
            if forward(block, to) {
                awaited[to as usize] -= 1;
                if awaited[to as usize] == 0 {
                    found.push(to);
                }
            }
        });
        // Of two that are as deep in loops the one that stood behind follows.
        next = found.iter().copied().max_by_key(|&to| depths[to as usize]);
        for &to in found.iter().filter(|&&to| Some(to) != next) {
            serial += 1;
            ready.push((depths[to as usize], serial, to));
        }
    }
    order
}

/// New numbers of the registers that are used and of the parameters, [`NO_REG`] for the others, and how many there are.
fn used_registers(graph: &Graph, order: &[BlockId]) -> (Vec<u16>, usize) {
    let mut map = vec![NO_REG; graph.registers.len()];
    map[..usize::from(graph.params)].fill(0);
    let mut around = vec![false; graph.ranges.len()];
    for &number in order {
        let block = &graph.blocks[number as usize];
        for insn in block.insns.iter().chain(block.end.insn()) {
            insn.visit(|_, register| map[usize::from(register)] = 0);
        }
        let mut range = block.range;
        while let Some(r) = range.filter(|&r| !std::mem::replace(&mut around[r as usize], true)) {
            map[usize::from(graph.ranges[r as usize].register)] = 0;
            range = graph.ranges[r as usize].outer;
        }
    }
    let mut count = 0;
    for to in map.iter_mut().filter(|to| **to != NO_REG) {
        *to = count;
        count += 1;
    }
    (map, count.into())
}

/// How the end of a block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    /// The conditional branch is turned into its opposite, so what it goes to is `next`.
    turned: bool,
    /// The conditional branch is too far: its opposite stands over a jump.
    long: bool,
    /// A jump stands behind it.
    jump: Option<BlockId>,
}

struct Writer<'g> {
    graph: &'g Graph,
    order: &'g [BlockId],
    map: &'g [u16],
    /// Where each block begins, by its number.
    starts: Vec<u32>,
    forms: Vec<Form>,
    code: Vec<u64>,
    lines: Vec<LineEntry>,
    /// Position that the last line entry stands for.
    at: u32,
    calls: Vec<InlinedCall>,
    inlined: Vec<InlineEntry>,
    /// Number in `calls` of each site of the graph.
    numbers: Vec<u32>,
}

impl<'g> Writer<'g> {
    fn new(graph: &'g Graph, order: &'g [BlockId], map: &'g [u16]) -> Writer<'g> {
        let forms = order.iter().enumerate().map(|(place, &number)| {
            let follower = order.get(place + 1).copied();
            let (turned, jump) = match &graph.blocks[number as usize].end {
                End::Jump(to) => (false, (follower != Some(*to)).then_some(*to)),
                End::Branch { next, .. } if follower == Some(*next) => (false, None),
                End::Branch { taken, .. } if follower == Some(*taken) => (true, None),
                End::Branch { next, .. } => (false, Some(*next)),
                End::Switch { .. } | End::Leave(_) => (false, None),
            };
            Form { turned, long: false, jump }
        });
        let forms = forms.collect();
        let starts = vec![0; graph.blocks.len()];
        let numbers = vec![NONE; graph.sites.len()];
        let (code, lines, calls, inlined) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Writer { graph, order, map, starts, forms, code, lines, at: NONE, calls, inlined, numbers }
    }

    /// The conditional branch at the end of the block at this place, and what it goes to.
    fn branch(&self, place: usize) -> Option<(&'g Insn, BlockId)> {
        match &self.graph.blocks[self.order[place] as usize].end {
            End::Branch { insn, taken, next } => {
                Some((insn, if self.forms[place].turned { *next } else { *taken }))
            }
            End::Jump(_) | End::Switch { .. } | End::Leave(_) => None,
        }
    }

    /// Computes where blocks begin, and where branches end blocks.
    fn measure(&mut self) -> Vec<u32> {
        let mut pc = 0u32;
        let mut branches = Vec::with_capacity(self.order.len());
        for (place, &number) in self.order.iter().enumerate() {
            let block = &self.graph.blocks[number as usize];
            self.starts[number as usize] = pc;
            pc += block.insns.iter().map(|insn| insn.words().len() as u32).sum::<u32>();
            branches.push(pc);
            let Form { long, jump, .. } = self.forms[place];
            pc += block.end.insn().map_or(0, |insn| insn.words().len() as u32);
            pc += u32::from(long) + u32::from(jump.is_some());
        }
        branches
    }

    /// Widens branches until all reach.
    fn settle(&mut self) {
        for round in 0.. {
            let branches = self.measure();
            let mut changed = false;
            for (place, &at) in branches.iter().enumerate() {
                let Some((insn, to)) = self.branch(place).filter(|_| !self.forms[place].long) else {
                    continue;
                };
                let distance = i64::from(self.starts[to as usize]) - i64::from(at);
                if round >= ROUNDS_MAX || too_far(insn.op, distance) {
                    self.forms[place].long = true;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
    }

    fn write(&mut self) -> Option<()> {
        for (place, &number) in self.order.iter().enumerate() {
            let block = &self.graph.blocks[number as usize];
            for insn in &block.insns {
                self.push(insn);
            }
            match &block.end {
                End::Jump(_) => {}
                End::Branch { .. } => self.push_branch(place)?,
                End::Switch { insn, targets } => self.push_switch(insn, targets),
                End::Leave(insn) => self.push(insn),
            }
            if let Some(to) = self.forms[place].jump {
                self.push_jump(to, block.end_at);
            }
        }
        Some(())
    }

    fn push(&mut self, insn: &Insn) {
        self.note(insn.at);
        let pc = self.code.len();
        self.code.extend_from_slice(insn.words());
        map_registers(insn.op, &mut self.code[pc..], |_, register| self.map[usize::from(register)]);
    }

    /// Notes where what comes next comes from.
    fn note(&mut self, at: u32) {
        // Where there are no lines, code without a position is that of the function itself.
        if at == self.at || at == NONE && self.graph.has_lines {
            return;
        }
        self.at = at;
        let site = self.graph.positions.get(at as usize).map_or(NONE, |at| at.site);
        let call = if site == NONE { None } else { Some(self.call(site)) };
        if call != self.inlined.last().and_then(|entry| entry.call) {
            let pc = self.code.len() as u32;
            self.inlined.push(InlineEntry { pc, call });
        }
        let same = |last: &LineEntry, now: LineEntry| {
            (last.file, last.line, last.column) == (now.file, now.line, now.column)
        };
        let Some(position) = self.graph.positions.get(at as usize) else { return };
        let pc = self.code.len() as u32;
        let entry = LineEntry { pc, file: position.file, line: position.line, column: position.column };
        if position.line > 0 && !self.lines.last().is_some_and(|last| same(last, entry)) {
            self.lines.push(entry);
        }
    }

    /// The number of an inlined call in the table that is written: those that code belongs to, outer ones first.
    fn call(&mut self, site: u32) -> u32 {
        let mut missing = Vec::new();
        let mut next = site;
        while next != NONE && self.numbers[next as usize] == NONE {
            missing.push(next);
            next = self.outer(next);
        }
        for site in missing.into_iter().rev() {
            let outer = self.outer(site);
            let Site { function, at } = self.graph.sites[site as usize];
            let none = Position { file: 0, line: 0, column: 0, site: NONE };
            let Position { file, line, column, .. } =
                self.graph.positions.get(at as usize).filter(|at| at.line > 0).copied().unwrap_or(none);
            self.numbers[site as usize] = self.calls.len() as u32;
            let outer = if outer == NONE { None } else { Some(self.numbers[outer as usize]) };
            self.calls.push(InlinedCall { function, outer, file, line, column });
        }
        self.numbers[site as usize]
    }

    /// The site in whose code a site stands.
    fn outer(&self, site: u32) -> u32 {
        let at = self.graph.sites[site as usize].at;
        self.graph.positions.get(at as usize).map_or(NONE, |at| at.site)
    }

    fn push_branch(&mut self, place: usize) -> Option<()> {
        let (insn, to) = self.branch(place)?;
        let Form { turned, long, .. } = self.forms[place];
        self.note(insn.at);
        let mut insn = insn.clone();
        insn.map(|_, register| self.map[usize::from(register)]);
        let (mut op, mut word) = (insn.op, insn.words()[0]);
        if turned != long {
            let (opposite, swap) = op.opposite()?;
            let (a, b) = (word >> 16 & 0xffff, u64::from(field_b(word)));
            let (a, b) = if swap { (b, a) } else { (a, b) };
            let wide = matches!(opposite.info().operands.last(), Some(Operand::Label32));
            word = opposite as u64 | a << 16 | if wide { 0 } else { b << 32 };
            op = opposite;
        }
        if long {
            let mut words = [word];
            set_target(op, &mut words, 0, 2);
            self.code.extend(words);
            self.push_jump(to, insn.at);
            return Some(());
        }
        let distance = i64::from(self.starts[to as usize]) - self.code.len() as i64;
        if distance <= 0 {
            op = op.backward()?;
            word = word & !0xffff | op as u64;
        }
        let mut words = [word];
        set_target(op, &mut words, 0, distance);
        self.code.extend(words);
        Some(())
    }

    fn push_jump(&mut self, to: BlockId, at: u32) {
        self.note(at);
        let distance = i64::from(self.starts[to as usize]) - self.code.len() as i64;
        if distance > 0 {
            encode::fixed(&mut self.code, Opcode::Jmp, &[distance]);
        } else {
            encode::fixed(&mut self.code, Opcode::JmpBack, &[1, distance]);
        }
    }

    fn push_switch(&mut self, insn: &Insn, targets: &[BlockId]) {
        let pc = self.code.len();
        self.push(insn);
        let words = &mut self.code[pc..];
        let distance = |to: BlockId| i64::from(self.starts[to as usize]) - pc as i64;
        if targets.iter().any(|&to| distance(to) <= 0) {
            words[0] = words[0] & !0xffff | Opcode::SwitchBack as u64;
        }
        for (index, &to) in targets.iter().enumerate() {
            set_target(insn.op, words, index, distance(to));
        }
    }

    /// The handler table: a range for each stretch of neighbours that belong to it, inner ones first.
    fn handlers(&self) -> Option<Vec<Handler>> {
        let mut handlers = Vec::new();
        // Open ranges, outer ones first, with where they began.
        let mut open: Vec<(u32, u32)> = Vec::new();
        let mut around = 0;
        let mut chain = Vec::new();
        let end_of = |place: usize| match self.order.get(place + 1) {
            Some(&next) => self.starts[next as usize],
            None => self.code.len() as u32,
        };
        let close = |open: &mut Vec<(u32, u32)>, keep: usize, end: u32, handlers: &mut Vec<Handler>| {
            while open.len() > keep {
                let Some((number, start)) = open.pop() else { return };
                let range = self.graph.ranges[number as usize];
                handlers.push(Handler {
                    start,
                    end,
                    target: self.starts[range.target as usize],
                    class: range.class,
                    register: self.map[usize::from(range.register)],
                });
            }
        };
        for (place, &number) in self.order.iter().enumerate() {
            let start = self.starts[number as usize];
            if end_of(place) == start {
                continue;
            }
            chain.clear();
            let mut range = self.graph.blocks[number as usize].range;
            while let Some(number) = range {
                chain.push(number);
                range = self.graph.ranges[number as usize].outer;
            }
            around += chain.len();
            let same = chain.iter().rev().zip(&open).take_while(|&(range, (open, _))| range == open).count();
            close(&mut open, same, start, &mut handlers);
            open.extend(chain.iter().rev().skip(same).map(|&range| (range, start)));
            if around > RANGES_AROUND_MAX || handlers.len() + open.len() > limits::HANDLERS_MAX {
                return None;
            }
        }
        close(&mut open, 0, self.code.len() as u32, &mut handlers);
        Some(handlers)
    }
}

/// Whether a conditional branch at this distance needs a jump.
fn too_far(op: Opcode, distance: i64) -> bool {
    if distance <= 0 {
        return op.backward().is_none() || -distance > limits::SHORT_BACK_WORDS_MAX as i64;
    }
    matches!(op.info().operands.last(), Some(Operand::Label16)) && distance > i64::from(i16::MAX)
}
