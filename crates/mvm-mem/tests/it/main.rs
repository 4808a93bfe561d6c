//! Memory against a model: chunks and ranges keep what was written, read as 0 when new, and go back to the host.

use mvm_mem::{CHUNK_WORDS_MAX, Memory, OutOfMemory, pool_use};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, TestRunner};

/// The pool is shared by all tests of the process, so they take turns.
static TURN: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn turn() -> std::sync::MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[derive(Debug, Clone)]
enum Act {
    Make(usize),
    Drop(usize),
    Write(usize, usize, u64),
    Discard(usize, usize, usize),
    Grow(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let most: usize = if cfg!(miri) { 9_000 } else { 70_000 };
    prop_oneof![
        (1..most).prop_map(Act::Make),
        any::<usize>().prop_map(Act::Drop),
        (any::<usize>(), any::<usize>(), any::<u64>()).prop_map(|(k, at, v)| Act::Write(k, at, v)),
        (any::<usize>(), any::<usize>(), any::<usize>()).prop_map(|(k, x, y)| Act::Discard(k, x, y)),
        (any::<usize>(), 1..most).prop_map(|(k, words)| Act::Grow(k, words)),
    ]
}

/// Does everything to memory and to vectors.
fn follow(acts: &[Act]) {
    let mut all: Vec<(Memory, Vec<u64>)> = Vec::new();
    for act in acts {
        let count = all.len();
        match *act {
            Act::Make(words) => {
                let memory = Memory::new(words).expect("the host has memory");
                assert!(memory.len() >= words);
                let model = vec![0; memory.len()];
                all.push((memory, model));
            }
            Act::Drop(k) if count > 0 => drop(all.swap_remove(k % count)),
            Act::Write(k, at, value) if count > 0 => {
                let (memory, model) = &mut all[k % count];
                let at = at % model.len();
                memory[at] = value;
                model[at] = value;
            }
            Act::Discard(k, x, y) if count > 0 => {
                let (memory, model) = &mut all[k % count];
                let (x, y) = (x % (model.len() + 1), y % (model.len() + 1));
                let part = x.min(y)..x.max(y);
                memory.discard(part.clone());
                model[part].fill(0);
            }
            Act::Grow(k, words) if count > 0 => {
                let (memory, model) = &mut all[k % count];
                if memory.grow(words).is_ok() {
                    assert!(memory.len() >= words);
                    model.resize(memory.len(), 0);
                }
            }
            _ => {}
        }
        assert!(all.iter().all(|(memory, model)| memory[..] == model[..]), "after {act:?}");
    }
}

#[test]
fn memory_is_what_was_written() {
    let _turn = turn();
    let before = pool_use().chunks;
    let cases = if cfg!(miri) { 2 } else { 60 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let acts = proptest::collection::vec(act(), 1..40);
    runner
        .run(&acts, |acts| {
            follow(&acts);
            Ok(())
        })
        .expect("the law holds");
    assert_eq!(pool_use().chunks, before, "every chunk has come back");
}

#[test]
fn ranges_grow_in_place_and_keep_their_words() {
    let _turn = turn();
    let mut memory = Memory::range(100, 1 << 20).expect("the host has memory");
    let before = memory.len();
    memory[99] = 5;
    memory.grow(before + 1).expect("reserved");
    assert_eq!((memory[99], memory[before]), (5, 0));
    #[cfg(all(unix, not(miri)))]
    assert_eq!(memory.grow((1 << 20) + 100_000), Err(OutOfMemory));
    assert_eq!(memory[99], 5);
}

#[test]
fn impossible_sizes_are_refused() {
    let _turn = turn();
    assert_eq!(Memory::range(usize::MAX, usize::MAX).err(), Some(OutOfMemory));
    assert_eq!(Memory::range(usize::MAX / 8 - 1, 0).err(), Some(OutOfMemory));
    #[cfg(all(unix, not(miri)))]
    assert_eq!(Memory::range(1 << 50, 1 << 50).err(), Some(OutOfMemory));
    assert_eq!(
        Memory::new(CHUNK_WORDS_MAX).expect("the host has memory").grow(CHUNK_WORDS_MAX + 1),
        Err(OutOfMemory)
    );
    assert!(Memory::empty().is_empty());
}

#[test]
fn slabs_go_back_when_their_chunks_are_free() {
    let _turn = turn();
    let before = pool_use();
    let count = if cfg!(miri) { 300 } else { 100_000 };
    let many: Vec<Memory> = (0..count).map(|_| Memory::new(256).expect("the host has memory")).collect();
    assert_eq!(pool_use().chunks, before.chunks + count);
    drop(many);
    let after = pool_use();
    assert_eq!(after.chunks, before.chunks);
    assert!(after.slab_bytes <= before.slab_bytes + (1 << 20), "{after:?}");
}
