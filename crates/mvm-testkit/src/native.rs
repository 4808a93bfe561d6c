//! Images with native code of every function, so that tests need not wait until something is hot.

use std::sync::Arc;

use mvm_exec::Image;
use mvm_exec::native::Tier;
use mvm_jit::Jit;
use mvm_module::VerifiedModule;

/// Lays out a module; all its functions have native code, which [`Executor::Native`](mvm_exec::Executor::Native) uses.
pub fn load(module: VerifiedModule) -> Arc<Image> {
    Image::load_with(module, Jit::new(0).map(|jit| jit as Arc<dyn Tier>))
}
