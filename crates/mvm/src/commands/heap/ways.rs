//! Shortest ways from a root to an object, short enough to be read.

use mvm_heap::{Hop, Paths};

use super::look::Look;
use super::report::{Way, WayStep};

/// Steps at each end of a way that are shown.
const STEPS_SHOWN: usize = 10;
/// Steps that do the same more often are counted instead of shown.
const REPEATS_SHOWN: usize = 3;

impl Look<'_> {
    /// The way to an object; none for garbage.
    pub(super) fn way(&self, at: u32, paths: &Paths<'_>) -> Option<Way> {
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
            if by(index).is_some() && same > REPEATS_SHOWN {
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
