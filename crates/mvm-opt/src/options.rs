//! What is to be done: levels and lists of passes.

use std::fmt;

use crate::passes::{PASSES, Pass, pass};
use crate::planted::Planted;

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Nothing: the instructions are those of the source.
    #[default]
    O0,
    /// What is quick.
    O1,
    /// Everything.
    O2,
}

impl Level {
    /// All levels.
    pub const ALL: [Level; 3] = [Level::O0, Level::O1, Level::O2];
}

/// How often the passes of a level are run.
const ROUNDS: [usize; 3] = [0, 1, 2];

/// What [`optimise`](crate::optimise) does.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Passes in the order in which they run.
    pub passes: Vec<&'static Pass>,
    /// Whether the report shows each function behind each pass that changed it.
    pub steps: bool,
    #[cfg(feature = "planted-bugs")]
    planted: Option<Planted>,
}

/// A list of passes that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassesError {
    /// What is no pass.
    pub name: String,
}

impl fmt::Display for PassesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no pass `{}`", self.name)
    }
}

impl Options {
    /// The passes of a level.
    pub fn level(level: Level) -> Options {
        let all = PASSES.iter().filter(|pass| pass.level <= level);
        let rounds = ROUNDS[level as usize];
        Options { passes: (0..rounds).flat_map(|_| all.clone()).collect(), ..Options::default() }
    }

    /// Exactly these passes.
    pub fn only(passes: &[&'static Pass]) -> Options {
        Options { passes: passes.to_vec(), ..Options::default() }
    }

    /// Exactly the passes of a list of names with commas between them.
    ///
    /// # Errors
    /// The first name that is none of a pass.
    pub fn named(names: &str) -> Result<Options, PassesError> {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let find = |name: &str| pass(name).ok_or_else(|| PassesError { name: name.to_string() });
        Ok(Options { passes: names.map(find).collect::<Result<_, _>>()?, ..Options::default() })
    }

    /// The same with the report showing each function behind each pass that changed it.
    #[must_use]
    pub fn with_steps(self) -> Options {
        Options { steps: true, ..self }
    }

    /// The same with a bug in a pass.
    #[cfg(feature = "planted-bugs")]
    #[must_use]
    pub fn with_bug(self, bug: Planted) -> Options {
        Options { planted: Some(bug), ..self }
    }

    pub(crate) fn planted(&self) -> Option<Planted> {
        #[cfg(feature = "planted-bugs")]
        return self.planted;
        #[cfg(not(feature = "planted-bugs"))]
        None
    }
}
