//! Many heaps at once: what one costs, and that all of it goes back.

use mvm_heap::{Exporter, Gc, Heap, Options};

use crate::graph::{Shape, World};

#[test]
fn a_small_heap_is_a_chunk_that_goes_back() {
    let count = if cfg!(miri) { 20 } else { 20_000 };
    let worlds: Vec<World> = (0..count)
        .map(|_| {
            let mut world = World::new(Options::default());
            assert_eq!(world.heap.held_words(), 0, "no memory before the first object");
            assert!(world.make(Shape::Node { number: 1 }, 2));
            assert_eq!(world.heap.held_words(), 64);
            world
        })
        .collect();
    // Other tests of this process have a few chunks too.
    assert!(mvm_mem::pool_use().chunks >= count);
    drop(worlds);
    assert!(cfg!(miri) || mvm_mem::pool_use().chunks < count / 2);
}

#[test]
fn a_long_string_that_many_heaps_receive_is_there_once() {
    let mut sender = World::new(Options::default());
    assert!(sender.make(Shape::List, 2));
    assert!(sender.make(Shape::Text { bytes: 100_000, first: 3, adopted: false }, 0));
    sender.link(0, 0, Some(1));
    sender.link(0, 1, Some(1));
    let fragment = Exporter::default()
        .export(&mut sender.heap, &sender.layouts, sender.roots[0], usize::MAX)
        .expect("the host has memory");
    let mut places = Vec::new();
    for gc in Gc::ALL {
        let mut heap = Heap::new(Options { gc, ..Options::default() });
        let list = heap.import(&sender.layouts, &fragment).expect("there is room");
        assert_eq!(heap.reference(list, 0), heap.reference(list, 1), "what is shared stays shared");
        assert_eq!(heap.used_words(), fragment.charge(), "each holder is charged for all of it");
        places.push(heap.bytes(heap.reference(list, 0)).as_ptr());
    }
    assert!(places.iter().all(|&place| place == places[0]), "the bytes are there once");
}
