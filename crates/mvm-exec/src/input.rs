//! Objects made from what comes from outside: input, arguments.

use std::str::Utf8Chunk;

use mvm_heap::Fragment;
use mvm_isa::{Trap, TrapCode, TypeId};
use mvm_module::limits;

use crate::process::{Fault, Process};

impl Process {
    /// A string of bytes that may not be UTF-8: what is wrong in them becomes U+FFFD. Written in place, because it can be
    /// three times as long as the bytes.
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    pub fn alloc_input(&mut self, bytes: &[u8]) -> Result<u32, Fault> {
        const WRONG: &[u8] = "\u{fffd}".as_bytes();
        if std::str::from_utf8(bytes).is_ok() {
            return self.alloc_bytes(TypeId::STR, bytes);
        }
        let wrong = |chunk: &Utf8Chunk<'_>| if chunk.invalid().is_empty() { &[] } else { WRONG };
        let length =
            bytes.utf8_chunks().map(|chunk| chunk.valid().len() + wrong(&chunk).len()).sum::<usize>();
        if length > limits::LENGTH_MAX {
            return Err(Trap::new(TrapCode::InvalidArgument, length as i64, limits::LENGTH_MAX as i64).into());
        }
        let object = self.alloc(TypeId::STR, length as u32, length.div_ceil(8))?;
        let mut rest = self.heap.payload_mut(object, length);
        for chunk in bytes.utf8_chunks() {
            for part in [chunk.valid().as_bytes(), wrong(&chunk)] {
                let (start, after) = rest.split_at_mut(part.len());
                start.copy_from_slice(part);
                rest = after;
            }
        }
        Ok(object)
    }

    /// An array of strings.
    ///
    /// # Errors
    /// A trap, when it does not fit into the heap.
    pub fn new_strings(&mut self, texts: &[String]) -> Result<u32, Fault> {
        let list = self.alloc(TypeId::ARRAY_STR, texts.len() as u32, texts.len().div_ceil(2))?;
        // The resume record is unused between instructions and keeps the list alive while it is filled.
        self.resume.objects[0] = list;
        for (half, text) in texts.iter().enumerate() {
            let made = self.alloc_bytes(TypeId::STR, text.as_bytes());
            match made {
                Ok(object) => {
                    let list = self.resume.objects[0];
                    self.heap.set_reference(list, half, object);
                }
                Err(fault) => {
                    self.resume.objects[0] = 0;
                    return Err(fault);
                }
            }
        }
        Ok(std::mem::take(&mut self.resume.objects[0]))
    }

    /// Makes the objects of a fragment, and a string: the references to the first object and to the string. Null for no string.
    ///
    /// # Errors
    /// A trap, when they do not fit into the heap.
    pub fn import_with(&mut self, fragment: &Fragment, text: Option<&str>) -> Result<(u32, u32), Fault> {
        let Some(text) = text else { return Ok((self.import(fragment)?, 0)) };
        // As in `new_strings`.
        self.resume.objects[0] = self.alloc_bytes(TypeId::STR, text.as_bytes())?;
        let object = self.import(fragment);
        let text = std::mem::take(&mut self.resume.objects[0]);
        Ok((object?, text))
    }

    /// How many results of the pending syscall are wanted.
    #[inline]
    pub fn syscall_results(&self) -> usize {
        (self.word(0) >> 24 & 0xff) as usize
    }

    /// Argument `index` of the pending syscall, or 0 when it has fewer.
    #[inline]
    pub fn syscall_arg_or_zero(&self, index: usize) -> u64 {
        let count = (self.word(0) >> 16 & 0xff) as usize;
        if index < count { self.syscall_arg(index) } else { 0 }
    }
}
