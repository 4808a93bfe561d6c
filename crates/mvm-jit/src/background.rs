//! A thread that compiles while the program goes on.
//!
//! There is one when there is something to compile, and none when there is not: so nobody has to end it. When its work becomes visible is
//! left to chance, which is harmless, because a program cannot tell native code from the interpreter.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use mvm_exec::Image;
use mvm_module::FuncId;

/// Bytes of the stack of the thread: Cranelift goes as deep as its input is.
const STACK_BYTES: usize = 8 << 20;

/// What is to be compiled.
pub(crate) type Wanted = (Weak<Image>, FuncId);

/// What waits to be compiled.
#[derive(Default)]
pub(crate) struct Background {
    state: Mutex<State>,
    idle: Condvar,
}

#[derive(Default)]
struct State {
    waits: VecDeque<Wanted>,
    /// There is a thread.
    runs: bool,
}

impl Background {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `compile` be called with `wanted` on a thread, after what was asked for before. False when the host gives no thread.
    pub(crate) fn ask<T: Send + Sync + 'static>(
        shared: &Arc<T>,
        of: fn(&T) -> &Background,
        compile: fn(&T, &Arc<Image>, FuncId),
        wanted: Wanted,
    ) -> bool {
        let background = of(shared);
        let mut state = background.lock();
        state.waits.push_back(wanted);
        if state.runs {
            return true;
        }
        let theirs = Arc::clone(shared);
        let work = move || of(&theirs).work(|image, function| compile(&theirs, image, function));
        let thread = thread::Builder::new().name("mvm-jit".into()).stack_size(STACK_BYTES).spawn(work);
        state.runs = thread.is_ok();
        if thread.is_err() {
            state.waits.pop_back();
        }
        state.runs
    }

    fn work(&self, compile: impl Fn(&Arc<Image>, FuncId)) {
        loop {
            let mut state = self.lock();
            let Some((image, function)) = state.waits.pop_front() else {
                state.runs = false;
                self.idle.notify_all();
                return;
            };
            drop(state);
            // A program that is not there any more needs no code.
            if let Some(image) = image.upgrade() {
                compile(&image, function);
            }
        }
    }

    /// Waits until everything has been compiled that was asked for.
    pub(crate) fn wait(&self) {
        let mut state = self.lock();
        while state.runs {
            state = self.idle.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
