//! Generated programs: the verifier takes all of them.

use mvm_testkit::generate;

#[test]
fn verifier_takes_every_generated_module() {
    for seed in 0..3_000 {
        let module = generate::module_of_seed(seed);
        if let Err(errors) = mvm_module::verify(module) {
            let all: Vec<String> = errors.iter().take(4).map(ToString::to_string).collect();
            panic!("seed {seed}: {}", all.join("\n"));
        }
    }
}
