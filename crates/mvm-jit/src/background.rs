//! A thread that compiles while the program goes on.
//!
//! There is one when there is something to compile, and none when there is not: so nobody has to end it. When its work becomes visible is
//! left to chance, which is harmless, because a program cannot tell native code from the interpreter.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use mvm_exec::Image;
use mvm_module::FuncId;

use crate::Shared;

/// Bytes of the stack of the thread: Cranelift goes as deep as its input is.
const STACK_BYTES: usize = 8 << 20;

/// What waits to be compiled.
#[derive(Default)]
pub(crate) struct Background {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    waits: VecDeque<(Weak<Image>, FuncId)>,
    /// There is a thread.
    runs: bool,
}

impl Background {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything has been compiled that was asked for.
    pub(crate) fn wait(&self) {
        let mut state = self.lock();
        while state.runs {
            state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Lets a function be compiled on the thread, after what was asked for before. False when the host gives no thread.
pub(crate) fn compile(shared: &Arc<Shared>, image: &Arc<Image>, function: FuncId) -> bool {
    let mut state = shared.background.lock();
    if !state.runs {
        let theirs = Arc::clone(shared);
        let thread = thread::Builder::new().name("mvm-jit".into()).stack_size(STACK_BYTES);
        state.runs = thread.spawn(move || work(&theirs)).is_ok();
    }
    if state.runs {
        state.waits.push_back((Arc::downgrade(image), function));
    }
    state.runs
}

fn work(shared: &Shared) {
    loop {
        let mut state = shared.background.lock();
        let Some((image, function)) = state.waits.pop_front() else {
            state.runs = false;
            shared.background.idle.notify_all();
            return;
        };
        drop(state);
        // A program that is not there any more needs no code.
        if let Some(image) = image.upgrade() {
            shared.compile(&image, function);
        }
    }
}
