//! Images with native code, made at times that tests choose, so that they need not wait until something is hot.

use std::fmt;
use std::sync::Arc;

use mvm_exec::Image;
use mvm_module::VerifiedModule;

/// Which functions of an image have native code, and from when on. Where there is no compiler - in fuzzers, and under Miri - none
/// ever has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compile {
    /// None ever.
    Nothing,
    /// All from the beginning.
    AtLoad,
    /// A number decides for each function: never, from the beginning, or when so many time slices have ended in it; and whether it is
    /// compiled by itself or with what it calls.
    Drawn(u64),
}

impl fmt::Display for Compile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Compile::Nothing => f.write_str("no native code"),
            Compile::AtLoad => f.write_str("native code made at load"),
            Compile::Drawn(number) => write!(f, "native code made at times drawn from {number}"),
        }
    }
}

/// Lays out a module. All its functions have native code, which [`Executor::Native`](mvm_exec::Executor::Native) uses, where there is a
/// compiler: not in fuzzers, and not under Miri.
///
/// # Panics
/// When the compiler fails at a function.
pub fn load(module: VerifiedModule) -> Arc<Image> {
    load_as(module, Compile::AtLoad)
}

/// Lays out a module.
///
/// # Panics
/// When the compiler fails at a function.
pub fn load_as(module: VerifiedModule, compile: Compile) -> Arc<Image> {
    #[cfg(all(feature = "jit", not(miri)))]
    if let Some(tier) = drawn::tier(compile) {
        let image = Image::load_with(module, Some(tier));
        check(&image);
        return image;
    }
    let _ = compile;
    Image::load(module)
}

/// Looks whether the compiler has failed at a function of the image.
///
/// # Panics
/// When it has.
pub fn check(image: &Image) {
    #[cfg(feature = "jit")]
    {
        let tried = image.native().map_or_else(Vec::new, |native| native.stats().tried);
        let failed: Vec<_> = tried.into_iter().filter(|tried| tried.code == Err(mvm_jit::FAILED)).collect();
        assert!(failed.is_empty(), "the compiler failed: {failed:?}");
    }
    let _ = image;
}

#[cfg(all(feature = "jit", not(miri)))]
mod drawn {
    use std::sync::Arc;

    use mvm_exec::Image;
    use mvm_exec::native::{CodeBudget, Tier};
    use mvm_jit::{Jit, Options};
    use mvm_module::FuncId;

    use super::Compile;
    use crate::rng::Rng;

    /// A compiler that is asked for each function at a time of its own.
    #[derive(Debug)]
    struct Drawn {
        jit: Arc<Jit>,
        number: u64,
    }

    impl Tier for Drawn {
        fn threshold(&self, function: FuncId) -> u32 {
            let mut rng = Rng::new(self.number ^ u64::from(function.0) << 40);
            match rng.below(8) {
                0 => u32::MAX,
                1 => 0,
                2..6 => 1,
                6 => 2,
                _ => 1 + rng.below(30) as u32,
            }
        }

        fn compile(&self, image: &Arc<Image>, function: FuncId) {
            self.jit.compile(image, function);
        }

        fn budget(&self) -> Option<Arc<CodeBudget>> {
            self.jit.budget()
        }
    }

    pub(super) fn tier(compile: Compile) -> Option<Arc<dyn Tier>> {
        Some(match compile {
            Compile::Nothing => return None,
            Compile::AtLoad => Jit::new(0)?,
            Compile::Drawn(number) => {
                let mut rng = Rng::new(number);
                let alone = rng.below(4) != 0;
                // A page for each function that is compiled alone: two, and others wait and go.
                let code_limit = (rng.below(3) == 0).then(|| 4096 << rng.below(3));
                let options = Options { threshold: Jit::THRESHOLD, alone, code_limit, ..Options::default() };
                let jit = Jit::with(options)?;
                Arc::new(Drawn { jit, number })
            }
        })
    }
}
