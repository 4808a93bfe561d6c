//! Everything that is said about a heap, found out once: `text.rs` shows it, and the JSON is this, field by field.

use mvm_exec::{Image, Process};
use mvm_heap::{Heap, Hop, Object, Paths, Snapshot};
use mvm_isa::TypeId;
use serde::Serialize;

use super::map::{self, Map};
use super::names::Names;
use crate::output::Failure;

/// Levels of the tree of retainers.
const LEVELS: usize = 4;
/// Objects that are shown below another one.
const BELOW_MAX: usize = 3;
/// What retains less than one in so many of the live bytes is not shown below another.
const BELOW_SHARE: u64 = 20;
/// Steps at each end of a way that are shown.
const STEPS_SHOWN: usize = 10;
/// Steps that do the same so often are counted instead of shown.
const REPEATS_MIN: u64 = 3;
/// Roots in the JSON.
const ROOTS_MAX: usize = 1000;

/// Why the program stands where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Why {
    /// So many reductions were used up.
    Reached,
    /// Main is about to return.
    Return,
    /// Main has returned, and its variables are gone.
    End,
    /// A syscall is about to end the program.
    Exit,
    /// An exception was not caught.
    Uncaught,
    /// The limit of reductions was reached.
    Limit,
}

/// The moment that is shown.
#[derive(Debug, Serialize)]
pub(super) struct Moment {
    pub(super) why: Why,
    /// Reductions used so far.
    pub(super) reductions: u64,
    /// Reductions that were asked for.
    pub(super) asked: Option<u64>,
    /// The innermost call.
    pub(super) place: Option<String>,
}

/// What to find out.
pub(super) struct Wanted {
    pub(super) program: String,
    /// Rows of each table.
    pub(super) top: usize,
    pub(super) class: Option<TypeId>,
    pub(super) path: Option<Target>,
}

/// An object to find the way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The object that begins here.
    At(u32),
    /// The object of this class that retains most.
    Biggest(TypeId),
}

/// A number of objects and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sum {
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Sum {
    fn add(&mut self, object: &Object) {
        self.objects += 1;
        self.bytes += object.bytes;
    }
}

/// The report.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) program: String,
    pub(super) moment: Moment,
    pub(super) collector: &'static str,
    pub(super) young_collections: u64,
    pub(super) full_collections: u64,
    pub(super) allocated_bytes: u64,
    pub(super) limit_bytes: u64,
    pub(super) live: Sum,
    pub(super) garbage: Sum,
    pub(super) hole_bytes: u64,
    /// Memory of the host.
    pub(super) held_bytes: u64,
    pub(super) classes: Vec<ClassRow>,
    /// Objects that roots refer to.
    pub(super) root_count: usize,
    pub(super) roots: Vec<RootRow>,
    /// How many objects stand at the top of the dominator tree.
    pub(super) retainer_count: usize,
    pub(super) retainers: Vec<Retainer>,
    pub(super) class: Option<ClassView>,
    pub(super) path: Option<Way>,
    pub(super) before: Map,
    /// None when the host had no memory for the collection.
    pub(super) after: Option<Map>,
    /// Classes that the picture tells apart.
    pub(super) legend: Vec<String>,
}

/// Objects of a class.
#[derive(Debug, Serialize)]
pub(super) struct ClassRow {
    pub(super) class: String,
    pub(super) live: Sum,
    /// What all of them together keep alive.
    pub(super) retained_bytes: u64,
    pub(super) garbage: Sum,
}

/// A root and what it refers to.
#[derive(Debug, Serialize)]
pub(super) struct RootRow {
    pub(super) root: String,
    pub(super) object: ObjectRow,
}

/// An object.
#[derive(Debug, Serialize)]
pub(super) struct ObjectRow {
    pub(super) at: u32,
    pub(super) class: String,
    pub(super) bytes: u64,
    pub(super) retained_bytes: u64,
    pub(super) value: String,
}

/// An object of the dominator tree.
#[derive(Debug, Serialize)]
pub(super) struct Retainer {
    pub(super) object: ObjectRow,
    /// A root that refers to it.
    pub(super) root: Option<String>,
    /// So many objects of the same class come below it, each retaining most of what the one before does. `below` is
    /// below the last of them.
    pub(super) chain: u64,
    /// The largest objects below it.
    pub(super) below: Vec<Retainer>,
}

/// Objects of the class that was asked for.
#[derive(Debug, Serialize)]
pub(super) struct ClassView {
    pub(super) class: String,
    /// Those that retain most.
    pub(super) objects: Vec<ObjectRow>,
    pub(super) count: u64,
    /// The way to the first of them.
    pub(super) path: Option<Way>,
}

/// A shortest way from a root to an object.
#[derive(Debug, Serialize)]
pub(super) struct Way {
    pub(super) root: String,
    /// References from object to object.
    pub(super) length: usize,
    pub(super) steps: Vec<WayStep>,
}

/// A step of a way.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WayStep {
    /// An object.
    Object {
        /// The reference that leads here; empty for the first object.
        by: String,
        /// The object.
        object: ObjectRow,
    },
    /// The same reference of objects of the same class, so many times.
    Repeated {
        /// The reference.
        by: String,
        /// The class.
        class: String,
        /// How often.
        times: u64,
    },
    /// So many steps are left out.
    Omitted(usize),
}

/// The class with this name.
pub(super) fn class_named(image: &Image, name: &str) -> Result<TypeId, Failure> {
    let module = image.module();
    let all = || (0..module.types.len()).map(|index| TypeId(index as u16));
    let names: Vec<String> = all().filter(|ty| ty.is_ref()).map(|ty| module.type_name(ty)).collect();
    if let Some(found) = all().filter(|ty| ty.is_ref()).find(|&ty| module.type_name(ty) == name) {
        return Ok(found);
    }
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
struct Look<'a> {
    image: &'a Image,
    heap: &'a Heap,
    names: Names<'a>,
    snapshot: Snapshot<'a>,
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

    fn object(&self, object: Object) -> ObjectRow {
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

    fn way(&self, at: u32, paths: &Paths<'_>) -> Option<Way> {
        let hops = paths.to(at)?;
        let root = self.names.root(hops.first()?.at)?;
        Some(Way { root, length: hops.len() - 1, steps: self.steps(&hops) })
    }

    /// The steps of a way; runs of the same reference are one step, and the middle of what is still long is left out.
    fn steps(&self, hops: &[Hop]) -> Vec<WayStep> {
        // What leads to the object at `index`: the class that the reference is in, and the offset.
        let by = |index: usize| {
            let from = index.checked_sub(1).map(|before| hops[before])?;
            Some((self.heap.class(from.at), from.half?))
        };
        let mut groups: Vec<(usize, u64)> = Vec::new();
        let mut index = 0;
        while index < hops.len() {
            let same =
                hops[index..].iter().enumerate().take_while(|&(k, _)| by(index + k) == by(index)).count();
            // The last object of a run is shown.
            if by(index).is_some() && same as u64 > REPEATS_MIN {
                groups.push((index, same as u64 - 1));
                index += same - 1;
            }
            groups.push((index, 0));
            index += 1;
        }
        let omitted = groups.len().saturating_sub(2 * STEPS_SHOWN);
        let mut steps = Vec::new();
        for (number, &(index, times)) in groups.iter().enumerate() {
            if omitted > 0 && number == STEPS_SHOWN {
                let end = groups.get(number + omitted).map_or(hops.len(), |&(index, _)| index);
                steps.push(WayStep::Omitted(end - index));
            }
            if omitted > 0 && (STEPS_SHOWN..STEPS_SHOWN + omitted).contains(&number) {
                continue;
            }
            let before = index.checked_sub(1).map(|before| hops[before]);
            let by =
                before.and_then(|from| Some(self.names.reference(from.at, from.half?))).unwrap_or_default();
            if times > 0 {
                steps.push(WayStep::Repeated { by, class: self.names.class(hops[index].at), times });
            } else if let Some(object) = self.snapshot.object(hops[index].at) {
                steps.push(WayStep::Object { by, object: self.object(object) });
            }
        }
        steps
    }
}

fn sort_by_retained(objects: &mut [Object]) {
    objects.sort_unstable_by(|a, b| b.retained.cmp(&a.retained).then(a.at.cmp(&b.at)));
}
