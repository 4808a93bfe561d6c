//! Optimised programs do what they did before, and all executors agree on them.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use mvm_exec::{Executor, Image};
use mvm_kernel::Exit;
use mvm_opt::{Level, Options, PASSES};

use mvm_testkit::differential::{check, quick_ways};
use mvm_testkit::generate;
use mvm_testkit::golden::comments::Expectations;
use mvm_testkit::golden::run::{Memory, Run, Setting, checkpoint_difference, difference};
use mvm_testkit::golden::{Program, build, programs_below};
use mvm_testkit::optimised::{Seen, compare_generated, image, native_image, seen};

/// Folders of golden programs.
const FOLDERS: [&str; 5] = ["tests/golden", "tests/regress", "bench/gc", "bench/jit", "bench/kernels"];

/// Programs whose output says how many reductions something took, or in which order processes got their turns.
const TIMED: &[&str] = &[];

/// Levels, and each pass alone.
fn settings() -> Vec<(String, Options)> {
    let levels = Level::ALL[1..].iter().map(|&level| (format!("{level:?}"), Options::level(level)));
    let single = PASSES.iter().map(|pass| (pass.name.to_string(), Options::only(&[pass])));
    levels.chain(single).collect()
}

/// What is different in an optimised program.
fn differences(program: &Program) -> Vec<String> {
    differences_with(program, &settings())
}

fn differences_with(program: &Program, settings: &[(String, Options)]) -> Vec<String> {
    let (expected, _) = Expectations::parse(&program.text);
    let built = build::build(program, &expected, &mut Vec::new());
    let Some(plain) = &built.image else { return Vec::new() };
    let ran = |image: &Arc<Image>, executor, slice| -> Result<Run, String> {
        let setting = Setting::new(image, &expected).beside(&built.with);
        setting.run(executor, slice, Memory::default())
    };
    let before = match ran(plain, Executor::Tail, u64::MAX >> 1) {
        Ok(run) if run.observed.exit != Exit::ReductionLimit => run,
        _ => return Vec::new(),
    };
    let wanted = seen(plain.module(), &before.observed.exit);
    let mut found = Vec::new();
    for (name, options) in settings {
        let optimised = match image(plain, options) {
            Ok(image) => image,
            Err(what) => {
                found.push(format!("{name}: {what}"));
                continue;
            }
        };
        let after = match ran(&optimised, Executor::Tail, u64::MAX >> 1) {
            Ok(run) => run,
            Err(what) => {
                found.push(format!("{name}: {what}"));
                continue;
            }
        };
        let full = matches!(wanted, Seen::Full(_));
        let got = seen(optimised.module(), &after.observed.exit);
        // An optimised program may get by with less.
        if got != wanted && !full {
            found.push(format!("{name}: ended with {wanted:?}, now with {got:?}"));
        }
        if !full
            && (after.observed.output, after.observed.errors)
                != (before.observed.output.clone(), before.observed.errors.clone())
        {
            found.push(format!("{name}: its output is another one"));
        }
    }
    found
}

/// All executors do the same with the program as level 2 makes it.
fn disagreements(program: &Program) -> Vec<String> {
    let (expected, _) = Expectations::parse(&program.text);
    let built = build::build(program, &expected, &mut Vec::new());
    let Some(plain) = &built.image else { return Vec::new() };
    let Ok(image) = native_image(plain, &Options::level(Level::O2)) else { return Vec::new() };
    let setting = Setting::new(&image, &expected).beside(&built.with);
    let mut found = Vec::new();
    for slice in [setting.reductions_max().max(1), 7] {
        let mut first: Option<Run> = None;
        for executor in Executor::ALL {
            match setting.run(executor, slice, Memory::default()) {
                Ok(run) => {
                    let known = first.get_or_insert_with(|| run.clone());
                    let what = difference(&known.observed, &run.observed);
                    found.extend(
                        what.or_else(|| checkpoint_difference(known, &run))
                            .map(|what| format!("{executor:?}: {what}")),
                    );
                }
                Err(what) => found.push(format!("{executor:?}: {what}")),
            }
        }
    }
    found
}

/// Looks at all golden programs on two threads.
fn look(at: impl Fn(&Program) -> Vec<String> + Sync) {
    let mut programs: Vec<Program> =
        FOLDERS.iter().flat_map(|folder| programs_below(folder).expect("the folder can be read")).collect();
    if let Ok(wanted) = std::env::var("GOLDEN") {
        programs.retain(|program| program.name.contains(&wanted));
    }
    programs.retain(|program| !TIMED.contains(&&*program.name));
    let next = AtomicUsize::new(0);
    let found: Mutex<Vec<String>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let builder = std::thread::Builder::new().stack_size(32 << 20);
            let work = || {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let what = at(program).into_iter().map(|what| format!("{}: {what}", program.name));
                    found.lock().expect("no thread has panicked").extend(what);
                }
            };
            builder.spawn_scoped(scope, work).expect("threads can be started");
        }
    });
    let mut found = found.into_inner().expect("no thread has panicked");
    found.sort();
    assert!(
        found.is_empty(),
        "{} differences in {} programs:\n{}",
        found.len(),
        programs.len(),
        found.join("\n")
    );
}

#[test]
fn golden_programs_do_the_same_at_every_level_and_with_each_pass_alone() {
    look(differences);
}

#[test]
fn executors_agree_on_optimised_golden_programs() {
    look(disagreements);
}

/// The image of a generated program.
fn generated(seed: u64) -> Arc<Image> {
    Image::load(mvm_module::verify(generate::module_of_seed(seed)).expect("generated modules verify"))
}

#[test]
fn generated_programs_do_the_same() {
    let mut compared = 0;
    let all = settings();
    let seeds = std::env::var("OPTIMISED_SEEDS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_500);
    for seed in 0..seeds {
        let plain = generated(seed);
        // Both levels, and one pass after the other.
        let single = 2 + seed as usize % (all.len() - 2);
        for (name, options) in [&all[0], &all[1], &all[single]] {
            match compare_generated(&plain, options) {
                Ok(ended) => compared += u64::from(ended),
                Err(what) => panic!("seed {seed}, {name}: {what}"),
            }
        }
    }
    assert!(compared > 500, "only {compared} runs could be compared");
}

#[test]
fn executors_agree_on_optimised_generated_programs() {
    for seed in 0..250 {
        let level = [Level::O1, Level::O2][seed as usize % 2];
        let image = native_image(&generated(seed), &Options::level(level)).unwrap();
        if let Err(difference) = check(&image, &quick_ways(seed)) {
            panic!("seed {seed}, {level:?}: {difference}");
        }
    }
}

#[cfg(feature = "planted-bugs")]
#[test]
fn every_planted_bug_of_a_pass_is_found() {
    for bug in mvm_opt::Planted::ALL {
        let options = Options::level(Level::O2).with_bug(bug);
        let by_seed = || (0..600).find(|&seed| compare_generated(&generated(seed), &options).is_err());
        let by_program = || {
            let programs =
                FOLDERS.iter().flat_map(|folder| programs_below(folder).expect("the folder can be read"));
            programs
                .into_iter()
                .find(|program| !differences_with(program, &[("bug".into(), options.clone())]).is_empty())
        };
        let found =
            by_seed().map(|seed| format!("seed {seed}")).or_else(|| by_program().map(|program| program.name));
        println!("{bug:?}: found by {found:?}");
        assert!(found.is_some(), "{bug:?} is not found");
    }
}
