//! Programs with several processes on several cores, and under every policy: a run depends on both, but neither on how it is cut into
//! pieces of fuel nor on the executor.

use mvm_exec::Executor;
use mvm_heap::Options;
use mvm_kernel::PolicyChoice;
use mvm_kernel::sched::POLICIES;
use mvm_testkit::golden::build::build;
use mvm_testkit::golden::comments::Expectations;
use mvm_testkit::golden::run::{Run, Setting, difference};
use mvm_testkit::golden::{Program, programs_below};

/// What is different between runs in one piece and in many, if anything; and how it went.
fn cut(setting: &Setting<'_>, heap: Options) -> Result<Run, String> {
    let whole = setting.run(Executor::Tail, setting.reductions_max(), Options::default())?;
    let slice = (whole.observed.reductions / 500).max(1);
    let pieces = setting.run(Executor::Reference, slice, heap)?;
    match difference(&whole.observed, &pieces.observed) {
        Some(what) => Err(format!("in pieces of {slice}: {what}")),
        None => Ok(whole),
    }
}

fn programs() -> Vec<Program> {
    programs_below("tests/golden/processes").expect("the folder can be read")
}

/// What was written, in whatever order, without numbers: those of processes depend on the cores.
fn written(run: &Run) -> [Vec<u8>; 2] {
    [&run.observed.output, &run.observed.errors].map(|bytes| {
        let mut left: Vec<u8> = bytes.iter().copied().filter(|byte| !b"-0123456789".contains(byte)).collect();
        left.sort_unstable();
        left
    })
}

/// Judges every program under these circumstances.
fn judge(what: &str, cores: u32, policy: &PolicyChoice) -> Vec<String> {
    let mut wrong = Vec::new();
    for program in programs() {
        let (expected, _) = Expectations::parse(&program.text);
        let built = build(&program, &expected, &mut Vec::new());
        let (Some(image), with) = (built.image, built.with) else { continue };
        let stress = Options { stress: 7, ..Options::default() };
        let name = &program.name;
        let run = cut(&Setting::new(&image, &expected).beside(&with).on(cores, policy.clone()), stress);
        let usual = Setting::new(&image, &expected).beside(&with);
        let usual = usual.run(Executor::Tail, usual.reductions_max(), Options::default());
        match (run, usual) {
            (Err(what_else), _) => wrong.push(format!("{name} {what}: {what_else}")),
            (Ok(run), Ok(usual)) if run.observed.exit != usual.observed.exit => {
                wrong.push(format!("{name} {what}: {:?}, else {:?}", run.observed.exit, usual.observed.exit));
            }
            (Ok(run), Ok(usual)) if written(&run) != written(&usual) => {
                let text = |run: &Run| String::from_utf8_lossy(&run.observed.output).into_owned();
                wrong.push(format!("{name} {what}: wrote {:?}, else {:?}", text(&run), text(&usual)));
            }
            _ => {}
        }
    }
    wrong
}

#[test]
fn programs_end_alike_on_several_cores() {
    let mut wrong = Vec::new();
    for cores in [2, 3, 5] {
        wrong.extend(judge(&format!("on {cores} cores"), cores, &PolicyChoice::default()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn programs_end_alike_under_every_policy() {
    let mut wrong = Vec::new();
    for policy in POLICIES {
        let choice = PolicyChoice::parse(policy.name).expect("the name is that of a policy");
        wrong.extend(judge(policy.name, 1, &choice));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
