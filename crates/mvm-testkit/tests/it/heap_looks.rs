//! What `mvm heap` looks at: the same live objects at the same moment in every executor and under every collector, and
//! roots with names that are the collector's roots.

use std::collections::BTreeMap;
use std::sync::Arc;

use mvm_diag::SourceMap;
use mvm_exec::{Executor, Image, Process, ProcessLimits, RootPlace, Stop};
use mvm_heap::{Gc, Options, Snapshot};
use mvm_testkit::golden::root;

/// The program of an example that neither reads nor imports; main's registers are kept if `keep` says so.
fn image(name: &str, keep: bool) -> Arc<Image> {
    let path = root().join("examples").join(name);
    let text = std::fs::read_to_string(path).expect("the example is there");
    let mut map = SourceMap::new();
    let file = map.add(name, text);
    let (module, _) = mvm_asm::assemble(&mut map, file, &mvm_asm::Options::default(), &mut mvm_asm::NoFiles);
    let module = mvm_module::verify(module.expect("it assembles")).expect("it verifies");
    if keep {
        assert!(module.keep_registers(module.main.expect("it has a main")), "nobody has asked before");
    }
    Image::load(module)
}

/// Runs until so many reductions are used up, in slices, or to the end; writes nothing and reads nothing.
fn run_to(image: &Arc<Image>, executor: Executor, heap: Options, (at, slice): (u64, u64)) -> Process {
    let main = image.module().main.expect("it has a main");
    let mut process = Process::new(image, main, &[], ProcessLimits { heap, ..ProcessLimits::default() })
        .expect("the host has memory for a stack");
    let mut left = at;
    loop {
        match process.run(executor) {
            Stop::OutOfFuel if left > 0 => {
                process.add_fuel(slice.min(left));
                left -= slice.min(left);
            }
            Stop::Syscall(_) => process.finish_syscall(&[]),
            Stop::OutOfFuel | Stop::Done => return process,
            other => panic!("stopped by {other:?}"),
        }
    }
}

/// Reductions and place, then number, bytes and retained bytes of the live objects of each class.
type Seen = (u64, Option<u32>, BTreeMap<u16, (usize, u64, u64)>);

fn look(process: &mut Process) -> Seen {
    let image = Arc::clone(process.image());
    let mut roots = Vec::new();
    process.each_root(|object, _| roots.push(object));
    let snapshot = Snapshot::new(process.heap(), image.layouts(), &roots).expect("there is memory");
    let retained = snapshot.retained_by_class(image.layouts().len());
    let mut classes = BTreeMap::new();
    for object in snapshot.objects().filter(|object| object.live) {
        let class = process.heap().class(object.at);
        let (count, bytes, all) = classes.entry(class.0).or_insert((0, 0, 0));
        *count += 1;
        *bytes += object.bytes;
        *all = retained[class.index()];
    }
    let (live, reductions) = (snapshot.live_bytes(), process.reductions());
    process.collect_full();
    assert_eq!(live, process.heap().used_words() as u64 * 8, "the collector keeps what is said to be live");
    (reductions, process.position().map(|(_, pc)| pc), classes)
}

fn heaps() -> Vec<Options> {
    let stressed = Options { stress: 11, check: true, ..Options::default() };
    Gc::ALL
        .into_iter()
        .flat_map(|gc| [Options::default(), stressed].map(|heap| Options { gc, ..heap }))
        .collect()
}

#[test]
fn the_same_is_alive_in_every_executor_and_under_every_collector() {
    for (name, most) in
        [("leak.masm", 4000), ("linkedlist.masm", 60), ("exceptions.masm", 60), ("closures.masm", 60)]
    {
        let image = image(name, false);
        for at in (0..most).step_by(most as usize / 10) {
            let wanted = look(&mut run_to(&image, Executor::Reference, Options::default(), (at, at)));
            assert!(wanted.0 <= at, "{} reductions are more than {at}", wanted.0);
            for heap in heaps() {
                for executor in Executor::ALL {
                    let seen = look(&mut run_to(&image, executor, heap, (at, 7.max(at / 3))));
                    assert_eq!(seen, wanted, "{name} after {at}, {executor:?}, {heap:?}");
                }
            }
        }
    }
}

#[test]
fn one_more_reduction_is_needed_to_go_on() {
    let image = image("leak.masm", false);
    let mut last = (0, Some(0));
    for at in 1..400 {
        let (reductions, place, _) =
            look(&mut run_to(&image, Executor::DEFAULT, Options::default(), (at, at)));
        // It stands where it stood, or all fuel that a step needed was there for the first time.
        assert!((reductions, place) == last || reductions == at, "{reductions} at {place:?} after {at}");
        last = (reductions, place);
    }
}

#[test]
fn a_main_that_has_returned_can_be_looked_at_when_its_registers_are_kept() {
    let kept = image("leak.masm", true);
    let mut wanted = None;
    for heap in heaps() {
        for executor in Executor::ALL {
            let mut process = run_to(&kept, executor, heap, (1 << 30, 1 << 30));
            assert!(process.is_finished() && process.return_to_main(), "{executor:?}");
            let mut names = Vec::new();
            process.each_root(|object, place| {
                if let RootPlace::Register { frame, register, inner: 0 } = place
                    && object != 0
                {
                    let function = kept.module().function(frame.place.function).expect("it exists");
                    names.push(function.debug.register_names[usize::from(register)].to_string());
                }
            });
            names.sort();
            let seen = (names, look(&mut process));
            assert!(seen.0.contains(&"cache".to_string()), "{:?}", seen.0);
            assert_eq!(*wanted.get_or_insert_with(|| seen.clone()), seen, "{executor:?}, {heap:?}");
        }
    }
    // Nothing is different for the program.
    let plain = image("leak.masm", false);
    let mut process = run_to(&plain, Executor::DEFAULT, Options::default(), (1 << 30, 1 << 30));
    assert_eq!(Some(process.reductions()), wanted.map(|(_, seen)| seen.0));
    assert!(!process.return_to_main(), "its registers are not known any more");
    assert!(!plain.module().keep_registers(plain.module().main.expect("it has one")), "it is too late");
}
