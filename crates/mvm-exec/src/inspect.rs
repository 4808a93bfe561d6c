//! Looking at the frames of a process from outside: for debuggers and tracers.

use std::ops::ControlFlow;

use mvm_module::liveness::RegSet;

use crate::process::Process;
use crate::trace::{Frame, Place};

/// A call that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameInfo {
    /// The next instruction of the running function; inside the call instruction for outer frames.
    pub place: Place,
    /// Grows with each call and shrinks with each return.
    pub base: usize,
    /// Whether this is the innermost frame.
    running: bool,
}

impl FrameInfo {
    pub(crate) fn new(place: Place, frame: &Frame) -> FrameInfo {
        FrameInfo { place, base: frame.base, running: frame.running }
    }
}

impl Process {
    /// Where a frame is in its function.
    pub(crate) fn place_of(&self, frame: &Frame) -> Option<Place> {
        self.image.locate(frame.at()).map(|(function, pc)| Place { function, pc })
    }

    /// Tells frames apart: greater in a call than in its caller, the same again after the call. A tail call keeps it.
    pub fn frame_base(&self) -> usize {
        self.base
    }

    /// The innermost frames, at most so many, the running one first.
    pub fn frames(&self, most: usize) -> Vec<FrameInfo> {
        let mut frames = Vec::new();
        self.frames_until(|frame| {
            if frames.len() == most {
                return ControlFlow::Break(());
            }
            let Some(place) = self.place_of(&frame) else { return ControlFlow::Continue(()) };
            frames.push(FrameInfo::new(place, &frame));
            ControlFlow::Continue(())
        });
        frames
    }

    /// The value of a register of a frame; 0 for one that does not exist.
    pub fn frame_register(&self, frame: &FrameInfo, register: u16) -> u64 {
        self.stack.get(frame.base + usize::from(register)).copied().unwrap_or(0)
    }

    /// The registers of a frame whose values can still be read by the program, ascending.
    pub fn live_registers(&self, frame: &FrameInfo) -> Vec<u16> {
        let mut live = RegSet::default();
        let id = frame.place.function;
        let function = &self.image.module().functions[id.0 as usize];
        let liveness = self.image.module().liveness(id);
        if frame.running {
            liveness.live_before(function, frame.place.pc, &mut live);
        } else {
            liveness.live_across(function, frame.place.pc, &mut live);
        }
        live.iter().collect()
    }
}
