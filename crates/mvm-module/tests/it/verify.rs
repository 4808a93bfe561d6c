//! What the verifier accepts and refuses.

use mvm_isa::{Opcode as Op, TypeId};
use mvm_module::verify::{rules_page, verify};
use mvm_module::{FuncId, Module};

use crate::build::{Code, func, module};

const I: TypeId = TypeId::I64;

#[test]
fn page_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/VERIFIER.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, rules_page()).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == rules_page(), "docs/VERIFIER.md is stale: run `BLESS=1 cargo test -p mvm-module`");
}

#[test]
fn small_program_is_accepted() {
    let code = Code::new().op(Op::ConstI64, &[0, 20]).call(Op::Call, 0, 1, &[0]).op(Op::RetValue, &[0]);
    let twice = Code::new().op(Op::AddI64, &[0, 0, 0]).op(Op::RetValue, &[0]);
    let mut image = module(vec![func("main", 0, &[I], &[I], code), func("twice", 1, &[I], &[I], twice)]);
    image.main = Some(FuncId(0));
    let verified = verify(image).unwrap();
    assert!(verified.liveness(FuncId(1)).is_precise());
    assert_eq!(verified.function_name(FuncId(1)), "twice");
    assert!(verify(Module::new("empty")).is_ok());
}

#[test]
fn sample_is_accepted() {
    if let Err(errors) = verify(crate::sample::sample()) {
        panic!("{}", errors.iter().map(|e| format!("{e}\n")).collect::<String>());
    }
}
