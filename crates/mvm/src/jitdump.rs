//! The file from which Linux's perf has native code itself, with its lines: `perf inject --jit` makes an object file of each piece.
//!
//! The format is that of tools/perf/Documentation/jitdump-specification.txt of Linux: a header, then records, all in the byte order of the host, which
//! is little-endian wherever there is native code.
//! perf puts code in the right place of a recording by the clock, so recordings need `-k mono`.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, PoisonError};

use mvm_jit::Made;

/// "JiTD", as a number.
const MAGIC: u32 = 0x4A69_5444;
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 40;
/// Kinds of records.
const CODE_LOAD: u32 = 0;
const CODE_DEBUG_INFO: u32 = 2;
const CODE_CLOSE: u32 = 3;
/// The processor, as in object files.
const MACHINE: u32 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };

/// The file, to which records are added as code is made.
pub(crate) struct JitDump(Mutex<Open>);

struct Open {
    file: File,
    /// Number of the next piece of code. None when nothing is added any more.
    next: Option<u64>,
}

/// Nanoseconds and the number of the thread, as perf has them in its recordings.
#[cfg(target_os = "linux")]
fn now_and_thread() -> (u64, u32) {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let thread = rustix::thread::gettid().as_raw_nonzero().get();
    (now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64, thread as u32)
}

/// There is no perf.
#[cfg(not(target_os = "linux"))]
fn now_and_thread() -> (u64, u32) {
    (0, 0)
}

/// A record: its head, and what stands behind.
fn record(kind: u32, now: u64, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16 + body.len());
    bytes.extend(kind.to_le_bytes());
    bytes.extend((16 + body.len() as u32).to_le_bytes());
    bytes.extend(now.to_le_bytes());
    bytes.extend(body);
    bytes
}

/// Where a source file is, for programs that run elsewhere.
fn absolute(name: &str) -> PathBuf {
    let path = Path::new(name);
    if path.exists() { path.canonicalize().unwrap_or_else(|_| path.into()) } else { path.into() }
}

impl JitDump {
    /// Makes the file `jit-PID.dump` in a directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn create(directory: &Path) -> io::Result<JitDump> {
        let path = directory.join(format!("jit-{}.dump", process::id()));
        let mut file = File::options().read(true).write(true).create_new(true).open(path)?;
        let mut header = Vec::new();
        for number in [MAGIC, VERSION, HEADER_BYTES, MACHINE, 0, process::id()] {
            header.extend(number.to_le_bytes());
        }
        header.extend(now_and_thread().0.to_le_bytes());
        header.extend(0u64.to_le_bytes());
        file.write_all(&header)?;
        // perf finds the file by this.
        mvm_mem::tell_profiler(&file);
        Ok(JitDump(Mutex::new(Open { file, next: Some(0) })))
    }

    /// Adds code that has just been made. A profiler without some of it is better than a program that ends for it, so failures are not told.
    pub(crate) fn add(&self, made: &Made<'_>) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(number) = open.next else { return };
        let (now, thread) = now_and_thread();
        let mut bytes = Vec::new();
        if !made.lines.is_empty() {
            bytes = record(CODE_DEBUG_INFO, now, &debug_info(made));
        }
        let mut body = Vec::new();
        body.extend(process::id().to_le_bytes());
        body.extend(thread.to_le_bytes());
        for number in [made.address as u64, made.address as u64, made.code.len() as u64, number] {
            body.extend(number.to_le_bytes());
        }
        body.extend(made.name.as_bytes());
        body.push(0);
        body.extend(made.code);
        bytes.extend(record(CODE_LOAD, now, &body));
        open.next = open.file.write_all(&bytes).ok().map(|()| number + 1);
    }

    /// Ends the file.
    pub(crate) fn close(&self) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.next.take().is_some() {
            // As above.
            let _ = open.file.write_all(&record(CODE_CLOSE, now_and_thread().0, &[]));
        }
    }
}

/// The lines of a piece of code.
fn debug_info(made: &Made<'_>) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend((made.address as u64).to_le_bytes());
    body.extend((made.lines.len() as u64).to_le_bytes());
    let mut last = (String::new(), Vec::new());
    for line in made.lines {
        if last.0 != line.file {
            last = (line.file.into(), absolute(line.file).into_os_string().into_encoded_bytes());
        }
        body.extend((made.address as u64 + u64::from(line.offset)).to_le_bytes());
        // Behind the number of the line one that tells different pieces of it apart, which there are not.
        body.extend(line.line.to_le_bytes());
        body.extend(0u32.to_le_bytes());
        body.extend(&last.1);
        body.push(0);
    }
    body
}
