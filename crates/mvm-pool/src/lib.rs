//! Threads that execute jobs, handed over by value and given back: nothing is shared but the two queues in here.
//!
//! `cargo xtask loom` runs the tests under Loom, which tries every order in which the threads can come to their locks.
#![forbid(unsafe_code)]

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

#[cfg(loom)]
use loom::{
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
};
#[cfg(not(loom))]
use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
};

/// What threads hand each other.
#[derive(Debug)]
struct Queues<J> {
    waiting: VecDeque<J>,
    done: Vec<J>,
    /// Jobs that somebody executes.
    under_way: usize,
    /// What a job has panicked with.
    panic: Option<Box<dyn Any + Send>>,
    closing: bool,
}

#[derive(Debug)]
struct Shared<J> {
    /// Executes a job.
    run: fn(&mut J),
    queues: Mutex<Queues<J>>,
    /// There is a job, or the pool is closing.
    more: Condvar,
    /// A job is done.
    done: Condvar,
}

impl<J: Send + 'static> Shared<J> {
    fn lock(&self) -> MutexGuard<'_, Queues<J>> {
        // No job runs while the lock is held, so a panic leaves nothing half done.
        self.queues.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Executes a job that was taken from the queue.
    fn execute(&self, mut job: J) {
        let result = catch_unwind(AssertUnwindSafe(|| (self.run)(&mut job)));
        let mut queues = self.lock();
        queues.under_way -= 1;
        match result {
            Ok(()) => queues.done.push(job),
            Err(panic) => queues.panic = Some(panic),
        }
        drop(queues);
        self.done.notify_one();
    }

    /// What a thread of the pool does until the pool is closed.
    fn serve(&self) {
        let mut queues = self.lock();
        loop {
            if let Some(job) = queues.waiting.pop_front() {
                queues.under_way += 1;
                drop(queues);
                self.execute(job);
                queues = self.lock();
            } else if queues.closing {
                return;
            } else {
                queues = self.more.wait(queues).unwrap_or_else(|poisoned| poisoned.into_inner());
            }
        }
    }
}

/// Some threads. They end when the pool is dropped.
#[derive(Debug)]
pub struct Pool<J> {
    shared: Arc<Shared<J>>,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static> Pool<J> {
    /// So many threads beside the one that calls [`run`](Pool::run), fewer when the host has no more, for jobs that are executed by `run`.
    pub fn new(threads: usize, run: fn(&mut J)) -> Pool<J> {
        let queues =
            Queues { waiting: VecDeque::new(), done: Vec::new(), under_way: 0, panic: None, closing: false };
        let shared =
            Arc::new(Shared { run, queues: Mutex::new(queues), more: Condvar::new(), done: Condvar::new() });
        let start = |_| {
            let shared = Arc::clone(&shared);
            thread::Builder::new().name("mvm core".into()).spawn(move || shared.serve()).ok()
        };
        let threads = (0..threads).map_while(start).collect();
        Pool { shared, threads }
    }

    /// Executes the jobs, here and on the threads, and `here` before them on this thread. Gives the jobs back in the order in which
    /// they were done.
    ///
    /// # Panics
    /// When a job has panicked, with the same.
    pub fn run(&mut self, jobs: Vec<J>, here: &mut dyn FnMut()) -> Vec<J> {
        let count = jobs.len();
        self.shared.lock().waiting.extend(jobs);
        for _ in 0..count.min(self.threads.len()) {
            self.shared.more.notify_one();
        }
        here();
        let mut queues = self.shared.lock();
        loop {
            if let Some(job) = queues.waiting.pop_front() {
                queues.under_way += 1;
                drop(queues);
                self.shared.execute(job);
                queues = self.shared.lock();
            } else if queues.under_way > 0 {
                queues = self.shared.done.wait(queues).unwrap_or_else(|poisoned| poisoned.into_inner());
            } else {
                break;
            }
        }
        let (done, panic) = (std::mem::take(&mut queues.done), queues.panic.take());
        drop(queues);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
        done
    }
}

impl<J> Drop for Pool<J> {
    fn drop(&mut self) {
        if let Ok(mut queues) = self.shared.queues.lock() {
            queues.closing = true;
        }
        self.shared.more.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pool;

    fn square(number: &mut u64) {
        assert_ne!(*number, 13, "unlucky");
        *number *= *number;
    }

    fn squares(threads: usize, numbers: &[u64]) -> Vec<u64> {
        let mut pool = Pool::new(threads, square);
        let mut all = Vec::new();
        // Twice, so that threads have to wait for more.
        for _ in 0..2 {
            let mut here = false;
            all = pool.run(numbers.to_vec(), &mut || here = true);
            assert!(here, "the closure is called");
            all.sort_unstable();
        }
        all
    }

    #[cfg(not(loom))]
    #[test]
    fn every_job_is_done_once() {
        for threads in [0, 1, 3] {
            assert_eq!(squares(threads, &[1, 2, 3, 4, 5]), [1, 4, 9, 16, 25], "{threads} threads");
            assert_eq!(squares(threads, &[]), [], "{threads} threads");
        }
    }

    #[cfg(not(loom))]
    #[test]
    fn a_panic_comes_out_and_the_pool_goes_on() {
        let mut pool = Pool::new(2, square);
        for _ in 0..3 {
            let jobs = vec![12, 13, 14];
            let result =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pool.run(jobs, &mut || {})));
            assert!(result.is_err_and(|panic| {
                panic.downcast_ref::<String>().is_some_and(|text| text.contains("unlucky"))
            }));
            assert_eq!(pool.run(vec![2], &mut || {}), [4]);
        }
    }

    #[cfg(loom)]
    #[test]
    fn every_order_of_the_threads_does_every_job_once() {
        loom::model(|| assert_eq!(squares(1, &[3, 4]), [9, 16]));
    }
}
