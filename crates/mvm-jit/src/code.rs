//! Memory for the code of a unit: one piece of addresses, which is unmapped when the unit goes.
//!
//! Functions call each other over distances of 32 bits, so the piece is reserved before it is known how much is needed; only what is used
//! becomes memory. Cranelift can free no single function, and keeps its own notes as long as a module lives: so the module is dropped as soon
//! as the code is there, and only the memory stays.
#![expect(unsafe_code, reason = "frees code when nothing can run it any more")]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cranelift_jit::{ArenaMemoryProvider, BranchProtection, JITMemoryKind, JITMemoryProvider};
use cranelift_module::ModuleResult;

/// Bytes of a page, in which memory is had.
const PAGE_BYTES: usize = 4096;

/// Memory of a unit, freed when the last handle is dropped: whoever uses addresses in it keeps one.
#[derive(Clone)]
pub(crate) struct CodeMemory(Arc<Mutex<Region>>);

struct Region {
    arena: ArenaMemoryProvider,
    bytes: usize,
    /// What was given out: addresses and sizes.
    pieces: BTreeMap<usize, usize>,
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: all who had addresses of this code have dropped their handles (`CodeMemory`).
        unsafe { self.arena.free_memory() };
    }
}

impl CodeMemory {
    /// Reserves so many bytes of addresses.
    pub(crate) fn reserve(bytes: usize) -> Result<CodeMemory, String> {
        let arena = ArenaMemoryProvider::new_with_size(bytes).map_err(|error| error.to_string())?;
        Ok(CodeMemory(Arc::new(Mutex::new(Region { arena, bytes: 0, pieces: BTreeMap::new() }))))
    }

    fn lock(&self) -> MutexGuard<'_, Region> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of memory that are used.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().bytes.next_multiple_of(PAGE_BYTES)
    }

    /// A copy of finished code: of as many bytes as were given out at this address, or fewer.
    pub(crate) fn copy(&self, address: usize, bytes: usize) -> Vec<u8> {
        let region = self.lock();
        let Some(&size) = region.pieces.get(&address) else { return Vec::new() };
        // SAFETY: these bytes were given out at the address, so the region has them until it is dropped, and they have been written.
        let code = unsafe { std::slice::from_raw_parts(address as *const u8, size.min(bytes)) };
        code.to_vec()
    }
}

impl JITMemoryProvider for CodeMemory {
    fn allocate(&mut self, size: usize, align: u64, kind: JITMemoryKind) -> io::Result<*mut u8> {
        let mut region = self.lock();
        region.bytes = region.bytes.next_multiple_of(align as usize) + size;
        let piece = region.arena.allocate(size, align, kind)?;
        region.pieces.insert(piece as usize, size);
        Ok(piece)
    }

    /// Does nothing: the last handle frees it.
    // SAFETY: asks nothing of callers, because it touches nothing.
    unsafe fn free_memory(&mut self) {}

    fn finalize(&mut self, protection: BranchProtection) -> ModuleResult<()> {
        // The trait's own function: the other one is not public.
        JITMemoryProvider::finalize(&mut self.lock().arena, protection)
    }
}
