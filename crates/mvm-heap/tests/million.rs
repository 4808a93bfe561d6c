//! Very many heaps alive at once: bytes each, and that all of the host's memory goes back. In a process of its own, because
//! it looks at the memory of the process.
//!
//! ```text
//! HEAPS=1000000 cargo test --release -p mvm-heap --test million -- --nocapture
//! ```

use std::time::Instant;

use mvm_heap::{AllocError, Header, Heap, Layout, Layouts, Options, Roots};
use mvm_isa::TypeId;

const NODE: TypeId = TypeId::FIRST_USER;

/// Memory of this process that the host holds, in bytes; none where it does not say.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split(' ').nth(1)?.parse::<usize>().ok()? * 4096)
}

fn node(heap: &mut Heap, layouts: &Layouts, roots: &mut dyn Roots) -> Result<u32, AllocError> {
    loop {
        match heap.alloc(Header::new(NODE, 2), 2) {
            Err(AllocError::Collect) => heap.collect(layouts, roots).map(drop).expect("the host has memory"),
            made => return made,
        }
    }
}

#[test]
fn very_many_heaps_are_small_and_go_back() {
    if cfg!(miri) {
        return;
    }
    let count = std::env::var("HEAPS").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let mut layouts = Layouts::new(NODE.index() + 1);
    layouts.set(NODE, Layout::Object { words: 2, refs: [0].into() });
    let start = resident();
    let clock = Instant::now();
    let mut heaps: Vec<Heap> = (0..count)
        .map(|number| {
            let mut heap = Heap::new(Options::default());
            let object = node(&mut heap, &layouts, &mut []).expect("the limit is far");
            heap.set_word(object, 1, number);
            heap
        })
        .collect();
    let made = clock.elapsed();
    let full = resident();
    // Each is used: a list of five, and the first object is still there.
    for (number, heap) in heaps.iter_mut().enumerate() {
        let mut roots = vec![2];
        for _ in 0..5 {
            let object = node(heap, &layouts, &mut roots).expect("the limit is far");
            heap.set_reference(object, 0, roots[0]);
            roots.push(object);
        }
        assert_eq!(heap.word(roots[0], 1), number as u64);
    }
    let words: usize = heaps.iter().map(Heap::held_words).sum();
    let clock = Instant::now();
    drop(heaps);
    let dropped = clock.elapsed();
    let end = resident();
    assert!(words * 8 <= 512 * count as usize, "{} bytes of words each", words * 8 / count as usize);
    let (Some(start), Some(full), Some(end)) = (start, full, end) else { return };
    let each = (full - start) / count as usize;
    println!(
        "{count} heaps: {each} bytes each ({} of them words), made in {made:.2?}, dropped in {dropped:.2?}; \
         memory of the process: {} MiB, {} MiB, {} MiB",
        words * 8 / count as usize,
        start >> 20,
        full >> 20,
        end >> 20,
    );
    assert!(each <= 1024, "{each} bytes each");
    // What the allocator of the test keeps for itself does not grow with the number: of each of the two sizes an empty slab, and one with
    // the chunks that the thread has at hand.
    assert!(end <= start + start / 10 + (4 << 20), "{end} bytes are left of {full}, {start} at the start");
}
