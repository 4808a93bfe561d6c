//! Limits, long chains, and memory that goes back.

use mvm_heap::{Gc, Options};

use crate::graph::{Shape, World};

const NODE: Shape = Shape::Node { number: 7 };

#[test]
fn garbage_never_counts_against_the_limit() {
    for gc in Gc::ALL {
        for seed in 1..if cfg!(miri) { 2 } else { 40u64 } {
            let mut world = World::new(Options { limit_words: 12_000, gc, ..Options::default() });
            let mut state = seed;
            for round in 0..if cfg!(miri) { 12 } else { 200 } {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let most = if state >> 63 == 0 { 400 } else { 11_000 };
                let words = 1 + (state >> 33) as usize % most;
                assert!(
                    world.make(Shape::Numbers { first: 1, words }, 0),
                    "{gc:?}, seed {seed}: {words} words in round {round}"
                );
                world.forget(0);
            }
        }
    }
}

#[test]
fn the_limit_is_met_at_the_same_allocation_under_every_collector() {
    // Ten thousands of objects take minutes under Miri, and this crate has no `unsafe`.
    if cfg!(miri) {
        return;
    }
    let mut counts = Vec::new();
    for gc in Gc::ALL {
        for stress in [0, 101] {
            for young_words in [0, 300] {
                let mut world = World::new(Options {
                    limit_words: 20_000,
                    gc,
                    stress,
                    young_words,
                    ..Options::default()
                });
                assert!(world.make(Shape::List, 9_001));
                let mut count = 0;
                // Two of three are garbage at once.
                while world.make(NODE, 2) {
                    if count % 3 == 0 {
                        world.link(0, count, Some(1));
                    }
                    world.forget(1);
                    count += 1;
                }
                counts.push(count);
                assert!(world.compare().is_ok());
            }
        }
    }
    assert!(counts.iter().all(|&count| count == counts[0]), "{counts:?}");
}

#[test]
fn the_limit_does_not_depend_on_where_strings_are() {
    if cfg!(miri) {
        return;
    }
    let mut ends = Vec::new();
    for gc in Gc::ALL {
        for external_bytes in [16, 700, u32::MAX] {
            let mut world =
                World::new(Options { limit_words: 20_000, gc, external_bytes, ..Options::default() });
            let mut state = 7u64;
            let mut made = 0;
            loop {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let (bytes, adopted) = ((state >> 33) as usize % 9_000, state >> 62 & 1 == 1);
                if !world.make(Shape::Text { bytes, first: made as u8, adopted }, 0) {
                    break;
                }
                if state >> 63 == 1 {
                    world.share(world.roots.len() - 1);
                } else {
                    world.forget(made % world.roots.len());
                }
                made += 1;
            }
            world.compare().unwrap_or_else(|what| panic!("{gc:?}: {what}"));
            world.collect(true);
            ends.push((made, world.heap.allocated_words(), world.heap.used_words()));
        }
    }
    assert!(ends[0].0 > 20 && ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

#[test]
fn requests_that_can_never_fit_are_refused_at_once() {
    let mut world = World::new(Options { limit_words: 1000, ..Options::default() });
    assert!(!world.make(Shape::Numbers { first: 0, words: 1000 }, 0));
    assert_eq!(world.heap.stats().collections(), 0);
    assert!(world.make(Shape::Numbers { first: 0, words: 999 }, 0));
}

#[test]
fn long_chains_need_no_recursion() {
    for gc in Gc::ALL {
        let mut world = World::new(Options { gc, ..Options::default() });
        let count = if cfg!(miri) { 300 } else { 300_000 };
        assert!(world.make(NODE, 2));
        for k in 0..count {
            assert!(world.make(NODE, 2));
            world.link(1, k % 2, Some(0));
            world.roots.swap(0, 1);
            world.model_roots.swap(0, 1);
            world.forget(1);
        }
        world.collect(true);
        world.compare().unwrap_or_else(|what| panic!("{gc:?}: {what}"));
    }
}

#[test]
fn memory_goes_back_after_a_peak() {
    // Under Miri there are no pages to give back.
    if cfg!(miri) {
        return;
    }
    for gc in Gc::ALL {
        let mut world = World::new(Options { gc, ..Options::default() });
        for _ in 0..64 {
            assert!(world.make(Shape::Numbers { first: 1, words: 100_000 }, 0));
        }
        let peak = world.heap.held_words();
        assert!(peak >= 6_400_000, "{gc:?} holds {peak}");
        world.roots.truncate(1);
        world.model_roots.truncate(1);
        world.collect(true);
        let held = world.heap.held_words();
        assert!(held < peak / 4, "{gc:?} holds {held} words of {peak}");
    }
}

#[test]
fn freed_blocks_are_reused_without_collections() {
    for gc in Gc::ALL {
        let mut world = World::new(Options { gc, limit_words: 1 << 16, ..Options::default() });
        for _ in 0..if cfg!(miri) { 3 } else { 1000 } {
            assert!(world.make(Shape::Block { bytes: 8 * 8000, freed: false }, 0));
            world.free(0);
            world.forget(0);
        }
        let collections = world.heap.stats().collections();
        assert!(collections < 20, "{gc:?}: {collections}");
        world.collect(true);
        assert_eq!(world.heap.hole_words(), 0);
    }
}

#[test]
fn a_freed_survivor_in_front_of_an_empty_nursery_stays_a_survivor() {
    let options = Options { young_words: 128, check: true, ..Options::default() };
    let mut world = World::new(options);
    // Enough for the heap to be split.
    assert!(world.make(Shape::Numbers { first: 1, words: 300 }, 0));
    world.collect(false);
    // Together they fill a survivor space of 32 words, up to the nursery.
    assert!(world.make(Shape::Numbers { first: 2, words: 10 }, 0));
    assert!(world.make(Shape::Numbers { first: 3, words: 10 }, 0));
    assert!(world.make(Shape::Block { bytes: 72, freed: false }, 0));
    world.collect(false);
    world.free(3);
    for _ in 0..20 {
        assert!(world.make(NODE, 2));
        world.compare().unwrap_or_else(|what| panic!("{what}"));
    }
}

#[test]
fn an_array_with_more_noted_cards_than_there_is_room_for_is_updated_once() {
    // Millions of references take minutes under Miri, and this crate has no `unsafe`.
    if cfg!(miri) {
        return;
    }
    const CARDS: usize = 140_000;
    let mut world = World::new(Options { young_words: 4096, ..Options::default() });
    assert!(world.make(Shape::List, CARDS * 16));
    // Enough for the heap to be split, and for the list to have cards.
    world.collect(true);
    world.collect(false);
    assert!(world.make(NODE, 2));
    assert!(world.make(NODE, 2));
    for card in 0..CARDS {
        world.link(0, card * 16, Some(1 + card % 2));
    }
    // The nodes survive, then they become old.
    world.collect(false);
    assert!(world.roots[1..].iter().all(|&node| world.heap.length(node) == 2), "survivors are whole");
    world.collect(false);
    world.compare().unwrap_or_else(|what| panic!("{what}"));
}
