//! What libFuzzer says, line by line, and the table at the end.

use std::process::ExitStatus;

/// Lines of output kept for a failure.
const LINES_MAX: usize = 60;

/// A run of a target.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) target: String,
    /// Edges that the program has.
    edges: u64,
    /// Edges covered by the corpora.
    before: u64,
    /// Edges covered at the end.
    covered: u64,
    /// Inputs in memory, each of which reaches something that no other does, and their size.
    corpus: String,
    executions: u64,
    per_second: u64,
    /// An input that fails.
    artifact: Option<String>,
    /// From the first word of a failure on.
    said: Vec<String>,
    pub(super) failure: Option<Failure>,
}

/// Why a run ended early.
#[derive(Debug)]
pub(super) struct Failure {
    /// The input that was running.
    pub(super) input: Option<String>,
    /// The end of the output.
    pub(super) text: String,
    /// How the program ended.
    pub(super) status: String,
}

impl Outcome {
    pub(super) fn new(target: &str) -> Outcome {
        Outcome { target: target.to_owned(), ..Outcome::default() }
    }

    /// Takes in a line of output.
    pub(super) fn line(&mut self, line: &str) {
        if let Some(path) = line.split("Test unit written to ").nth(1) {
            self.artifact = Some(path.trim().to_owned());
        } else if let Some((name, value)) = line.strip_prefix("stat::").and_then(|l| l.split_once(':')) {
            let value = value.trim().parse().unwrap_or(0);
            match name {
                "number_of_executed_units" => self.executions = value,
                "average_exec_per_sec" => self.per_second = value,
                _ => {}
            }
        } else if line.starts_with("INFO: Loaded") && line.contains("inline 8-bit counters") {
            let count = line.split_once('(').and_then(|(_, rest)| rest.split(' ').next());
            self.edges = count.and_then(|count| count.parse().ok()).unwrap_or(0);
        } else if let Some(covered) = word_after(line, "cov:").filter(|_| line.starts_with('#')) {
            self.covered = covered.parse().unwrap_or(0);
            if line.contains("INITED") {
                self.before = self.covered;
            }
            self.corpus = word_after(line, "corp:").unwrap_or_default().to_owned();
        } else if !self.said.is_empty() || ["panicked at", "ERROR:"].iter().any(|word| line.contains(word)) {
            self.said.push(line.to_owned());
        }
    }

    /// The program has ended.
    pub(super) fn ended(&mut self, status: ExitStatus) {
        if status.success() {
            return;
        }
        self.said.truncate(LINES_MAX);
        let (input, text) = (self.artifact.take(), self.said.join("\n"));
        self.failure = Some(Failure { input, text, status: status.to_string() });
    }
}

fn word_after<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    line.split_once(word)?.1.split_whitespace().next()
}

/// A line for each run.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{:14} {:>11} {:>8}  {:>17} {:>7} {:>6}  {:>14}\n",
        "target", "executions", "per s", "edges covered", "", "new", "corpus"
    );
    for outcome in outcomes {
        let Outcome { target, executions, per_second, edges, covered, corpus, .. } = outcome;
        let share = 100.0 * *covered as f64 / (*edges).max(1) as f64;
        let new = covered.saturating_sub(outcome.before);
        let covered = format!("{covered} of {edges}");
        let end = if outcome.failure.is_some() { "  FAILED" } else { "" };
        text.push_str(&format!(
            "{target:14} {executions:>11} {per_second:>8}  {covered:>17} {share:>5.1} % {new:>6}  {corpus:>14}{end}\n"
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Outcome, table};

    const OUTPUT: &str = "INFO: Loaded 1 modules   (40000 inline 8-bit counters): 40000 [0x55, 0x56), \n\
        #25\tINITED cov: 9000 ft: 22337 corp: 24/13359b exec/s: 0 rss: 33Mb\n\
        #26\tNEW    cov: 9001 ft: 22338 corp: 25/14359b lim: 4096 exec/s: 1 rss: 33Mb\n\
        #99\tDONE   cov: 10000 ft: 33594 corp: 548/343Kb lim: 1020 exec/s: 286 rss: 36Mb\n\
        Done 572 runs in 2 second(s)\n\
        stat::number_of_executed_units: 572\n\
        stat::average_exec_per_sec:     286\n";

    #[test]
    fn figures_are_read_from_the_output() {
        let mut outcome = Outcome::new("generate");
        OUTPUT.lines().for_each(|line| outcome.line(line));
        let text = table(&[outcome]);
        let row: Vec<&str> = text.lines().nth(1).expect("a row").split_whitespace().collect();
        assert_eq!(row, ["generate", "572", "286", "10000", "of", "40000", "25.0", "%", "1000", "548/343Kb"]);
    }

    #[test]
    fn what_is_said_of_a_failure_is_kept() {
        let mut outcome = Outcome::new("format");
        let lines = "INFO: Seed: 1\nthread '<unnamed>' panicked at a.rs:1:2:\nassertion failed\n\
            artifact_prefix='a/'; Test unit written to a/crash-12\nBase64: eA==\n";
        lines.lines().for_each(|line| outcome.line(line));
        assert_eq!(outcome.artifact.as_deref(), Some("a/crash-12"));
        assert_eq!(
            outcome.said,
            ["thread '<unnamed>' panicked at a.rs:1:2:", "assertion failed", "Base64: eA=="]
        );
    }
}
