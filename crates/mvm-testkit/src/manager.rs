//! Memory managers for runs that are compared: a program may not notice which one it has, and what it keeps alive may
//! not depend on it either.

use mvm_exec::Process;
use mvm_heap::{Gc, Options, Snapshot};
use mvm_isa::TypeId;

/// Sizes of the space for new objects, in words; 0 for one that adapts.
const YOUNG_WORDS: [usize; 4] = [64, 0, 200, 1_000];
/// Strings of more bytes are outside the heap from the beginning.
const EXTERNAL_BYTES: [u32; 3] = [u32::MAX, 9, 300];
/// Snapshots of larger heaps would only cost time.
const SNAPSHOT_WORDS_MAX: usize = 1 << 17;

/// How the memory of a process is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manager {
    /// The collector.
    pub gc: Gc,
    /// Words of the space for new objects; 0 for one that adapts.
    pub young_words: usize,
    /// Strings of more bytes are outside the heap from the beginning.
    pub external_bytes: u32,
    /// Whether the memory checker takes notes.
    pub noting: bool,
}

impl Manager {
    /// The one that people have without options.
    pub const DEFAULT: Manager =
        Manager { gc: Gc::Generational, young_words: 0, external_bytes: u32::MAX, noting: false };

    /// One for each number; those of neighbours have other collectors.
    pub fn nth(number: u64) -> Manager {
        let mut rest = number as usize;
        let mut pick = |count: usize| {
            let picked = rest % count;
            rest /= count;
            picked
        };
        Manager {
            gc: Gc::ALL[pick(Gc::ALL.len())],
            young_words: YOUNG_WORDS[pick(YOUNG_WORDS.len())],
            external_bytes: EXTERNAL_BYTES[pick(EXTERNAL_BYTES.len())],
            noting: pick(2) == 1,
        }
    }

    /// The options of a heap with this limit that collects at every `stress` allocations.
    pub fn options(self, limit_words: u64, stress: u32) -> Options {
        let Manager { gc, young_words, external_bytes, noting: _ } = self;
        // Checking twice at every allocation would take most of the time.
        Options { limit_words, gc, young_words, external_bytes, stress, check: stress == 0 }
    }
}

/// The live objects of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alive {
    /// The class.
    pub class: TypeId,
    /// How many there are.
    pub objects: u64,
    /// Their bytes, headers included.
    pub bytes: u64,
    /// Bytes that they keep alive together.
    pub retained: u64,
}

/// What is alive in a process, by class. None for a heap too large to be looked at after every run.
///
/// # Errors
/// Says what does not fit together in the snapshot of the heap.
pub fn alive(process: &Process) -> Result<Option<Vec<Alive>>, String> {
    let (heap, image) = (process.heap(), process.image());
    if heap.held_words() > SNAPSHOT_WORDS_MAX {
        return Ok(None);
    }
    let mut roots = Vec::new();
    process.each_root(|object, _| roots.push(object));
    let snapshot = Snapshot::new(heap, image.layouts(), &roots).ok_or("no memory for a snapshot")?;
    let retained = snapshot.retained_by_class(image.module().types.len());
    let mut classes: Vec<Alive> = retained
        .into_iter()
        .enumerate()
        .map(|(class, retained)| Alive { class: TypeId(class as u16), objects: 0, bytes: 0, retained })
        .collect();
    let paths = snapshot.paths().ok_or("no memory for paths")?;
    for object in snapshot.objects() {
        let way = paths.to(object.at);
        if way.is_some() != object.live {
            return Err(format!("the object at {}: live {}, way {way:?}", object.at, object.live));
        }
        if let Some(first) = way.iter().flatten().next()
            && !roots.contains(&first.at)
        {
            return Err(format!("the way to {} does not begin at a root", object.at));
        }
        if object.live {
            let class = &mut classes[heap.class(object.at).index()];
            class.objects += 1;
            class.bytes += object.bytes;
            let below: u64 = snapshot.dominated(Some(object.at)).map(|below| below.retained).sum();
            if object.retained != object.bytes + below {
                return Err(format!("the object at {} retains {}", object.at, object.retained));
            }
        }
    }
    let (all, tops) = (classes.iter().map(|class| class.bytes).sum::<u64>(), snapshot.dominated(None));
    if all != snapshot.live_bytes() || all != tops.map(|top| top.retained).sum() {
        return Err(format!("{all} bytes live by class, {} in all", snapshot.live_bytes()));
    }
    classes.retain(|class| class.objects > 0);
    Ok(Some(classes))
}
