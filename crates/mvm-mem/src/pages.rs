//! Pages from the host: an address range of which the first part can be used.
//!
//! On Unix the range is reserved without access and opened from the front, so that growing moves nothing. Elsewhere
//! (the browser, Miri) there is nothing to reserve, and growing copies.
#![expect(unsafe_code, reason = "mapping memory and making slices of it; every block says why")]

use std::ops::Range;
use std::ptr::NonNull;

/// Granularity of committing and giving back, in bytes: a multiple of the host's page size.
pub(crate) const PAGE: usize = 64 << 10;

/// An address range. Invariant: the first `open` bytes are mapped, readable, writable, initialised, and reachable
/// through nothing else.
// The beginning is that of a `Chunk`, so that it makes no difference which of the two is accessed.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Pages {
    base: NonNull<u64>,
    /// Bytes that can be used; a multiple of [`PAGE`].
    open: usize,
    /// Bytes that belong to the range; a multiple of [`PAGE`].
    reserved: usize,
}

// SAFETY: the range has one owner, and plain words do not care which thread reads them.
unsafe impl Send for Pages {}
// SAFETY: shared references only read.
unsafe impl Sync for Pages {}

impl Pages {
    /// A range for at most `reserve` bytes, of which `open` can be used and read as 0.
    pub(crate) fn new(open: usize, reserve: usize) -> Option<Pages> {
        let reserved = reserve.max(open).max(1).checked_next_multiple_of(PAGE)?;
        let mut pages = Pages { base: host::reserve(reserved)?, open: 0, reserved };
        pages.open(open).then_some(pages)
    }

    /// Bytes that can be used.
    pub(crate) fn len(&self) -> usize {
        self.open
    }

    /// Makes at least so many bytes usable; new ones read as 0. False, and nothing changed, when there are not so many.
    pub(crate) fn open(&mut self, bytes: usize) -> bool {
        let Some(bytes) = bytes.checked_next_multiple_of(PAGE) else { return false };
        if bytes <= self.open {
            return true;
        }
        // A range that has grown will grow again; what is opened costs nothing until it is used.
        let ahead = (bytes + self.open / 16 / PAGE * PAGE).min(self.reserved);
        ahead > bytes && host::open(self, ahead) || host::open(self, bytes)
    }

    /// Gives the whole pages inside a range of bytes back to the host; all of the range reads as 0 afterwards.
    pub(crate) fn discard(&mut self, range: Range<usize>) {
        let range = range.start.min(self.open)..range.end.min(self.open);
        let first = range.start.next_multiple_of(PAGE);
        let last = range.end - range.end % PAGE;
        if first >= last {
            return self.zero(range);
        }
        self.zero(range.start..first);
        self.zero(last..range.end);
        if !host::discard(self, first..last) {
            self.zero(first..last);
        }
    }

    /// Has the host make the pages inside a range of bytes, if it can.
    pub(crate) fn populate(&mut self, range: Range<usize>) {
        let first = range.start.next_multiple_of(PAGE);
        let last = range.end.min(self.open) / PAGE * PAGE;
        if first < last {
            host::populate(self, first..last);
        }
    }

    fn zero(&mut self, range: Range<usize>) {
        if range.start < range.end {
            self.words_mut()[range.start / 8..range.end.div_ceil(8)].fill(0);
        }
    }

    /// The usable words.
    #[inline(always)]
    pub(crate) fn words(&self) -> &[u64] {
        // SAFETY: by the invariant of the type, `open` bytes behind `base` are initialised and owned by `self`.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.open / 8) }
    }

    /// The usable words, to be changed.
    #[inline(always)]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as in `words`, and `self` is borrowed exclusively.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.open / 8) }
    }

    /// The first word, for those who cut the range up.
    pub(crate) fn base(&self) -> NonNull<u64> {
        self.base
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        host::release(self);
    }
}

#[cfg(all(unix, not(miri)))]
mod host {
    //! Mappings of a Unix host.

    use super::{NonNull, PAGE, Pages, Range};
    use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap_anonymous, mprotect, munmap};

    pub(super) fn reserve(bytes: usize) -> Option<NonNull<u64>> {
        debug_assert_eq!(PAGE % rustix::param::page_size(), 0, "PAGE is a multiple of the host's pages");
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: without an address of ours and without MAP_FIXED a new mapping touches no memory that exists.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), bytes, ProtFlags::empty(), flags) };
        NonNull::new(base.ok()?.cast())
    }

    pub(super) fn open(pages: &mut Pages, bytes: usize) -> bool {
        if bytes > pages.reserved {
            return false;
        }
        let access = MprotectFlags::READ | MprotectFlags::WRITE;
        // SAFETY: the bytes are the front of a mapping that `pages` owns; access is only added. Fresh pages of an
        // anonymous mapping read as 0.
        let done = unsafe { mprotect(pages.base.as_ptr().cast(), bytes, access) }.is_ok();
        if done {
            pages.open = bytes;
        }
        done
    }

    pub(super) fn discard(pages: &mut Pages, range: Range<usize>) -> bool {
        let Some(first) = pages.words_mut().get_mut(range.start / 8..range.end / 8) else { return false };
        // SAFETY: the bytes are whole pages of a private anonymous mapping that is borrowed exclusively; afterwards
        // they read as 0, which is a value of every word.
        unsafe { madvise(first.as_mut_ptr().cast(), range.len(), Advice::LinuxDontNeed) }.is_ok()
    }

    pub(super) fn populate(pages: &mut Pages, range: Range<usize>) {
        #[cfg(target_os = "linux")]
        if let Some(first) = pages.words_mut().get_mut(range.start / 8..range.end / 8) {
            // SAFETY: the bytes are part of a private anonymous mapping that is borrowed exclusively; what is in them stays.
            // Where it fails (Linux before 5.14), pages are made when they are touched.
            let _ = unsafe { madvise(first.as_mut_ptr().cast(), range.len(), Advice::LinuxPopulateWrite) };
        }
        #[cfg(not(target_os = "linux"))]
        let _ = (pages, range);
    }

    pub(super) fn release(pages: &mut Pages) {
        // SAFETY: the mapping belongs to `pages`, which is being dropped, so nothing refers to it any more.
        let done = unsafe { munmap(pages.base.as_ptr().cast(), pages.reserved) };
        debug_assert!(done.is_ok(), "the mapping was made by `reserve`");
    }
}

#[cfg(not(all(unix, not(miri))))]
mod host {
    //! Memory of the general allocator, where there are no mappings.

    use super::{NonNull, PAGE, Pages, Range};
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    fn layout(bytes: usize) -> Option<Layout> {
        Layout::from_size_align(bytes, PAGE).ok()
    }

    pub(super) fn reserve(_bytes: usize) -> Option<NonNull<u64>> {
        Some(NonNull::dangling())
    }

    pub(super) fn open(pages: &mut Pages, bytes: usize) -> bool {
        let Some(layout) = layout(bytes) else { return false };
        // SAFETY: the size is not 0: callers ask for more than there is.
        let Some(base) = NonNull::new(unsafe { alloc_zeroed(layout) }) else { return false };
        // SAFETY: the new memory is `bytes` long, zeroed, and owned by nobody else.
        let words = unsafe { std::slice::from_raw_parts_mut(base.as_ptr().cast::<u64>(), bytes / 8) };
        words[..pages.open / 8].copy_from_slice(pages.words());
        release(pages);
        pages.base = base.cast();
        pages.open = bytes;
        pages.reserved = pages.reserved.max(bytes);
        true
    }

    pub(super) fn discard(_pages: &mut Pages, _range: Range<usize>) -> bool {
        false
    }

    pub(super) fn populate(_pages: &mut Pages, _range: Range<usize>) {}

    pub(super) fn release(pages: &mut Pages) {
        if let (Some(layout), true) = (layout(pages.open), pages.open > 0) {
            // SAFETY: `open` made this memory with the same layout, and nothing refers to it any more.
            unsafe { dealloc(pages.base.as_ptr().cast(), layout) }
        }
    }
}
