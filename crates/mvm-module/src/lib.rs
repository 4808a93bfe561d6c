//! Modules: what a program consists of before and after it is loaded.
//!
//! [`Module`] is plain data that anybody may build. [`finish`] fills in what follows from its code, [`link`](fn@link)
//! makes one image of several, [`verify`](fn@verify) decides whether it may run, [`read`] and [`write()`] are its file
//! form. [`classes::ClassTable`] derives object layouts, method tables and subtyping; [`cfg`](mod@cfg) and [`liveness`]
//! say where control goes and which registers matter.
//!
//! Not here: text (`mvm-asm`), execution (`mvm-exec`).
#![forbid(unsafe_code)]

pub mod cfg;
pub mod classes;
pub mod finish;
pub mod format;
pub mod link;
pub mod liveness;
mod model;
pub mod verify;

pub use format::{LoadError, read, write};
pub use link::{LinkError, link};
pub use model::{
    Class, Export, ExportItem, Field, FuncDebug, FuncId, Function, Handler, Import, InlineEntry, InlinedCall,
    Interface, LineEntry, Literal, LiteralId, Method, Module, Name, Selector, Signature, SourceCall, TypeDef,
    VarEntry, limits,
};
pub use verify::{Place, Rule, SourcePlace, VerifiedModule, VerifyError, verify, verify_library};
