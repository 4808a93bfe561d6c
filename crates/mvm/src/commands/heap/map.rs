//! The heap as rows of cells: each stands for a few words and shows what most of them are.

use mvm_heap::{Found, Heap, Layouts, Snapshot, SpaceKind};
use mvm_isa::TypeId;
use serde::{Serialize, Serializer};

/// Cells of a map at most, about.
const CELLS_MAX: usize = 768;
/// Classes that a cell can tell apart; all others are one more.
pub(super) const CLASSES: usize = 6;
const GARBAGE: usize = CLASSES + 1;
const HOLE: usize = CLASSES + 2;
const KINDS: usize = CLASSES + 3;

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Mostly live objects, most of them of this class: its place in the legend, or [`CLASSES`] for any other. With
    /// `true`, there is garbage or a hole as well.
    Live(usize, bool),
    /// Garbage, nothing live.
    Garbage,
    /// Free words between objects.
    Hole,
}

impl Cell {
    /// A letter: live, live with something else, garbage, hole.
    pub(super) const fn letter(self) -> char {
        match self {
            Cell::Live(_, false) => '#',
            Cell::Live(_, true) => '+',
            Cell::Garbage => 'x',
            Cell::Hole => 'o',
        }
    }
}

/// One space.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(serialize_with = "space_name")]
    pub(super) space: SpaceKind,
    /// Bytes of objects and holes.
    pub(super) used_bytes: u64,
    /// Bytes of the whole space.
    pub(super) space_bytes: u64,
    #[serde(serialize_with = "letters")]
    pub(super) cells: Vec<Cell>,
}

/// The heap at a moment.
#[derive(Debug, Serialize)]
pub(super) struct Map {
    /// Bytes that a cell stands for.
    pub(super) cell_bytes: u64,
    pub(super) spaces: Vec<Row>,
}

fn space_name<S: Serializer>(kind: &SpaceKind, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(kind.name())
}

fn letters<S: Serializer>(cells: &[Cell], out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&cells.iter().map(|cell| cell.letter()).collect::<String>())
}

/// Words of a cell, so that everything that is in use fits a map.
pub(super) fn cell_words(heap: &Heap) -> usize {
    let used: usize = heap.spaces().iter().map(|space| space.top - space.words.start).sum();
    used.div_ceil(CELLS_MAX).next_power_of_two()
}

/// Draws the heap; `legend` has the classes that are told apart.
pub(super) fn draw(
    heap: &Heap,
    layouts: &Layouts,
    snapshot: &Snapshot<'_>,
    legend: &[TypeId],
    cell_words: usize,
) -> Map {
    let mut spaces = Vec::new();
    for space in heap.spaces() {
        let start = space.words.start;
        let mut counts = vec![[0usize; KINDS]; (space.top - start).div_ceil(cell_words)];
        heap.each_in(layouts, &space, |at, words, found| {
            let kind = match found {
                Found::Hole => HOLE,
                Found::Object if !snapshot.object(at).is_some_and(|object| object.live) => GARBAGE,
                Found::Object => legend.iter().position(|&class| class == heap.class(at)).unwrap_or(CLASSES),
            };
            let (mut from, end) = (at as usize - start, at as usize - start + words);
            while from < end {
                let cell = from / cell_words;
                let to = end.min((cell + 1) * cell_words);
                counts[cell][kind] += to - from;
                from = to;
            }
        });
        spaces.push(Row {
            space: space.kind,
            used_bytes: 8 * (space.top - start) as u64,
            space_bytes: 8 * space.words.len() as u64,
            cells: counts.iter().map(judge).collect(),
        });
    }
    Map { cell_bytes: 8 * cell_words as u64, spaces }
}

/// What a cell with so many words of each kind shows. Nothing that is live is overlooked.
fn judge(counts: &[usize; KINDS]) -> Cell {
    let live = &counts[..=CLASSES];
    let most = (0..live.len()).rev().max_by_key(|&class| live[class]).unwrap_or(CLASSES);
    let other = counts[GARBAGE] + counts[HOLE];
    match live.iter().sum::<usize>() {
        0 if counts[HOLE] > counts[GARBAGE] => Cell::Hole,
        0 => Cell::Garbage,
        live => Cell::Live(most, other * 8 > live),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_what_most_of_its_words_are_and_nothing_live_is_overlooked() {
        let mut counts = [0; KINDS];
        assert_eq!(judge(&counts), Cell::Garbage);
        counts[HOLE] = 3;
        counts[GARBAGE] = 2;
        assert_eq!(judge(&counts), Cell::Hole);
        counts[GARBAGE] = 3;
        assert_eq!(judge(&counts), Cell::Garbage);
        counts[CLASSES] = 1;
        assert_eq!(judge(&counts), Cell::Live(CLASSES, true));
        counts[1] = 90;
        assert_eq!(judge(&counts), Cell::Live(1, false));
        counts[0] = 90;
        assert_eq!(judge(&counts), Cell::Live(0, false));
    }
}
