//! Exceptions: finding a handler, unwinding to it, or giving up.

use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_heap::{AllocError, Header};
use mvm_isa::{Trap, TrapCode, TypeId};

use crate::image::Image;
use crate::planted::Planted;
use crate::process::{Fault, Process, Step, Stop, Uncaught};
use crate::run::Raised;
use crate::trace::{Place, Trace};

/// Offsets of the fields of class `Error` and `Trap`: see `Module::builtin_types`.
const MESSAGE: usize = 0;
const CODE_WORD: usize = 1;

/// Entering a handler charges 1, and 1 more for so many frames left and handler ranges looked at.
const WORK_PER_REDUCTION: i64 = 64;

/// Where an exception goes.
struct Found {
    base: usize,
    pc: u32,
    register: u16,
    /// Reductions.
    cost: i64,
}

/// Raises a trap or a thrown object (`Ok`). The process goes on at the handler, or stops.
pub(super) fn raise(p: &mut Process, what: Result<u32, Trap>) -> Step {
    let class = match what {
        Ok(object) => p.heap.class(object),
        Err(trap) => TypeId::of_trap(trap.code),
    };
    let (found, trace) = find_handler(p, class);
    let Some(found) = found else {
        let message = match what {
            Ok(object) => message_of(p, object),
            Err(trap) => describe(p.image(), &trap),
        };
        let trace = match what {
            Ok(object) => match p.traces().iter().find(|(known, _)| *known == object) {
                Some((_, first)) => first.continued(&trace),
                None => trace,
            },
            Err(_) => trace,
        };
        return Step::Stop(p.fail(Uncaught { trap: what.err(), class, message, trace }));
    };
    if let Err(Fault::Fuel) = p.charge(found.cost) {
        return Step::Stop(Stop::OutOfFuel);
    }
    let object = match what {
        Ok(object) => object,
        Err(trap) => match exception(p, &trap) {
            Ok(object) => object,
            Err(why) => {
                let message = format!("{}; {why}", describe(p.image(), &trap));
                let trap = Some(trap);
                return Step::Stop(p.fail(Uncaught { trap, class, message, trace }));
            }
        },
    };
    if !p.traces().iter().any(|(known, _)| *known == object) {
        p.keep_trace(object, trace);
    }
    if !p.has_bug(Planted::KeptProgress) {
        p.resume = Default::default();
    }
    p.syscall_pending = false;
    p.base = found.base;
    p.pc = found.pc;
    p.set_reg(found.register, u64::from(object));
    Step::Next
}

/// What is known of an exception before it is raised. None for a fault that is no exception.
pub(crate) fn raised(p: &Process, fault: Fault) -> Option<Raised> {
    let (trap, class, message) = match fault {
        Fault::Trap(trap) => (Some(trap), TypeId::of_trap(trap.code), describe(p.image(), &trap)),
        Fault::Throw(object) => (None, p.heap.class(object), message_of(p, object)),
        Fault::Fuel => return None,
    };
    let (found, _) = find_handler(p, class);
    let handler = found.and_then(|found| p.image().locate(found.pc));
    Some(Raised { trap, class, message, handler: handler.map(|(function, pc)| Place { function, pc }) })
}

/// Looks for the innermost handler of `class` and notes the calls on the way, up to that of the handler.
fn find_handler(p: &Process, class: TypeId) -> (Option<Found>, Trace) {
    let image = Arc::clone(p.image());
    let mut found = None;
    let mut trace = Trace::default();
    let mut work = 0;
    p.frames_until(|frame| {
        let Some((id, pc)) = image.locate(frame.at()) else { return ControlFlow::Continue(()) };
        trace.push(Place { function: id, pc });
        let function = &image.module().functions[id.0 as usize];
        work += 1;
        let mut handler = None;
        // The ranges around the place, inner ones first (rule F6): the others of the function are not looked at.
        let cfg = image.module().liveness(id).cfg();
        for index in cfg.block_at(pc).into_iter().flat_map(|block| cfg.handlers(block)) {
            work += 1;
            let range = &function.handlers[index];
            if image.module().classes().assignable(class, range.class) {
                handler = Some(range);
                if !p.has_bug(Planted::WrongHandler) {
                    break;
                }
            }
        }
        let Some(handler) = handler else { return ControlFlow::Continue(()) };
        let pc = image.start_of(id) + handler.target;
        let cost = 1 + work / WORK_PER_REDUCTION;
        found = Some(Found { base: frame.base, pc, register: handler.register, cost });
        ControlFlow::Break(())
    });
    (found, trace)
}

/// The exception object of a trap that is caught. The error says why it cannot be caught after all.
fn exception(p: &mut Process, trap: &Trap) -> Result<u32, &'static str> {
    if !p.may_catch(trap) {
        return Err("caught again and again, with hardly anything allocated in between");
    }
    trap_object(p, trap).ok_or("there is not even room for the exception")
}

/// The exception object of a trap, made in the reserve of the heap; none when that is used up too.
fn trap_object(p: &mut Process, trap: &Trap) -> Option<u32> {
    let message = describe(p.image(), trap);
    let text = reserved(p, Header::new(TypeId::STR, message.len() as u32), message.len().div_ceil(8))?;
    p.heap.payload_mut(text, message.len()).copy_from_slice(message.as_bytes());
    // The resume record is unused now and keeps the message alive.
    p.resume.objects[1] = text;
    let class = TypeId::of_trap(trap.code);
    let words = p.image.classes[class.index()].words;
    let object = reserved(p, Header::new(class, words), words as usize);
    let text = std::mem::take(&mut p.resume.objects[1]);
    let object = object?;
    p.heap.set_reference(object, MESSAGE, text);
    p.heap.set_word(object, CODE_WORD, trap.code as u64);
    Some(object)
}

fn reserved(p: &mut Process, header: Header, words: usize) -> Option<u32> {
    loop {
        match p.heap.alloc_reserved(header, words) {
            Ok(object) => return Some(object),
            Err(AllocError::Collect) => p.collect(),
            Err(AllocError::Limit { .. }) => return None,
        }
    }
}

/// What an exception object says: its class when it has no message.
fn message_of(p: &Process, object: u32) -> String {
    let text = p.heap.reference(object, MESSAGE);
    if text == 0 {
        return String::new();
    }
    String::from_utf8_lossy(p.heap.bytes(text)).into_owned()
}

/// The trap in words, with the names of types.
pub(crate) fn describe(image: &Image, trap: &Trap) -> String {
    let name = |number: i64| image.module().type_name(TypeId(number as u16));
    match trap.code {
        TrapCode::BadCast => {
            format!("bad cast: an object of type `{}` is not a `{}`", name(trap.a), name(trap.b))
        }
        _ => trap.to_string(),
    }
}
