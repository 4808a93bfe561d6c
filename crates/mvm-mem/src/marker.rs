//! Tells a profiler of a file: Linux's perf notes what a process maps executable, and later looks into files of names that it knows.
#![cfg_attr(
    all(target_os = "linux", not(miri)),
    expect(unsafe_code, reason = "maps a file that nobody reads")
)]

use std::fs::File;

/// Keeps a file mapped, which nobody accesses. False where that cannot be done.
#[cfg(all(target_os = "linux", not(miri)))]
pub fn tell_profiler(file: &File) -> bool {
    use rustix::mm::{MapFlags, ProtFlags, mmap};
    let (size, access) = (rustix::param::page_size(), ProtFlags::READ | ProtFlags::EXEC);
    // SAFETY: the kernel chooses a range that nothing else uses; nobody has its address, and it stays until the process ends.
    let mapped = unsafe { mmap(std::ptr::null_mut(), size, access, MapFlags::PRIVATE, file, 0) };
    mapped.is_ok()
}

/// Keeps a file mapped, which nobody accesses. False where that cannot be done.
#[cfg(not(all(target_os = "linux", not(miri))))]
pub fn tell_profiler(_: &File) -> bool {
    false
}
