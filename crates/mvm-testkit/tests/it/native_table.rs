//! The table of what instructions become in native code is right for every row of the instruction table.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use std::collections::{BTreeMap, BTreeSet};

use mvm_asm::{NoFiles, Options, assemble};
use mvm_diag::SourceMap;
use mvm_exec::Image;
use mvm_isa::Opcode;
use mvm_jit::Jit;
use mvm_jit::explain::{How, how, leaves_when};
use mvm_module::{FuncId, Module, verify};
use mvm_testkit::generate;
use mvm_testkit::golden::rows;

/// What instructions have become, and whether native code could leave at them.
type Seen = BTreeMap<Opcode, BTreeSet<(How, bool)>>;

fn look(module: Module, seen: &mut Seen) {
    let jit = Jit::new(u32::MAX).unwrap();
    let image = Image::load_with(verify(module).unwrap(), Some(jit.clone()));
    for index in 0..image.module().functions.len() as u32 {
        let Ok(listing) = jit.listing(&image, FuncId(index), false) else { continue };
        for lowered in listing.lowered {
            seen.entry(lowered.op).or_default().insert((lowered.how, lowered.leaves));
        }
    }
}

#[test]
fn every_instruction_becomes_what_the_table_says() {
    let mut seen = Seen::new();
    for &op in Opcode::ALL {
        let mut map = SourceMap::new();
        let file = map.add("example.masm", &*rows::program_of(op).text);
        let (module, _) = assemble(&mut map, file, &Options::default(), &mut NoFiles);
        look(module.unwrap_or_else(|| panic!("the example of {op:?} is no program")), &mut seen);
    }
    for seed in 0..60 {
        look(generate::module_of_seed(seed), &mut seen);
    }
    let mut wrong = Vec::new();
    for &op in Opcode::ALL {
        let name = op.info().name;
        let Some(found) = seen.get(&op) else {
            wrong.push(format!("{name}: never seen"));
            continue;
        };
        let hows: BTreeSet<How> = found.iter().map(|&(how, _)| how).collect();
        let wanted: &[How] = if how(op) == How::Mostly { &[How::InPlace, How::Helper] } else { &[how(op)] };
        // What depends on the classes of the program is done in place where there are few.
        let wanted = if how(op) == How::Classes { &[How::InPlace] } else { wanted };
        if hows != wanted.iter().copied().collect() {
            wrong.push(format!("{name}: {hows:?}, the table says {:?}", how(op)));
        }
        let leaves = found.iter().any(|&(_, leaves)| leaves);
        if how(op) != How::Call && leaves == leaves_when(op).is_empty() {
            wrong.push(format!("{name}: leaves: {leaves}, the table says `{}`", leaves_when(op)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
