//! What a process refers to its heap from: the live registers of all frames, the objects of literals, the resume record,
//! and the exceptions whose backtrace is kept.
//!
//! Deep recursion that allocates must not scan its whole stack at every young collection. So a collection marks the
//! frames it has visited: the mark of a frame is in the header of the frame above it, which is written anew by the next
//! call. A frame whose mark says "twice" has not run since two collections, so what it refers to is old, and so are all
//! below it. Watermarks after Cheng, Harper, Lee (1998), without return barriers.

use std::collections::BTreeMap;

use mvm_heap::{Roots, Wanted};
use mvm_module::liveness::RegSet;

use crate::image::{HALT_MANY_PC, Image};
use crate::planted::Planted;
use crate::process::{FrameHeader, Process, Resume, Seldom};

/// Places whose live references are remembered; more are worked out again.
const MAPS_MAX: usize = 4096;

/// Which registers hold live references at places in the code, as far as collections have asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct FrameMaps {
    known: BTreeMap<(u32, bool), Box<[u16]>>,
    live: RegSet,
}

impl FrameMaps {
    /// The live reference registers of a frame that is at `pc` (runs) or goes on there (does not).
    pub(crate) fn at(&mut self, image: &Image, pc: u32, running: bool) -> &[u16] {
        if self.known.len() >= MAPS_MAX && !self.known.contains_key(&(pc, running)) {
            self.known.clear();
        }
        let live = &mut self.live;
        self.known.entry((pc, running)).or_insert_with(|| {
            // Outer frames go on behind a call; what a handler around the call reads is live too.
            let Some((id, at)) = image.locate(if running { pc } else { pc - 1 }) else {
                return Box::default();
            };
            let function = &image.module().functions[id.0 as usize];
            let liveness = image.module().liveness(id);
            if running {
                liveness.live_before(function, at, live);
            } else {
                liveness.live_across(function, at, live);
            }
            live.iter().filter(|&register| function.registers[usize::from(register)].is_ref()).collect()
        })
    }
}

/// The parts of a process that hold references.
pub(crate) struct ProcessRoots<'a> {
    image: &'a Image,
    stack: &'a mut [u64],
    base: usize,
    pc: u32,
    literals: &'a mut [u32],
    resume: &'a mut Resume,
    seldom: Option<&'a mut Seldom>,
    maps: &'a mut FrameMaps,
    bug: Option<Planted>,
}

impl Process {
    /// The heap, and everything that refers to it.
    pub(crate) fn heap_and_roots(&mut self) -> (&mut mvm_heap::Heap, ProcessRoots<'_>) {
        let bug = Planted::WRONG.into_iter().find(|&bug| self.has_bug(bug));
        let roots = ProcessRoots {
            image: &self.image,
            stack: &mut self.stack,
            base: self.base,
            pc: self.pc,
            literals: &mut self.literals,
            resume: &mut self.resume,
            seldom: self.seldom.as_deref_mut(),
            maps: self.maps.get_or_insert_default(),
            bug,
        };
        (&mut self.heap, roots)
    }
}

impl Roots for ProcessRoots<'_> {
    fn visit(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        self.visit_frames(wanted, visit);
        self.visit_literals(wanted, visit);
        if self.bug != Some(Planted::ForgottenResult) {
            for object in &mut self.resume.objects {
                visit(object);
            }
        }
        for (object, _) in self.seldom.iter_mut().flat_map(|seldom| &mut seldom.traces) {
            visit(object);
        }
    }
}

impl ProcessRoots<'_> {
    fn visit_frames(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        let (mut pc, mut base, mut running) = (self.pc, self.base, true);
        while pc > HALT_MANY_PC && base > 1 {
            let mut registers = self.maps.at(self.image, pc, running);
            if running && self.bug == Some(Planted::ForgottenRegister) {
                registers = registers.split_last().map_or(registers, |(_, rest)| rest);
            }
            for &register in registers {
                let slot = &mut self.stack[base + usize::from(register)];
                let mut object = *slot as u32;
                visit(&mut object);
                *slot = u64::from(object);
            }
            let header = FrameHeader(self.stack[base - 1]);
            match wanted {
                Wanted::Look => {}
                Wanted::Recent if header.mark() == FrameHeader::TWICE => return,
                Wanted::Recent => self.stack[base - 1] = header.with_mark(header.mark() + 1).0,
                Wanted::All => self.stack[base - 1] = header.with_mark(FrameHeader::TWICE).0,
            }
            (pc, base, running) = (header.return_pc(), base - header.delta(), false);
        }
    }

    fn visit_literals(&mut self, wanted: Wanted, visit: &mut dyn FnMut(&mut u32) -> bool) {
        if self.bug == Some(Planted::ForgottenLiterals) {
            return;
        }
        if wanted == Wanted::Recent {
            if let Some(seldom) = &mut self.seldom {
                seldom.young_literals.retain(|&index| visit(&mut self.literals[index as usize]));
            }
            return;
        }
        for object in self.literals.iter_mut() {
            visit(object);
        }
        if wanted == Wanted::All
            && let Some(seldom) = &mut self.seldom
        {
            seldom.young_literals.clear();
        }
    }
}
