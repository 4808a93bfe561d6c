//! Images with native code of every function, so that tests need not wait until something is hot.

use std::sync::Arc;

use mvm_exec::Image;
use mvm_module::VerifiedModule;

/// Lays out a module. All its functions have native code, which [`Executor::Native`](mvm_exec::Executor::Native) uses, where there is a
/// compiler: not in fuzzers, and not under Miri.
///
/// # Panics
/// When the compiler fails at a function.
pub fn load(module: VerifiedModule) -> Arc<Image> {
    #[cfg(all(feature = "jit", not(miri)))]
    if let Some(jit) = mvm_jit::Jit::new(0) {
        let image = Image::load_with(module, Some(jit));
        let failed = image.native().map_or_else(Vec::new, |native| native.stats().tried);
        let failed: Vec<_> = failed.into_iter().filter(|tried| tried.code == Err(mvm_jit::FAILED)).collect();
        assert!(failed.is_empty(), "the compiler failed: {failed:?}");
        return image;
    }
    Image::load(module)
}
