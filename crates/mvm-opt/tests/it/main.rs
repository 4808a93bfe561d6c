//! What each pass makes of small functions, what comes of hostile ones, and where inlined code says it is from.

mod hostile;
mod lines;
mod passes;

use mvm_asm::{DisOptions, LoadedFile, Loader, assemble, disassemble_function};
use mvm_diag::SourceMap;
use mvm_module::{FuncId, Module, VerifiedModule, verify};
use mvm_opt::{Options, optimise};

/// Nothing can be included.
struct Nothing;

impl Loader for Nothing {
    fn load(&mut self, _: &str, _: &str) -> Result<LoadedFile, String> {
        Err("there are no files".into())
    }
}

/// The module of a text.
fn module(text: &str) -> VerifiedModule {
    let mut map = SourceMap::new();
    let file = map.add("test.masm", text);
    let (module, diagnostics) = assemble(&mut map, file, &mvm_asm::Options::default(), &mut Nothing);
    let report: String = diagnostics.iter().map(|d| mvm_diag::render(d, &map, false)).collect();
    verify(module.unwrap_or_else(|| panic!("{report}"))).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// The module behind passes, by their names. It keeps the rules.
fn optimised(text: &str, passes: &str) -> Module {
    let options = Options::named(passes).unwrap_or_else(|error| panic!("{error}"));
    let (module, _) = optimise(&module(text), &options);
    if let Err(errors) = verify(module.clone()) {
        panic!("{}", errors[0]);
    }
    module
}

/// The function `f` behind passes, as text without positions.
fn f(text: &str, passes: &str) -> String {
    let module = optimised(text, passes);
    let index = module.functions.iter().position(|function| &*function.name == "f").expect("there is an `f`");
    let options = DisOptions { debug: false, listing: false };
    disassemble_function(&module, FuncId(index as u32), &options)
}
