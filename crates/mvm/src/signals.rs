//! Signals that the host sends to this process, and waiting for them, for input or for time to pass.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mvm_kernel::Signal;

static INTERRUPT: AtomicBool = AtomicBool::new(false);
static TERMINATE: AtomicBool = AtomicBool::new(false);
static SHOW: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C and requests to end are kept for the machine. A second one, when it has not taken the first, ends this process.
pub(crate) fn keep() {
    imp::keep();
}

/// The same for Ctrl-C alone; requests to end are heard by the host.
pub(crate) fn keep_interrupts() {
    imp::keep_interrupts();
}

/// The next signal that has come.
pub(crate) fn next() -> Option<Signal> {
    imp::collect();
    if INTERRUPT.swap(false, Ordering::Relaxed) {
        return Some(Signal::Interrupt);
    }
    TERMINATE.swap(false, Ordering::Relaxed).then_some(Signal::Terminate)
}

/// Whether Ctrl-C or a request to end has come; it stays the next signal.
pub(crate) fn is_interrupted() -> bool {
    imp::collect();
    INTERRUPT.load(Ordering::Relaxed) || TERMINATE.load(Ordering::Relaxed)
}

/// Whether somebody has asked to be shown all processes.
pub(crate) fn wants_table() -> bool {
    imp::collect();
    SHOW.swap(false, Ordering::Relaxed)
}

/// Whether standard input can be read at once.
pub(crate) fn input_is_there() -> io::Result<bool> {
    imp::input_is_there()
}

/// Waits so long, or until a signal has come, or input.
pub(crate) fn wait(duration: Option<Duration>, input: bool) -> io::Result<()> {
    if is_interrupted() {
        return Ok(());
    }
    imp::wait(duration, input)
}

#[cfg(unix)]
mod imp {
    use std::io;
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, OnceLock};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
    use signal_hook::low_level;

    /// Gets a byte for every signal, so that waiting ends.
    static WOKEN: OnceLock<UnixStream> = OnceLock::new();

    pub(super) fn keep() {
        let _ =
            try_keep(&[(SIGINT, &super::INTERRUPT), (SIGTERM, &super::TERMINATE), (SIGUSR1, &super::SHOW)]);
    }

    pub(super) fn keep_interrupts() {
        let _ = try_keep(&[(SIGINT, &super::INTERRUPT)]);
    }

    /// A handler does no more than set a flag and write a byte.
    fn try_keep(signals: &[(i32, &'static AtomicBool)]) -> io::Result<()> {
        let (wakes, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        for &(signal, flag) in signals {
            let kept = Arc::new(AtomicBool::new(false));
            // In this order: the second signal finds the flag that the first one has set.
            if signal != SIGUSR1 {
                signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&kept))?;
            }
            signal_hook::flag::register(signal, Arc::clone(&kept))?;
            low_level::pipe::register(signal, wakes.try_clone()?)?;
            if let Ok(mut list) = KEPT.lock() {
                list.push((kept, flag));
            }
        }
        let _ = WOKEN.set(woken);
        Ok(())
    }

    /// What handlers set, and where that goes.
    static KEPT: Mutex<Vec<(Arc<AtomicBool>, &AtomicBool)>> = Mutex::new(Vec::new());

    /// Takes over what handlers have noted.
    pub(super) fn collect() {
        let Ok(list) = KEPT.lock() else { return };
        for (kept, flag) in list.iter() {
            if kept.swap(false, Ordering::Relaxed) {
                flag.store(true, Ordering::Relaxed);
            }
        }
    }

    pub(super) fn input_is_there() -> io::Result<bool> {
        look(&[io::stdin().as_fd()], Some(Duration::ZERO)).map(|ready| ready[0])
    }

    pub(super) fn wait(duration: Option<Duration>, input: bool) -> io::Result<()> {
        let stdin = io::stdin();
        let mut watched: Vec<BorrowedFd<'_>> = WOKEN.get().into_iter().map(AsFd::as_fd).collect();
        if input {
            watched.push(stdin.as_fd());
        }
        look(&watched, duration)?;
        if let Some(mut woken) = WOKEN.get() {
            // What has come only ends the wait.
            while io::Read::read(&mut woken, &mut [0; 64]).is_ok_and(|count| count > 0) {}
        }
        Ok(())
    }

    /// Waits until one of them can be read; which can.
    fn look(watched: &[BorrowedFd<'_>], duration: Option<Duration>) -> io::Result<Vec<bool>> {
        let mut list: Vec<PollFd<'_>> = watched.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        let limit = duration.map(|duration| Timespec {
            tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: duration.subsec_nanos().into(),
        });
        match poll(&mut list, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {
                Ok(list.iter().map(|fd| !fd.revents().is_empty()).collect())
            }
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
mod imp {
    //! Signals are those that `ctrlc` knows; input counts as there, so that a read waits for it.

    use std::io;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    const STEP: Duration = Duration::from_millis(20);

    pub(super) fn keep() {
        let _ = ctrlc::set_handler(|| {
            if super::INTERRUPT.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
    }

    pub(super) fn keep_interrupts() {
        keep();
    }

    pub(super) fn collect() {}

    pub(super) fn input_is_there() -> io::Result<bool> {
        Ok(true)
    }

    pub(super) fn wait(duration: Option<Duration>, _input: bool) -> io::Result<()> {
        std::thread::sleep(duration.unwrap_or(STEP).min(STEP));
        Ok(())
    }
}
