//! The remembered set: which old objects may refer to young ones.
//!
//! An old object that can be changed carries the flag `BARRIER` while it is not remembered; a store of a young reference
//! into it takes the flag away and notes the object, so later stores cost nothing. A long array keeps its flag and has
//! single cards of it noted, so that a collection does not read a million elements because one changed. Both lists are
//! bounded: when the first is full the collection walks the whole old space, when the second is, arrays are noted as
//! a whole. Ungar (1984), section 5; cards after Wilson and Moher (1989).

/// References in a card.
pub(crate) const CARD_REFS: usize = 16;
/// Arrays of at least so many references have cards.
pub(crate) const CARDED_REFS_MIN: usize = 512;
/// Objects that are noted one by one, at least; more when the old space is large.
const OBJECTS_MIN: usize = 64 << 10;
/// Cards that are noted.
const CARDS_MAX: usize = 128 << 10;

/// The remembered set of a heap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remembered {
    /// Old objects without the flag `BARRIER`. Invariant: all of them, each once, unless `overflow`.
    pub(crate) objects: Vec<u32>,
    /// The list was too long and is not complete.
    pub(crate) overflow: bool,
    pub(crate) cards: Cards,
}

impl Remembered {
    pub(crate) const fn new() -> Remembered {
        let cards = Cards { list: Vec::new(), table: Vec::new() };
        Remembered { objects: Vec::new(), overflow: false, cards }
    }

    /// Notes an object whose flag has just been taken away. `old_words` is the size of the old space.
    pub(crate) fn note(&mut self, object: u32, old_words: usize) {
        if self.objects.len() >= OBJECTS_MIN.max(old_words / 64) || self.objects.try_reserve(1).is_err() {
            self.overflow = true;
            return;
        }
        self.objects.push(object);
    }
}

/// A set of cards, in the order in which they were noted. A card is an array (high half) and a number in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cards {
    list: Vec<u64>,
    /// Open addressing; 0 is free (no array is at index 0). Size: a power of two, at least twice the list, or 0.
    table: Vec<u64>,
}

impl Cards {
    pub(crate) fn key(array: u32, card: usize) -> u64 {
        u64::from(array) << 32 | card as u64
    }

    /// Array and card of a key.
    pub(crate) fn parts(key: u64) -> (u32, usize) {
        ((key >> 32) as u32, key as u32 as usize)
    }

    /// Notes a card. False when there is no room for it.
    pub(crate) fn insert(&mut self, key: u64) -> bool {
        if self.list.last() == Some(&key) {
            return true;
        }
        if self.list.len() * 2 >= self.table.len() && !self.grow() {
            return false;
        }
        let mask = self.table.len() - 1;
        let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        while self.table[slot] != 0 {
            if self.table[slot] == key {
                return true;
            }
            slot = (slot + 1) & mask;
        }
        self.table[slot] = key;
        self.list.push(key);
        true
    }

    fn grow(&mut self) -> bool {
        let size = (self.table.len() * 2).max(64);
        if self.list.len() >= CARDS_MAX {
            return false;
        }
        let mut table = Vec::new();
        if table.try_reserve_exact(size).is_err()
            || self.list.try_reserve(size / 2 - self.list.len()).is_err()
        {
            return false;
        }
        table.resize(size, 0);
        self.table = table;
        let list = std::mem::take(&mut self.list);
        self.list = Vec::with_capacity(0);
        self.refill(list);
        true
    }

    /// Puts keys that are all different into an empty table.
    fn refill(&mut self, list: Vec<u64>) {
        let mask = self.table.len() - 1;
        for &key in &list {
            let mut slot = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
            while self.table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.table[slot] = key;
        }
        self.list = list;
    }

    /// Takes all cards out.
    pub(crate) fn take(&mut self) -> Vec<u64> {
        let list = std::mem::take(&mut self.list);
        // Clearing a large table for a few cards would cost more than making a small one.
        self.table = Vec::new();
        list
    }

    pub(crate) fn contains(&self, key: u64) -> bool {
        self.list.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::{CARDS_MAX, Cards};

    #[test]
    fn cards_are_a_set_in_order() {
        let mut cards = Cards::default();
        let keys: Vec<u64> = (0..1000).map(|k| Cards::key(5 + k % 7, (k * 31 % 97) as usize)).collect();
        assert!(keys.iter().all(|&key| cards.insert(key)));
        let mut wanted = Vec::new();
        for key in keys {
            if !wanted.contains(&key) {
                wanted.push(key);
            }
        }
        assert_eq!(cards.take(), wanted);
        assert!(cards.take().is_empty());
    }

    #[test]
    fn the_set_is_bounded() {
        // Hundreds of thousands of insertions take long under Miri, and this crate has no `unsafe`.
        if cfg!(miri) {
            return;
        }
        let mut cards = Cards::default();
        let kept = (0..4 * CARDS_MAX).filter(|&k| cards.insert(Cards::key(9, k))).count();
        assert!((CARDS_MAX..=2 * CARDS_MAX).contains(&kept), "{kept}");
    }
}
