//! Numbers for things that come and go, and the tables of the things of one core.
//!
//! A number says on which core the thing was made, so that every core gives out numbers without asking the others. A
//! thing that has moved leaves word where it went.

use std::collections::{BTreeMap, VecDeque};

use mvm_exec::snapshot::{Reader, SnapshotError, Writer};

/// Places are used again when there are so many, the one that was given up first: numbers stay small, and the same number
/// does not come back soon.
const FRESH_PLACES: usize = 1 << 16;

/// A number: the place in the table, interleaved with those of other cores, plus 1; in the upper half how often the place has been used
/// before, so that the number of what has ended is not that of another thing for a very long time.
fn number(place: usize, core: u32, cores: u32, used: u32) -> u64 {
    (place as u64 * u64::from(cores) + u64::from(core) + 1) | (u64::from(used) << 32)
}

/// Where something is, as far as one core knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// On this core.
    Here,
    /// This core knows.
    Core(u32),
    /// It is not there any more, or never was.
    Nowhere,
}

/// A place for something that is made here.
#[derive(Debug)]
struct Place<T> {
    /// How often it has been used before.
    used: u32,
    /// The core to which the thing has gone, or [`NOWHERE`].
    moved: u32,
    thing: Option<Box<T>>,
}

/// No core.
const NOWHERE: u32 = u32::MAX;

impl<T> Place<T> {
    /// Whether the number is that of the thing which the place is for now.
    #[inline]
    fn is_for(&self, number: u64) -> bool {
        self.used == (number >> 32) as u32
    }
}

/// What was made on one core, and what has come to it.
#[derive(Debug)]
pub(crate) struct Table<T> {
    core: u32,
    cores: u32,
    places: Vec<Place<T>>,
    unused: VecDeque<u32>,
    /// Things of other cores, by number.
    guests: BTreeMap<u64, Box<T>>,
    count: usize,
}

impl<T> Table<T> {
    pub(crate) fn new(core: u32, cores: u32) -> Table<T> {
        Table { core, cores, places: Vec::new(), unused: VecDeque::new(), guests: BTreeMap::new(), count: 0 }
    }

    /// Place in the table of the core where the thing was made, and that core.
    fn split(&self, number: u64) -> Option<(usize, u32)> {
        let from_zero = (number as u32).checked_sub(1)?;
        match self.cores {
            1 => Some((from_zero as usize, 0)),
            cores => Some(((from_zero / cores) as usize, from_zero % cores)),
        }
    }

    /// Takes in something new. None when there cannot be more.
    pub(crate) fn insert(&mut self, thing: Box<T>) -> Option<u64> {
        let place = match self.unused.front() {
            Some(&place) if self.places.len() >= FRESH_PLACES => {
                self.unused.pop_front();
                place as usize
            }
            _ => {
                let last = (self.places.len() as u64 + 1).checked_mul(u64::from(self.cores))?;
                u32::try_from(last).ok()?;
                self.places.try_reserve(1).ok()?;
                self.places.push(Place { used: 0, moved: NOWHERE, thing: None });
                self.places.len() - 1
            }
        };
        let slot = &mut self.places[place];
        slot.thing = Some(thing);
        self.count += 1;
        Some(number(place, self.core, self.cores, slot.used))
    }

    /// Takes out something for good. When it was made on another core, that one has to [`forget`](Table::forget) it.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Box<T>> {
        let (place, core) = self.split(number)?;
        let thing = if core == self.core {
            let slot = self.places.get_mut(place).filter(|slot| slot.is_for(number))?;
            let thing = slot.thing.take()?;
            slot.used = slot.used.wrapping_add(1);
            self.unused.push_back(place as u32);
            thing
        } else {
            self.guests.remove(&number)?
        };
        self.count -= 1;
        Some(thing)
    }

    /// The core whose table has to forget something that ended here.
    pub(crate) fn maker(&self, number: u64) -> Option<u32> {
        self.split(number).map(|(_, core)| core).filter(|&core| core != self.core && core < self.cores)
    }

    /// Something that was made here has ended elsewhere.
    pub(crate) fn forget(&mut self, number: u64) {
        if let Some((place, _)) = self.split(number)
            && let Some(slot) = self.places.get_mut(place)
            && slot.is_for(number)
            && slot.moved != NOWHERE
        {
            slot.moved = NOWHERE;
            slot.used = slot.used.wrapping_add(1);
            self.unused.push_back(place as u32);
        }
    }

    /// Takes out something that goes to another core.
    pub(crate) fn depart(&mut self, number: u64, to: u32) -> Option<Box<T>> {
        let (place, core) = self.split(number)?;
        let thing = if core == self.core {
            let slot = self.places.get_mut(place).filter(|slot| slot.is_for(number))?;
            let thing = slot.thing.take()?;
            slot.moved = to;
            thing
        } else {
            self.guests.remove(&number)?
        };
        self.count -= 1;
        Some(thing)
    }

    /// Takes in something that comes from another core.
    pub(crate) fn arrive(&mut self, number: u64, thing: Box<T>) {
        self.count += 1;
        match self.split(number) {
            Some((place, core)) if core == self.core => {
                self.places[place].moved = NOWHERE;
                self.places[place].thing = Some(thing);
            }
            _ => {
                self.guests.insert(number, thing);
            }
        }
    }

    /// Notes that something made here has moved from one other core to another.
    pub(crate) fn moved(&mut self, number: u64, to: u32) {
        if let Some((place, _)) = self.split(number)
            && let Some(slot) = self.places.get_mut(place)
            && slot.is_for(number)
            && slot.moved != NOWHERE
        {
            slot.moved = to;
        }
    }

    /// Where something is.
    pub(crate) fn find(&self, number: u64) -> Whereabouts {
        let Some((place, core)) = self.split(number) else { return Whereabouts::Nowhere };
        if core != self.core {
            let here = self.guests.contains_key(&number);
            return if here { Whereabouts::Here } else { Whereabouts::Core(core) };
        }
        match self.places.get(place) {
            Some(slot) if slot.is_for(number) => match slot.thing {
                Some(_) => Whereabouts::Here,
                None if slot.moved != NOWHERE => Whereabouts::Core(slot.moved),
                None => Whereabouts::Nowhere,
            },
            _ => Whereabouts::Nowhere,
        }
    }

    /// Whether this core knows that something is on another one.
    #[inline]
    pub(crate) fn is_elsewhere(&self, number: u64) -> bool {
        self.cores > 1 && matches!(self.find(number), Whereabouts::Core(_))
    }

    #[inline]
    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        if self.cores > 1 {
            return self.get_of_many(number);
        }
        let slot = self.places.get((number as u32).wrapping_sub(1) as usize)?;
        if slot.is_for(number) { slot.thing.as_deref() } else { None }
    }

    /// The same when there are several cores.
    fn get_of_many(&self, number: u64) -> Option<&T> {
        let (place, core) = self.split(number)?;
        if core != self.core {
            return self.guests.get(&number).map(|thing| &**thing);
        }
        self.places.get(place).filter(|slot| slot.is_for(number))?.thing.as_deref()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        if self.cores > 1 {
            return self.get_mut_of_many(number);
        }
        let slot = self.places.get_mut((number as u32).wrapping_sub(1) as usize)?;
        if slot.is_for(number) { slot.thing.as_deref_mut() } else { None }
    }

    fn get_mut_of_many(&mut self, number: u64) -> Option<&mut T> {
        let (place, core) = self.split(number)?;
        if core != self.core {
            return self.guests.get_mut(&number).map(|thing| &mut **thing);
        }
        self.places.get_mut(place).filter(|slot| slot.is_for(number))?.thing.as_deref_mut()
    }

    /// Two things at once, if both were made here and are here.
    pub(crate) fn get_two(&mut self, one: u64, other: u64) -> Option<(&mut T, &mut T)> {
        let ((first, first_core), (second, second_core)) = (self.split(one)?, self.split(other)?);
        if first_core != self.core || second_core != self.core {
            return None;
        }
        let [a, b] = self.places.get_disjoint_mut([first, second]).ok()?;
        if !a.is_for(one) || !b.is_for(other) {
            return None;
        }
        Some((a.thing.as_deref_mut()?, b.thing.as_deref_mut()?))
    }

    /// Writes everything down, with `each` for the things.
    pub(crate) fn save(&mut self, out: &mut Writer, mut each: impl FnMut(&mut Writer, &mut T)) {
        out.list(self.places.iter_mut(), |out, place| {
            out.number(place.used.into());
            out.number(place.moved.into());
            out.flag(place.thing.is_some());
            if let Some(thing) = &mut place.thing {
                each(out, thing);
            }
        });
        out.list(self.unused.iter(), |out, &place| out.number(place.into()));
        out.list(self.guests.iter_mut(), |out, (&number, thing)| {
            out.number(number);
            each(out, thing);
        });
    }

    /// The table that was written down, with `each` for the things of which it tells the numbers.
    pub(crate) fn restore<'a>(
        core: u32,
        cores: u32,
        input: &mut Reader<'a>,
        mut each: impl FnMut(&mut Reader<'a>, u64) -> Result<T, SnapshotError>,
    ) -> Result<Table<T>, SnapshotError> {
        let mut table = Table::new(core, cores);
        let mut at = 0;
        table.places = input.list(|input| {
            let (used, moved) = (input.small()?, input.small()?);
            let number = number(at, core, cores, used);
            at += 1;
            let thing = if input.flag()? { Some(Box::new(each(input, number)?)) } else { None };
            if moved != NOWHERE && (thing.is_some() || moved >= cores) {
                return input.wrong("something is here and has moved");
            }
            Ok(Place { used, moved, thing })
        })?;
        table.unused = input.list(|input| input.small())?.into();
        let free = |&place: &u32| {
            table
                .places
                .get(place as usize)
                .is_some_and(|place| place.thing.is_none() && place.moved == NOWHERE)
        };
        if !table.unused.iter().all(free) {
            return input.wrong("a place is free that is not");
        }
        let guests = input.list(|input| {
            let number = input.number()?;
            Ok((number, Box::new(each(input, number)?)))
        })?;
        if guests.iter().any(|&(number, _)| table.maker(number).is_none()) {
            return input.wrong("something has come from where it is");
        }
        table.guests = guests.into_iter().collect();
        table.count = table.guests.len() + table.places.iter().filter(|place| place.thing.is_some()).count();
        Ok(table)
    }

    /// What was made here and has moved, and where to; and what has come.
    pub(crate) fn moves(&self) -> (Vec<(u64, u32)>, Vec<u64>) {
        let moved = self.places.iter().enumerate().filter(|(_, place)| place.moved != NOWHERE);
        let moved = moved.map(|(at, place)| (number(at, self.core, self.cores, place.used), place.moved));
        (moved.collect(), self.guests.keys().copied().collect())
    }

    /// How many there are here.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// All that are here; the order is the same in every run.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let own = self.places.iter().enumerate().filter_map(|(place, slot)| {
            let thing = slot.thing.as_deref()?;
            Some((number(place, self.core, self.cores, slot.used), thing))
        });
        own.chain(self.guests.iter().map(|(&number, thing)| (number, &**thing)))
    }

    /// The same, to be changed, without their numbers.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let own = self.places.iter_mut().filter_map(|slot| slot.thing.as_deref_mut());
        own.chain(self.guests.values_mut().map(|thing| &mut **thing))
    }
}
