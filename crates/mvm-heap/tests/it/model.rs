//! Random acts on a heap and its model, under every collector.

use mvm_heap::{Gc, Options};
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestRunner};

use crate::graph::{Shape, World};

#[derive(Debug, Clone)]
enum Act {
    Make(Shape, usize),
    Link(usize, usize, Option<usize>),
    Copy(usize, usize, usize),
    Follow(usize, usize),
    Share(usize),
    Send(usize),
    Forget(usize),
    Free(usize),
    Collect(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let index = || any::<usize>();
    let size = || prop_oneof![8 => 0..12usize, 2 => 12..200usize, 1 => 500..900usize];
    prop_oneof![
        4 => any::<u64>().prop_map(|number| Act::Make(Shape::Node { number }, 2)),
        3 => size().prop_map(|refs| Act::Make(Shape::List, refs)),
        3 => (any::<u64>(), size()).prop_map(|(first, words)| Act::Make(Shape::Numbers { first, words }, 0)),
        3 => size().prop_map(|size| Act::Make(Shape::Block { bytes: size * 5, freed: false }, 0)),
        2 => (size(), any::<u8>(), any::<bool>()).prop_map(|(size, first, adopted)| {
            Act::Make(Shape::Text { bytes: size * 11, first, adopted }, 0)
        }),
        1 => index().prop_map(Act::Share),
        1 => index().prop_map(Act::Send),
        12 => (index(), index(), index()).prop_map(|(from, slot, to)| Act::Link(from, slot, Some(to))),
        2 => (index(), index()).prop_map(|(from, slot)| Act::Link(from, slot, None)),
        2 => (index(), index(), 0..700usize).prop_map(|(from, to, count)| Act::Copy(from, to, count)),
        4 => (index(), index()).prop_map(|(from, slot)| Act::Follow(from, slot)),
        7 => index().prop_map(Act::Forget),
        3 => index().prop_map(Act::Free),
        1 => any::<bool>().prop_map(Act::Collect),
    ]
}

fn all_options() -> Vec<Options> {
    let plain = Options { limit_words: 1 << 20, check: true, ..Options::default() };
    let mut all = Vec::new();
    for gc in Gc::ALL {
        for stress in [0, 1, 7] {
            all.push(Options { gc, stress, young_words: 128, ..plain });
        }
    }
    all.push(Options { young_words: 1000, ..plain });
    all.extend(Gc::ALL.map(|gc| Options { gc, young_words: 128, external_bytes: 100, ..plain }));
    all.push(Options { young_words: 128, external_bytes: 100, stress: 3, ..plain });
    all
}

/// Does the acts; `plant` may change the heap first.
fn follow(options: Options, acts: &[Act], plant: impl Fn(&mut World)) -> Result<(), String> {
    let mut world = World::new(options);
    plant(&mut world);
    for (number, act) in acts.iter().enumerate() {
        let count = world.roots.len();
        match *act {
            Act::Make(ref shape, refs) => {
                world.make(shape.clone(), refs);
            }
            Act::Collect(full) => world.collect(full),
            _ if count == 0 => {}
            Act::Link(from, slot, to) => world.link(from % count, slot, to.map(|to| to % count)),
            Act::Copy(from, to, part) => world.copy(from % count, to % count, part),
            Act::Send(root) => world.send(root % count),
            Act::Share(root) => world.share(root % count),
            Act::Follow(from, slot) => world.follow(from % count, slot),
            Act::Forget(root) => world.forget(root % count),
            Act::Free(root) => world.free(root % count),
        }
        if number % 16 == 0 {
            world.compare().map_err(|what| format!("after act {number} ({act:?}): {what}"))?;
        }
    }
    world.collect(true);
    world.compare()
}

#[test]
fn the_heap_is_the_model() {
    // PROPTEST_CASES asks for a longer run.
    let asked = std::env::var_os("PROPTEST_CASES").map(|_| Config::default().cases);
    let cases = asked.unwrap_or(if cfg!(miri) { 1 } else { 100 });
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let most = if cfg!(miri) { 60 } else { 400 };
    let acts = proptest::collection::vec(act(), 1..most);
    let law = |acts: Vec<Act>| {
        for options in all_options() {
            follow(options, &acts, |_| {})
                .map_err(|what| proptest::test_runner::TestCaseError::fail(format!("{options:?}: {what}")))?;
        }
        Ok(())
    };
    runner.run(&acts, law).unwrap_or_else(|error| panic!("{error}"));
}

/// The same with each planted bug: it must be found.
#[cfg(feature = "planted-bugs")]
#[test]
fn planted_bugs_are_found() {
    use proptest::strategy::ValueTree;
    for bug in mvm_heap::Planted::ALL {
        let mut runner = TestRunner::deterministic();
        let acts = proptest::collection::vec(act(), 200..400);
        let found = (0..50).any(|_| {
            let acts = acts.new_tree(&mut runner).expect("a sequence").current();
            all_options().into_iter().any(|options| {
                let run = || follow(options, &acts, |world| world.heap.plant(bug));
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_or(true, |end| end.is_err())
            })
        });
        assert!(found, "{bug:?} was not found");
    }
}
