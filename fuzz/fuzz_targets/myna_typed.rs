//! See `mvm_testkit::fuzz_bodies::myna_typed`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mvm_testkit::fuzz_bodies::myna_typed(bytes));
