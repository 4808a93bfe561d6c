//! The memory checker's notes on blocks: where each was made and freed, which errors handlers caught, what was lost.
//!
//! They stand beside the process and are written when a block is made, freed or collected, in whatever executor: a
//! program behaves the same with and without them. Blocks are followed by the heap (`Heap::follow`), so a note stays with
//! its block when collections move it, and ends with it.
//!
//! Not here: what an instruction did wrong (`misuse.rs`), how it is shown (the binaries).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use mvm_isa::{Trap, TrapCode, TypeId};

use crate::misuse::Misuse;
use crate::process::Process;
use crate::trace::Place;

/// Calls that are kept of a place. Only inner ones: all of a deep recursion would have to be walked for the outer ones.
const CALLS_MAX: usize = 20;
/// Stands behind the calls of a place that has more than are kept. No function is there.
const MORE: u32 = 0;
/// Different places of which the calls are kept; of those met later, only the innermost is.
const SITES_MAX: usize = 1 << 18;
/// Different places of caught errors that are kept; others are counted.
const CAUGHT_MAX: usize = 20;

/// Where something happened: the innermost calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The calls, the innermost first; never empty.
    pub calls: Vec<Place>,
    /// Whether there were more around them.
    pub more: bool,
}

/// A number of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub blocks: u64,
    /// Their bytes together.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, bytes: u32) {
        self.blocks += 1;
        self.bytes += u64::from(bytes);
    }
}

/// What is known of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Its size before it was freed, if it was.
    pub bytes: u32,
    /// Where it was made.
    pub made: Site,
    /// Where it was freed.
    pub freed: Option<Site>,
}

/// An instruction that used a block in a way that traps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockError {
    /// What it did.
    pub misuse: Misuse,
    /// What is known of the block; only when the memory is checked.
    pub history: Option<History>,
}

/// Errors of one place that handlers of the program caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtError {
    /// The trap of the first.
    pub code: TrapCode,
    /// What it was about.
    pub error: BlockError,
    /// Where they were raised.
    pub at: Site,
    /// How many there were.
    pub count: u64,
}

/// Blocks of one place that were never freed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Where they were made.
    pub made: Site,
    /// How many.
    pub sum: Sum,
}

/// Blocks that were never freed, by where they were made; most bytes first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaks {
    /// All blocks ever made.
    pub made: Sum,
    /// Those that were freed.
    pub freed: Sum,
    /// Those that nothing referred to any more.
    pub lost: Vec<Leak>,
    /// Those that the program could still reach at its end.
    pub reachable: Vec<Leak>,
}

/// The number of a place.
type SiteId = u32;

/// Places by number: equal ones once.
#[derive(Debug, Clone, Default)]
struct Sites {
    ids: BTreeMap<Arc<[u32]>, SiteId>,
    calls: Vec<Arc<[u32]>>,
    /// The place that is looked up.
    now: Vec<u32>,
}

impl Sites {
    /// The number of the place in `now`.
    fn id(&mut self) -> SiteId {
        if let Some(&id) = self.ids.get(&*self.now) {
            return id;
        }
        if self.calls.len() >= SITES_MAX && self.now.len() > 2 {
            self.now.truncate(1);
            self.now.push(MORE);
            return self.id();
        }
        let (calls, id) = (Arc::from(&*self.now), self.calls.len() as SiteId);
        self.calls.push(Arc::clone(&calls));
        self.ids.insert(calls, id);
        id
    }
}

/// A note on a block.
#[derive(Debug, Clone, Copy)]
struct Note {
    bytes: u32,
    made: SiteId,
    freed: Option<SiteId>,
}

/// The notes of a process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Blocks {
    sites: Sites,
    /// By the tag of the block.
    notes: Vec<Note>,
    /// Tags that no block has any more.
    spare: Vec<u32>,
    made: Sum,
    freed: Sum,
    lost: BTreeMap<SiteId, Sum>,
    caught: Vec<CaughtError>,
    caught_at: BTreeMap<(SiteId, TrapCode), usize>,
    caught_elsewhere: u64,
}

impl Process {
    /// Notes from now on where blocks are made and freed, and which errors handlers catch. For a process that has not run.
    pub fn check_memory(&mut self) {
        self.blocks = Some(Box::default());
    }

    /// Whether it does.
    pub fn checks_memory(&self) -> bool {
        self.blocks.is_some()
    }

    /// What the instruction at `pc` did to a block when it raised this trap. None when the trap is not about a block.
    pub fn block_error(&self, trap: &Trap) -> Option<BlockError> {
        let (misuse, block) = self.misuse(trap)?;
        let history = self.blocks.as_ref().zip(self.heap.followed(block)).map(|(blocks, tag)| {
            let note = blocks.notes[tag as usize];
            let site = |id| self.site(blocks, id);
            History { bytes: note.bytes, made: site(note.made), freed: note.freed.map(site) }
        });
        Some(BlockError { misuse, history })
    }

    /// Errors with blocks that handlers caught, in the order of the first of each place; and how many there were at
    /// places beyond those that are kept.
    pub fn caught_block_errors(&self) -> (&[CaughtError], u64) {
        self.blocks.as_ref().map_or((&[], 0), |blocks| (&blocks.caught, blocks.caught_elsewhere))
    }

    /// Blocks that were never freed, after a full collection. None when the memory is not checked.
    pub fn leaks(&mut self) -> Option<Leaks> {
        self.blocks.as_ref()?;
        self.collect_full();
        let blocks = self.blocks.as_ref()?;
        let mut reachable: BTreeMap<SiteId, Sum> = BTreeMap::new();
        let notes = self.heap.all_followed().map(|(_, tag)| blocks.notes[tag as usize]);
        for note in notes.filter(|note| note.freed.is_none()) {
            reachable.entry(note.made).or_default().add(note.bytes);
        }
        let by_size = |sums: &BTreeMap<SiteId, Sum>| {
            let mut leaks: Vec<Leak> =
                sums.iter().map(|(&id, &sum)| Leak { made: self.site(blocks, id), sum }).collect();
            leaks.sort_by_key(|leak| std::cmp::Reverse((leak.sum.bytes, leak.sum.blocks)));
            leaks
        };
        let (lost, reachable) = (by_size(&blocks.lost), by_size(&reachable));
        Some(Leaks { made: blocks.made, freed: blocks.freed, lost, reachable })
    }

    /// Notes a new block.
    pub(crate) fn note_made(&mut self, object: u32, bytes: u32) {
        let Some((made, blocks)) = self.site_here() else { return };
        blocks.made.add(bytes);
        let note = Note { bytes, made, freed: None };
        let tag = match blocks.spare.pop() {
            Some(tag) => {
                blocks.notes[tag as usize] = note;
                tag
            }
            None => {
                blocks.notes.push(note);
                blocks.notes.len() as u32 - 1
            }
        };
        self.heap.follow(object, tag);
    }

    /// Notes that a block has just been freed.
    pub(crate) fn note_freed(&mut self, object: u32) {
        let Some(tag) = self.heap.followed(object) else { return };
        let Some((site, blocks)) = self.site_here() else { return };
        let note = &mut blocks.notes[tag as usize];
        note.freed = Some(site);
        blocks.freed.add(note.bytes);
    }

    /// Takes the notes of blocks that a collection has removed.
    pub(crate) fn note_collected(&mut self) {
        let Some(blocks) = &mut self.blocks else { return };
        for tag in self.heap.take_dead() {
            let note = blocks.notes[tag as usize];
            if note.freed.is_none() {
                blocks.lost.entry(note.made).or_default().add(note.bytes);
            }
            blocks.spare.push(tag);
        }
    }

    /// What has to be noted of a trap if a handler catches it.
    pub(crate) fn before_catch(&mut self, trap: &Trap) -> Option<(SiteId, BlockError)> {
        self.blocks.as_ref()?;
        let error = self.block_error(trap)?;
        Some((self.site_here()?.0, error))
    }

    /// Notes that a handler has caught a trap.
    pub(crate) fn note_caught(&mut self, code: TrapCode, (site, error): (SiteId, BlockError)) {
        let Some(blocks) = &self.blocks else { return };
        let at = self.site(blocks, site);
        let Some(blocks) = &mut self.blocks else { return };
        if let Some(&known) = blocks.caught_at.get(&(site, code)) {
            blocks.caught[known].count += 1;
        } else if blocks.caught.len() < CAUGHT_MAX {
            blocks.caught_at.insert((site, code), blocks.caught.len());
            blocks.caught.push(CaughtError { code, error, at, count: 1 });
        } else {
            blocks.caught_elsewhere += 1;
        }
    }

    /// Checks that the notes say of every block what the heap says.
    pub(crate) fn check_notes(&self) -> Result<(), String> {
        let Some(blocks) = &self.blocks else { return Ok(()) };
        for (object, tag) in self.heap.all_followed() {
            let (header, note) = (self.heap.header(object), blocks.notes[tag as usize]);
            let freed = header.has(mvm_heap::flags::FREED);
            let length = if freed { 0 } else { note.bytes };
            if (header.class(), header.length(), freed) != (TypeId::BLOCK, length, note.freed.is_some()) {
                return Err(format!("object {object} is no block as the memory checker knows it: {note:?}"));
            }
        }
        Ok(())
    }

    /// The number of the place where the process is.
    fn site_here(&mut self) -> Option<(SiteId, &mut Blocks)> {
        let mut now = std::mem::take(&mut self.blocks.as_mut()?.sites.now);
        now.clear();
        self.frames_until(|frame| {
            if now.len() == CALLS_MAX {
                now.push(MORE);
                return ControlFlow::Break(());
            }
            now.push(frame.at());
            ControlFlow::Continue(())
        });
        let blocks = self.blocks.as_mut()?;
        blocks.sites.now = now;
        Some((blocks.sites.id(), blocks))
    }

    fn site(&self, blocks: &Blocks, id: SiteId) -> Site {
        let calls = &blocks.sites.calls[id as usize];
        let places = calls.iter().filter_map(|&pc| self.image.locate(pc));
        let calls_shown = places.map(|(function, pc)| Place { function, pc }).collect();
        Site { calls: calls_shown, more: calls.last() == Some(&MORE) }
    }
}
