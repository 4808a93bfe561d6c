//! The roots of a process with what they are called, for those who ask what keeps an object alive.
//!
//! They are the roots of [`roots`](crate::roots), in the same order; nothing changes.

use mvm_isa::Opcode;
use mvm_module::cfg::instructions;

use crate::image::{HALT_MANY_PC, STUB_REGISTERS};
use crate::inspect::FrameInfo;
use crate::process::Process;
use crate::roots::FrameMaps;

/// Where a process refers to an object from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootPlace {
    /// A register of a call that is under way.
    Register {
        /// The call.
        frame: FrameInfo,
        /// How many calls are inside of it; 0 for the running function.
        inner: usize,
        /// The register.
        register: u16,
    },
    /// A literal of the module, by number.
    Literal(u32),
    /// An instruction with a lot of work has it in hand.
    Work,
    /// It is an exception whose backtrace is kept.
    Exception,
}

impl Process {
    /// Calls `visit` with every reference that keeps an object alive and says where it is; null ones too.
    pub fn each_root(&self, mut visit: impl FnMut(u32, RootPlace)) {
        let mut maps = FrameMaps::default();
        let mut inner = 0;
        self.each_frame(|frame| {
            if let Some(place) = self.place_of(&frame) {
                let info = FrameInfo::new(place, &frame);
                for &register in maps.at(&self.image, frame.pc, frame.running) {
                    let object = self.stack[frame.base + usize::from(register)] as u32;
                    visit(object, RootPlace::Register { frame: info, inner, register });
                }
            }
            inner += 1;
        });
        for (index, &object) in self.literals.iter().enumerate() {
            visit(object, RootPlace::Literal(index as u32));
        }
        for object in self.resume.objects {
            visit(object, RootPlace::Work);
        }
        for &(object, _) in self.traces() {
            visit(object, RootPlace::Exception);
        }
    }

    /// Puts a process whose main function has returned back in front of that return, so that its registers can be looked
    /// at and are roots. They are what they were when they have been kept
    /// ([`keep_registers`](mvm_module::VerifiedModule::keep_registers)) and the function that returned was main itself;
    /// otherwise nothing changes, and the answer is false.
    pub fn return_to_main(&mut self) -> bool {
        let module = self.image.module();
        let Some(main) = module.main else { return false };
        let returned = self.is_finished() && self.pc <= HALT_MANY_PC;
        if !returned || module.liveness(main).is_precise() {
            return false;
        }
        let mut last = None;
        for (pc, op, _) in instructions(&module.functions[main.0 as usize].code) {
            match op {
                Opcode::Ret | Opcode::RetValue | Opcode::RetMany => last = Some(pc),
                // Another function may have taken its place.
                Opcode::TailCall | Opcode::TailCallRef => return false,
                _ => {}
            }
        }
        let Some(last) = last else { return false };
        // Nothing has run since the return, so the frame is still above the one that took the results.
        self.pc = self.image.start_of(main) + last;
        self.base = 1 + STUB_REGISTERS + 1;
        true
    }
}
