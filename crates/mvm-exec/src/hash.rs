//! The state hash: equal for equal states, whatever the heap layout, the executor or the collector.
//!
//! It covers position, fuel, allocations counted, the live registers of all frames, the literals in use, the resume record, and
//! the objects reachable from them in the order in which they are first met; an object is known by its number in that order. Classes are known by
//! their names, every NaN is the canonical one.

use mvm_heap::{Layout, flags};
use mvm_isa::sem::canonical;
use mvm_isa::{Elem, TypeId};
use xxhash_rust::xxh3::Xxh3;

use crate::process::Process;

/// Numbers objects in the order in which they are met.
struct Numbering {
    /// Number of the object at each heap word; 0 for not met.
    number: Vec<u32>,
    /// The objects by number, from 1.
    met: Vec<u32>,
}

impl Numbering {
    fn of(&mut self, object: u32) -> u64 {
        if object == 0 {
            return 0;
        }
        let number = &mut self.number[object as usize];
        if *number == 0 {
            self.met.push(object);
            *number = self.met.len() as u32;
        }
        u64::from(*number)
    }
}

fn float_bits(bits: u64) -> u64 {
    canonical(f64::from_bits(bits)).to_bits()
}

impl Process {
    /// Hash of everything a guest could observe of this process from now on.
    pub fn state_hash(&mut self) -> u64 {
        let image = std::sync::Arc::clone(&self.image);
        let mut hash = Xxh3::new();
        let mut put = |value: u64| hash.update(&value.to_le_bytes());
        let mut numbers = Numbering { number: vec![0; self.heap.index_bound()], met: Vec::new() };
        put(self.fuel as u64);
        put(self.serial as u64);
        put(u64::from(self.syscall_pending));
        // These decide at which allocation a limit traps.
        put(self.heap.allocated_words());
        put(self.shortage().traps.into());
        put(self.shortage().since);
        let mut slots = Vec::new();
        self.each_live(|slot, is_ref| slots.push((slot, is_ref)));
        self.each_frame(|frame| {
            if let Some((function, pc)) = image.locate(frame.pc) {
                put(u64::from(function.0) << 32 | u64::from(pc));
            }
        });
        for (slot, is_ref) in slots {
            let value = self.stack[slot];
            put(if is_ref { numbers.of(value as u32) } else { float_or_int(value) });
        }
        // Literal arrays can be changed, and are reached again by the instructions that name them.
        let unused = image.module().literals.len() - self.literals.len();
        self.literals.iter().for_each(|&object| put(numbers.of(object)));
        (0..unused).for_each(|_| put(0));
        self.resume.objects.iter().for_each(|&object| put(numbers.of(object)));
        self.resume.words.iter().for_each(|&word| put(word));
        let mut next = 0;
        while let Some(&object) = numbers.met.get(next) {
            next += 1;
            self.hash_object(object, &mut numbers, &mut put);
        }
        hash.digest()
    }

    fn hash_object(&self, object: u32, numbers: &mut Numbering, put: &mut impl FnMut(u64)) {
        let header = self.heap.header(object);
        let class = header.class();
        put(self.image.type_hash(class));
        put(u64::from(header.length()) | u64::from(header.flags() & flags::FREED) << 32);
        let words = self.image.layouts.payload_words(header);
        match self.image.layouts.get(class) {
            Layout::Data { .. } if header.has(flags::EXTERNAL) => {
                // As if the bytes were words of the heap.
                for chunk in self.heap.bytes(object).chunks(8) {
                    let mut word = [0; 8];
                    word[..chunk.len()].copy_from_slice(chunk);
                    put(u64::from_le_bytes(word));
                }
            }
            Layout::Data { .. } => {
                for k in 0..words {
                    put(data_word(class, self.heap.word(object, k)));
                }
            }
            Layout::Refs => {
                for half in 0..header.length() as usize {
                    put(numbers.of(self.heap.reference(object, half)));
                }
            }
            Layout::Object { .. } => {
                let fields =
                    self.image.module().classes().layout(class).map_or(&[][..], |layout| &layout.fields);
                for field in fields {
                    let offset = usize::from(field.offset);
                    put(match field.ty {
                        TypeId::I64 => self.heap.word(object, offset / 2),
                        TypeId::F64 => float_bits(self.heap.word(object, offset / 2)),
                        _ => numbers.of(self.heap.reference(object, offset)),
                    });
                }
            }
            Layout::Closure => {
                let word = self.heap.word(object, 0);
                put(word);
                for k in 0..words - 1 {
                    let value = self.heap.word(object, 1 + k);
                    let is_ref = mvm_heap::layout::closure::refs(word) >> k & 1 == 1;
                    put(if is_ref { numbers.of(value as u32) } else { float_or_int(value) });
                }
            }
            Layout::None => {}
        }
    }
}

/// A number of unknown type: the bits of any NaN count as those of the canonical one, for integers too. States that
/// differ only in such an integer get the same hash, which is harmless: executors compute integers exactly.
fn float_or_int(bits: u64) -> u64 {
    float_bits(bits)
}

fn data_word(class: TypeId, word: u64) -> u64 {
    if class == TypeId::BOX_F64 {
        return float_bits(word);
    }
    match class.elem() {
        Some(Elem::F64) => float_bits(word),
        Some(Elem::F32) => {
            let half = |bits: u32| {
                let value = f32::from_bits(bits);
                u64::from(if value.is_nan() { 0x7fc0_0000 } else { bits })
            };
            half(word as u32) | half((word >> 32) as u32) << 32
        }
        _ => word,
    }
}
