//! Snapshots of random heaps against the model: who is live, what each object keeps alive, ways from the roots.

use mvm_heap::{Found, Gc, Options, Snapshot};
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestRunner};

use crate::graph::{Object, Shape, World};

#[derive(Debug, Clone)]
enum Act {
    Make(Shape, usize),
    Link(usize, usize, usize),
    Forget(usize),
    Free(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let index = || any::<usize>();
    prop_oneof![
        4 => any::<u64>().prop_map(|number| Act::Make(Shape::Node { number }, 2)),
        2 => (0..9usize).prop_map(|refs| Act::Make(Shape::List, refs)),
        1 => (0..300usize).prop_map(|bytes| Act::Make(Shape::Block { bytes, freed: false }, 0)),
        1 => (0..300usize).prop_map(|bytes| Act::Make(Shape::Text { bytes, first: 1, adopted: false }, 0)),
        9 => (index(), index(), index()).prop_map(|(from, slot, to)| Act::Link(from, slot, to)),
        4 => index().prop_map(Act::Forget),
        1 => index().prop_map(Act::Free),
    ]
}

fn words(object: &Object) -> u64 {
    1 + object.words() as u64
}

/// What can be reached without going through `without`.
fn reach(world: &World, without: Option<usize>) -> Vec<bool> {
    let mut seen = vec![false; world.model.len()];
    let mut work = world.model_roots.clone();
    while let Some(index) = work.pop() {
        if Some(index) != without && !std::mem::replace(&mut seen[index], true) {
            work.extend(world.model[index].refs.iter().flatten());
        }
    }
    seen
}

fn compare(world: &World) -> Result<(), String> {
    let snapshot = Snapshot::new(&world.heap, &world.layouts, &world.roots).ok_or("no memory")?;
    let live = reach(world, None);
    let bytes = |seen: &[bool]| -> u64 {
        seen.iter().zip(&world.model).filter(|(seen, _)| **seen).map(|(_, object)| 8 * words(object)).sum()
    };
    same("live bytes", snapshot.live_bytes(), bytes(&live))?;
    same("live objects", snapshot.live_count(), live.iter().filter(|&&live| live).count())?;
    same("objects", snapshot.objects().count(), snapshot.len())?;
    let paths = snapshot.paths().ok_or("no memory")?;
    let mut by_class = vec![0; world.layouts.len()];
    for object in snapshot.objects() {
        let index = world.heap.followed(object.at).ok_or("an object nobody made")? as usize;
        same("live", object.live, live[index])?;
        same("bytes", object.bytes, 8 * words(&world.model[index]))?;
        same("found again", snapshot.object(object.at), Some(object))?;
        let way = paths.to(object.at);
        same("a way leads there", way.is_some(), object.live)?;
        let Some(way) = way else { continue };
        let left = reach(world, Some(index));
        same("retained", object.retained, bytes(&live) - bytes(&left))?;
        let below: u64 = snapshot.dominated(Some(object.at)).map(|below| below.retained).sum();
        same("retained below", below, object.retained - object.bytes)?;
        if !world.roots.contains(&way[0].at) || way.last().map(|hop| hop.at) != Some(object.at) {
            return Err(format!("a way from {:?} to {}", way, object.at));
        }
        for pair in way.windows(2) {
            let half = pair[0].half.ok_or("a way ends early")?;
            same("step", world.heap.reference(pair[0].at, half), pair[1].at)?;
        }
        // Alive together: counted where no other object of the class is above.
        let class = world.heap.class(object.at);
        let mut above = snapshot.dominator(object.at);
        while above.is_some_and(|above| world.heap.class(above.at) != class) {
            above = above.and_then(|above| snapshot.dominator(above.at));
        }
        if above.is_none() {
            by_class[class.index()] += object.retained;
        }
    }
    same("retained by class", snapshot.retained_by_class(world.layouts.len()), by_class)?;
    let mut sums = [0, 0];
    for space in world.heap.spaces() {
        world.heap.each_in(&world.layouts, &space, |at, words, found| {
            // What an object has outside the heap counts too.
            let all = world.heap.object_bytes(&world.layouts, at) as usize / 8;
            sums[usize::from(found == Found::Hole)] += if found == Found::Hole { words } else { all };
        });
    }
    same("words of objects and holes", sums, [world.heap.used_words(), world.heap.hole_words()])
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?}, not {wanted:?}")) }
}

fn follow(options: Options, acts: &[Act]) -> Result<(), String> {
    let mut world = World::new(options);
    for act in acts {
        let count = world.roots.len();
        match *act {
            Act::Make(ref shape, refs) => {
                world.make(shape.clone(), refs);
            }
            _ if count == 0 => {}
            Act::Link(from, slot, to) => world.link(from % count, slot, Some(to % count)),
            Act::Forget(root) => world.forget(root % count),
            Act::Free(root) => world.free(root % count),
        }
    }
    compare(&world)?;
    world.collect(true);
    compare(&world)?;
    let garbage = world.heap.used_words() as u64 * 8 - reach_bytes(&world);
    same("garbage behind a full collection", garbage, 0)
}

fn reach_bytes(world: &World) -> u64 {
    let live = reach(world, None);
    live.iter().zip(&world.model).filter(|(live, _)| **live).map(|(_, object)| 8 * words(object)).sum()
}

#[test]
fn snapshots_are_the_model() {
    let (cases, most) = if cfg!(miri) { (1, 24) } else { (200, 160) };
    for gc in Gc::ALL {
        for stress in [0, 5] {
            let options = Options { gc, stress, young_words: 128, external_bytes: 90, ..Options::default() };
            let mut runner =
                TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
            let acts = proptest::collection::vec(act(), 0..most);
            runner
                .run(&acts, |acts| follow(options, &acts).map_err(proptest::test_runner::TestCaseError::fail))
                .unwrap_or_else(|error| panic!("{options:?}: {error}"));
        }
    }
}

#[test]
fn a_heap_without_memory_has_a_snapshot() {
    let world = World::new(Options::default());
    let snapshot = Snapshot::new(&world.heap, &world.layouts, &[0, 0]).expect("it takes no memory");
    assert!(snapshot.is_empty() && snapshot.object(0).is_none() && snapshot.object(1 << 30).is_none());
    assert_eq!((snapshot.live_count(), snapshot.live_bytes()), (0, 0));
    assert_eq!(snapshot.dominated(None).count(), 0);
    assert_eq!(snapshot.paths().expect("nor do ways").to(5), None);
}
