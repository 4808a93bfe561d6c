//! `differential [SEEDS [START]] [--all | --pairs | --myna] [--hours N | --minutes N] [--threads N] [--keep DIR]`: compares the executors on the
//! programs of so many seeds.
//!
//! Without options each program runs in ten ways, with `--all` in all, with `--pairs` in two that its seed draws ([`pairs`]); then most
//! programs are small, so that there can be very many. With `--myna` they are programs in Myna whose output the generator knows ([`typed`]). With a time, seeds are taken until it is over (in pairs unless something else is said). What was
//! found is written into the directory too.
#![forbid(unsafe_code)]

use std::num::NonZero;
use std::panic::catch_unwind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mvm_testkit::host_stack;
use mvm_testkit::pairs::{self, Counts};
use mvm_testkit::typed;

const USAGE: &str = "differential [SEEDS [START]] [--all | --pairs | --myna] [--hours N | --minutes N] [--threads N] [--keep DIR]";
/// Where what was found is kept in runs of hours.
const KEEP: &str = "target/differential";
/// Differences after which a run of so many seeds ends.
const ENOUGH: u64 = 5;
/// The same of a run of so much time.
const ENOUGH_OF_TIME: u64 = 100;

/// Which programs, and how they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    All,
    Pairs,
    Myna,
}

/// What is to be done.
struct Orders {
    seeds: u64,
    start: u64,
    what: Option<What>,
    time: Option<Duration>,
    threads: u64,
    keep: Option<PathBuf>,
}

fn orders() -> Result<Orders, String> {
    let mut orders = Orders { seeds: 10_000, start: 0, what: None, time: None, threads: 0, keep: None };
    let mut args = std::env::args().skip(1);
    let mut places = 0;
    while let Some(arg) = args.next() {
        let number = |text: &str| {
            text.replace('_', "").parse::<f64>().map_err(|_| format!("`{text}` is no number: {USAGE}"))
        };
        let mut value = || args.next().ok_or_else(|| format!("{arg} wants a value: {USAGE}"));
        let seconds =
            |count: f64, of: f64| Duration::try_from_secs_f64(count * of).map_err(|e| e.to_string());
        match &*arg {
            "--all" => orders.what = Some(What::All),
            "--pairs" => orders.what = Some(What::Pairs),
            "--myna" => orders.what = Some(What::Myna),
            "--hours" => orders.time = Some(seconds(number(&value()?)?, 3600.0)?),
            "--minutes" => orders.time = Some(seconds(number(&value()?)?, 60.0)?),
            "--threads" => orders.threads = number(&value()?)? as u64,
            "--keep" => orders.keep = Some(value()?.into()),
            text if !text.starts_with('-') && places < 2 => {
                places += 1;
                let number =
                    text.replace('_', "").parse().map_err(|_| format!("`{text}` is no seed: {USAGE}"))?;
                if places == 1 { orders.seeds = number } else { orders.start = number }
            }
            _ => return Err(format!("there is no option `{arg}`: {USAGE}")),
        }
    }
    if orders.time.is_some() {
        orders.what.get_or_insert(What::Pairs);
        orders.keep.get_or_insert_with(|| KEEP.into());
        if places == 0 {
            orders.seeds = u64::MAX;
        }
    }
    if orders.threads == 0 {
        orders.threads = std::thread::available_parallelism().map_or(1, NonZero::get) as u64;
    }
    Ok(orders)
}

/// What is known so far.
#[derive(Default)]
struct Found {
    counts: Counts,
    differences: u64,
}

impl Orders {
    /// The command that does one seed again.
    fn again(&self, seed: u64) -> String {
        let how = match self.what {
            None => "",
            Some(What::All) => " --all",
            Some(What::Pairs) => " --pairs",
            Some(What::Myna) => " --myna",
        };
        format!("cargo run --release -p mvm-testkit --bin differential -- 1 {seed}{how}")
    }

    fn check(&self, seed: u64) -> Result<Option<pairs::Checked>, String> {
        let checked = catch_unwind(|| match self.what {
            Some(What::Pairs) => pairs::check_seed(seed).map(Some),
            Some(What::Myna) => typed::check_seed(seed).map(|_| None),
            how => pairs::check_ways(seed, how == Some(What::All)).map(|()| None),
        });
        checked.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            Err(format!("a panic: {}", text.unwrap_or_else(|| "see above".into())))
        })
    }

    fn report(&self, seed: u64, what: &str) {
        let text = format!("seed {seed}: {what}\nAgain: {}\n", self.again(seed));
        eprintln!("{text}");
        let Some(folder) = &self.keep else { return };
        let path = folder.join(format!("{seed}.txt"));
        if let Err(error) = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, text)) {
            eprintln!("{}: {error}", path.display());
        }
    }

    /// Takes seeds until there are no more.
    fn work(&self, next: &AtomicU64, found: &Mutex<Found>, begun: Instant) {
        let most = if self.time.is_some() { ENOUGH_OF_TIME } else { ENOUGH };
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= self.seeds || self.time.is_some_and(|time| begun.elapsed() >= time) {
                return;
            }
            let seed = self.start.wrapping_add(number);
            let checked = self.check(seed);
            let mut found = found.lock().expect("nobody panics with it");
            match checked {
                Ok(Some(checked)) => found.counts.add(checked),
                Ok(None) => found.counts.programs += 1,
                Err(what) => {
                    found.differences += 1;
                    found.counts.programs += 1;
                    self.report(seed, &what);
                }
            }
            if found.differences >= most {
                return;
            }
            if found.counts.programs.is_multiple_of(50_000) {
                eprintln!("{} programs: {} differences", found.counts.programs, found.differences);
            }
        }
    }
}

fn main() -> ExitCode {
    let orders = match orders() {
        Ok(orders) => orders,
        Err(what) => {
            eprintln!("{what}");
            return ExitCode::from(2);
        }
    };
    if let Err(what) = host_stack::check() {
        eprintln!("{what}");
        return ExitCode::FAILURE;
    }
    let (next, found, begun) = (AtomicU64::new(0), Mutex::new(Found::default()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..orders.threads {
            scope.spawn(|| orders.work(&next, &found, begun));
        }
    });
    let found = found.into_inner().expect("nobody panics with it");
    let programs = found.counts.programs;
    let how = match orders.what {
        Some(What::Pairs) => found.counts.to_string(),
        Some(What::Myna) => format!("{programs} seeds of programs in Myna"),
        Some(What::All) => format!("{programs} programs in all ways"),
        None => format!("{programs} programs in ten ways"),
    };
    let seconds = begun.elapsed().as_secs();
    eprintln!("seeds from {}: {how}; {} differences; {seconds} seconds", orders.start, found.differences);
    if found.differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
