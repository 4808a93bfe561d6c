//! Finds out what there is to say about a heap: classes, roots, what keeps most alive, what was asked for.

use mvm_exec::{Image, Process};
use mvm_heap::{Heap, Object, Paths, Snapshot};
use mvm_isa::TypeId;

use super::map;
use super::names::Names;
use super::report::{
    ClassRow, ClassView, Moment, ObjectRow, Report, Retainer, RootRow, Sum, Target, Wanted, Way,
};
use crate::output::Failure;

/// Levels of the tree of retainers.
const LEVELS: usize = 4;
/// Objects that are shown below another one.
const BELOW_MAX: usize = 3;
/// What retains less than one in so many of the live bytes is not shown below another.
const BELOW_SHARE: u64 = 20;
/// Roots in the JSON.
const ROOTS_MAX: usize = 1000;

/// The class with this name.
pub(super) fn class_named(image: &Image, name: &str) -> Result<TypeId, Failure> {
    let module = image.module();
    let all = || (0..module.types.len()).map(|index| TypeId(index as u16)).filter(|ty| ty.is_ref());
    if let Some(found) = all().find(|&ty| module.type_name(ty) == name) {
        return Ok(found);
    }
    let names: Vec<String> = all().map(|ty| module.type_name(ty)).collect();
    let failure = Failure::wrong(format!("the program has no class `{name}`"));
    Err(match mvm_diag::suggest(name, names.iter().map(String::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("the table of classes has the names: `mvm heap` without `--class` and `--path`"),
    })
}

/// What `--path` asks for: an index, as it is shown (`@12`) or bare, or a class.
pub(super) fn target(image: &Image, text: &str) -> Result<Target, Failure> {
    match text.strip_prefix('@').unwrap_or(text).parse() {
        Ok(at) => Ok(Target::At(at)),
        Err(_) => class_named(image, text).map(Target::Biggest),
    }
}

/// Finds everything out, then collects and looks again.
pub(super) fn make(process: &mut Process, moment: Moment, wanted: &Wanted) -> Result<Report, Failure> {
    let image = process.image().clone();
    let cell_words = map::cell_words(process.heap());
    let (mut report, legend) = Look::at(process, &image)?.report(moment, wanted, cell_words)?;
    let collections = process.heap().stats().collections();
    process.collect_full();
    if process.heap().stats().collections() > collections {
        let roots: Vec<u32> = Names::new(process).roots().keys().copied().collect();
        let snapshot = Snapshot::new(process.heap(), image.layouts(), &roots).ok_or_else(no_memory)?;
        report.after = Some(map::draw(process.heap(), image.layouts(), &snapshot, &legend, cell_words));
    }
    Ok(report)
}

fn no_memory() -> Failure {
    Failure::host("there is not enough memory to look at all objects")
}

/// A look at the heap of a process.
pub(super) struct Look<'a> {
    image: &'a Image,
    pub(super) heap: &'a Heap,
    pub(super) names: Names<'a>,
    pub(super) snapshot: Snapshot<'a>,
}

impl<'a> Look<'a> {
    fn at(process: &'a Process, image: &'a Image) -> Result<Look<'a>, Failure> {
        let names = Names::new(process);
        let roots: Vec<u32> = names.roots().keys().copied().collect();
        let snapshot = Snapshot::new(process.heap(), image.layouts(), &roots).ok_or_else(no_memory)?;
        Ok(Look { image, heap: process.heap(), names, snapshot })
    }

    fn report(
        &self,
        moment: Moment,
        wanted: &Wanted,
        cell_words: usize,
    ) -> Result<(Report, Vec<TypeId>), Failure> {
        let bytes = |words: usize| words as u64 * 8;
        let paths = self.snapshot.paths().ok_or_else(no_memory)?;
        let classes = self.classes();
        let legend: Vec<TypeId> = classes
            .iter()
            .take(map::CLASSES)
            .filter(|(_, row)| row.live.objects > 0)
            .map(|row| row.0)
            .collect();
        let mut garbage = Sum::default();
        self.snapshot.objects().filter(|object| !object.live).for_each(|object| garbage.add(&object));
        let mut tops: Vec<Object> = self.snapshot.dominated(None).collect();
        let retainer_count = tops.len();
        sort_by_retained(&mut tops);
        let stats = self.heap.stats();
        let report = Report {
            program: wanted.program.clone(),
            moment,
            collector: self.heap.options().gc.name(),
            young_collections: stats.young,
            full_collections: stats.full,
            allocated_bytes: self.heap.allocated_words() * 8,
            limit_bytes: self.heap.options().limit_words.saturating_mul(8),
            live: Sum { objects: self.snapshot.live_count() as u64, bytes: self.snapshot.live_bytes() },
            garbage,
            hole_bytes: bytes(self.heap.hole_words()),
            held_bytes: bytes(self.heap.held_words()),
            root_count: self.names.roots().len(),
            roots: self.roots(),
            retainer_count,
            retainers: tops.iter().take(wanted.top).map(|&top| self.retainer(top, LEVELS)).collect(),
            class: wanted.class.map(|class| self.class(class, wanted.top, &paths)),
            path: self.path(wanted.path, &paths)?,
            before: map::draw(self.heap, self.image.layouts(), &self.snapshot, &legend, cell_words),
            after: None,
            legend: legend.iter().map(|&class| self.names.class_name(class)).collect(),
            classes: classes.into_iter().map(|(_, row)| row).collect(),
        };
        Ok((report, legend))
    }

    /// All classes that have objects, the one with most live bytes first.
    fn classes(&self) -> Vec<(TypeId, ClassRow)> {
        let count = self.image.layouts().len();
        let mut sums = vec![(Sum::default(), Sum::default()); count];
        for object in self.snapshot.objects() {
            let (live, garbage) = &mut sums[self.heap.class(object.at).index()];
            if object.live { live.add(&object) } else { garbage.add(&object) }
        }
        let retained = self.snapshot.retained_by_class(count);
        let mut rows: Vec<(TypeId, ClassRow)> = Vec::new();
        for (index, (live, garbage)) in sums.into_iter().enumerate() {
            if live.objects + garbage.objects > 0 {
                let ty = TypeId(index as u16);
                let class = self.names.class_name(ty);
                rows.push((ty, ClassRow { class, live, retained_bytes: retained[index], garbage }));
            }
        }
        rows.sort_by(|(_, a), (_, b)| {
            let key = |row: &ClassRow| (row.live.bytes, row.garbage.bytes);
            key(b).cmp(&key(a)).then_with(|| a.class.cmp(&b.class))
        });
        rows
    }

    pub(super) fn object(&self, object: Object) -> ObjectRow {
        ObjectRow {
            at: object.at,
            class: self.names.class(object.at),
            bytes: object.bytes,
            retained_bytes: object.retained,
            value: self.names.value(object.at),
        }
    }

    /// Roots, those that lead to most first.
    fn roots(&self) -> Vec<RootRow> {
        let objects =
            self.names.roots().iter().filter_map(|(&at, &place)| Some((self.snapshot.object(at)?, place)));
        let mut rows: Vec<_> = objects.collect();
        rows.sort_by(|(a, _), (b, _)| b.retained.cmp(&a.retained).then(a.at.cmp(&b.at)));
        rows.into_iter()
            .take(ROOTS_MAX)
            .map(|(object, place)| RootRow { root: self.names.place(place), object: self.object(object) })
            .collect()
    }

    /// The largest objects below one.
    fn below(&self, at: u32) -> Vec<Object> {
        let least = self.snapshot.live_bytes() / BELOW_SHARE;
        let mut below: Vec<Object> =
            self.snapshot.dominated(Some(at)).filter(|object| object.retained > least).collect();
        sort_by_retained(&mut below);
        below.truncate(BELOW_MAX);
        below
    }

    fn retainer(&self, object: Object, levels: usize) -> Retainer {
        let mut below = self.below(object.at);
        let mut chain = 0;
        while let [only] = *below
            && self.heap.class(only.at) == self.heap.class(object.at)
        {
            chain += 1;
            below = self.below(only.at);
        }
        Retainer {
            object: self.object(object),
            root: self.names.root(object.at),
            chain,
            below: match levels {
                0 | 1 => Vec::new(),
                _ => below.into_iter().map(|below| self.retainer(below, levels - 1)).collect(),
            },
        }
    }

    /// Live objects of a class, those that retain most first.
    fn of_class(&self, class: TypeId) -> Vec<Object> {
        let of_class = |object: &Object| object.live && self.heap.class(object.at) == class;
        let mut objects: Vec<Object> = self.snapshot.objects().filter(of_class).collect();
        sort_by_retained(&mut objects);
        objects
    }

    fn class(&self, class: TypeId, top: usize, paths: &Paths<'_>) -> ClassView {
        let objects = self.of_class(class);
        ClassView {
            class: self.names.class_name(class),
            count: objects.len() as u64,
            path: objects.first().and_then(|first| self.way(first.at, paths)),
            objects: objects.into_iter().take(top).map(|object| self.object(object)).collect(),
        }
    }

    /// The way that was asked for, or the one to the largest object.
    fn path(&self, target: Option<Target>, paths: &Paths<'_>) -> Result<Option<Way>, Failure> {
        let at = match target {
            None => {
                let live = self.snapshot.objects().filter(|object| object.live);
                // Of objects of one size, the first.
                match live.max_by_key(|object| (object.bytes, std::cmp::Reverse(object.at))) {
                    Some(object) => object.at,
                    None => return Ok(None),
                }
            }
            Some(Target::At(at)) => match self.snapshot.object(at) {
                Some(object) if object.live => at,
                Some(_) => {
                    let class = self.names.class(at);
                    return Err(Failure::wrong(format!(
                        "the object @{at} ({class}) is garbage: no way leads to it"
                    )));
                }
                None => return Err(self.no_object(at)),
            },
            Some(Target::Biggest(class)) => match self.of_class(class).first() {
                Some(object) => object.at,
                None => {
                    let class = self.names.class_name(class);
                    return Err(Failure::wrong(format!(
                        "no object of class `{class}` is alive at this moment"
                    )));
                }
            },
        };
        Ok(self.way(at, paths))
    }

    fn no_object(&self, at: u32) -> Failure {
        let failure = Failure::wrong(format!("no object begins at @{at}"));
        match self.snapshot.objects().take_while(|object| object.at < at).last() {
            Some(before) => failure.help(format!("the one before it is @{}", before.at)),
            None => failure.help("the tables have the places of objects, behind `@`"),
        }
    }
}

fn sort_by_retained(objects: &mut [Object]) {
    objects.sort_unstable_by(|a, b| b.retained.cmp(&a.retained).then(a.at.cmp(&b.at)));
}
