//! Many heaps at once: what one costs, and that all of it goes back.

use mvm_heap::Options;

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
