//! Checks of the whole heap, for tests and `--gc-check`.

use crate::heap::Heap;
use crate::layout::{Header, Layout, Layouts, flags};
use crate::remembered::{CARD_REFS, Cards};
use crate::roots::{Roots, Wanted};

impl Heap {
    /// Checks that spaces consist of objects without gaps, that every reference of a live object is to an object, and
    /// that every old object that refers to a young one is remembered.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub fn check(&self, layouts: &Layouts, roots: &mut (impl Roots + ?Sized)) -> Result<(), String> {
        let starts = self.starts(layouts)?;
        let mut work = Vec::new();
        let mut seen = vec![false; self.index_bound()];
        roots.visit(Wanted::Look, &mut |root| {
            work.push((*root, 0));
            self.is_young(*root)
        });
        while let Some((object, owner)) = work.pop() {
            let at = object as usize;
            if object == 0 {
                continue;
            }
            if !starts.get(at).is_some_and(|&start| start) {
                return Err(format!("reference {at} (from {owner}) is not to an object"));
            }
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            if self.header(object).has(flags::EXTERNAL) {
                self.check_slot(object)?;
            }
            self.each_reference(layouts, object, |half| work.push((self.reference(object, half), at)));
            self.check_remembered(layouts, object)?;
        }
        Ok(())
    }

    /// Where objects begin.
    fn starts(&self, layouts: &Layouts) -> Result<Vec<bool>, String> {
        let mut starts = vec![false; self.index_bound()];
        let old = self.old_start..if self.young.is_some() { self.old_top } else { self.top };
        let young = self.young.map(|young| [young.from..young.from_top, young.nursery..self.top]);
        for space in young.into_iter().flatten().chain([old]) {
            let mut at = space.start;
            while at < space.end {
                let header = self.header(at as u32);
                if header.has(flags::FORWARDED) {
                    return Err(format!("object {at} has moved"));
                }
                if !header.has(flags::FILLER) {
                    let class = header.class().index();
                    if class >= layouts.len() || matches!(layouts.get(header.class()), Layout::None) {
                        return Err(format!("object {at} has the unknown class {class}"));
                    }
                    starts[at] = true;
                }
                at += layouts.size(header);
            }
            if at != space.end {
                return Err(format!("the last object of the space {space:?} ends at {at}"));
            }
        }
        Ok(starts)
    }

    fn check_slot(&self, object: u32) -> Result<(), String> {
        let slot = self.externals.slots().get(self.slot_of(object));
        let length = self.header(object).length() as usize;
        match slot {
            Some(slot) if slot.holder() == object && slot.bytes().len() == length => Ok(()),
            other => Err(format!("external object {object} of {length} bytes has the slot {other:?}")),
        }
    }

    fn check_remembered(&self, layouts: &Layouts, object: u32) -> Result<(), String> {
        if self.young.is_none() || self.is_young(object) {
            return Ok(());
        }
        let header: Header = self.header(object);
        let mut wrong = None;
        self.each_reference(layouts, object, |half| {
            if self.is_young(self.reference(object, half))
                && header.has(flags::BARRIER)
                && !self.remembered.cards.contains(Cards::key(object, half / CARD_REFS))
            {
                wrong = Some(half);
            }
        });
        if let Some(half) = wrong {
            return Err(format!("old object {object} refers to a young one at {half} and is not remembered"));
        }
        let listed = self.remembered.overflow || self.remembered.objects.contains(&object);
        if layouts.has_slots_at(header) && !header.has(flags::BARRIER) && !listed {
            return Err(format!("old object {object} has no barrier and is not remembered"));
        }
        Ok(())
    }
}
