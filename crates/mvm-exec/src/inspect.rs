//! Looking at the frames of a process from outside: for debuggers and tracers.

use mvm_module::liveness::RegSet;

use crate::process::Process;
use crate::trace::Place;

/// A call that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameInfo {
    /// The next instruction of the running function; inside the call instruction for outer frames.
    pub place: Place,
    /// Grows with each call and shrinks with each return.
    pub base: usize,
    /// Registers that take the results of the call under way, as the frame above describes them.
    inner: Option<(u32, usize, u16)>,
}

impl Process {
    /// Tells frames apart: greater in a call than in its caller, the same again after the call. A tail call keeps it.
    pub fn frame_base(&self) -> usize {
        self.base
    }

    /// The innermost frames, at most so many, the running one first.
    pub fn frames(&self, most: usize) -> Vec<FrameInfo> {
        let mut frames = Vec::new();
        let mut inner_results = 0;
        self.each_frame(|frame| {
            if frames.len() == most {
                return;
            }
            let at = if frame.running { frame.pc } else { frame.pc - 1 };
            let Some((function, pc)) = self.image.locate(at) else { return };
            let inner = (!frame.running).then_some((frame.pc, inner_results, frame.dst));
            frames.push(FrameInfo { place: Place { function, pc }, base: frame.base, inner });
            inner_results = self.image.module().functions[function.0 as usize].results.len();
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
        let pc = match frame.inner {
            // Behind the call, as the collector sees it.
            Some((pc, _, _)) => pc - self.image.start_of(id),
            None => frame.place.pc,
        };
        self.image.module().liveness(id).live_before(function, pc, &mut live);
        if let Some((pc, results, dst)) = frame.inner {
            self.image.each_result(pc, results, dst, |register| live.remove(register));
        }
        live.iter().collect()
    }
}
