//! Pauses, as collectors log them and as programs see them.
//!
//! | whose | from |
//! |---|---|
//! | MVM | `--gc-log=FILE.jsonl`: one object a collection, a summary last |
//! | Java | `-Xlog:gc,gc+phases`: every line with `Pause` ends in its length |
//! | Go | `GODEBUG=gctrace=1`: the first and the third of the three wall times stop the program |
//! | Node | `--trace-gc`: the time behind the sizes, and the longest step of a marking done in steps |
//! | any | a line `gaps NANOSECONDS ...`: turns of a loop, by the program's own clock, that took long |

/// A collection of MVM.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Collection {
    /// Of the whole heap, not only of the young space.
    pub(super) full: bool,
    /// Milliseconds.
    pub(super) pause: f64,
    /// Bytes alive afterwards.
    pub(super) live_after: u64,
}

/// What MVM's log says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct MvmLog {
    /// In order.
    pub(super) collections: Vec<Collection>,
    /// Most bytes of heap, used or not; 0 when the log does not say.
    pub(super) peak_heap_bytes: u64,
}

impl MvmLog {
    /// Milliseconds of the young or of the full collections.
    pub(super) fn pauses(&self, full: bool) -> impl Iterator<Item = f64> + '_ {
        self.collections.iter().filter(move |c| c.full == full).map(|c| c.pause)
    }
}

/// Reads MVM's log; lines without the fields it should have are an error.
pub(super) fn of_mvm(text: &str) -> Result<MvmLog, String> {
    let mut log = MvmLog::default();
    for line in text.lines() {
        let number = |name: &str| {
            let found = field(line, name).and_then(|value| value.parse::<u64>().ok());
            found.ok_or_else(|| format!("no number `{name}` in the line `{line}` of MVM's log"))
        };
        match field(line, "kind") {
            Some("summary") => log.peak_heap_bytes = number("peak_heap_bytes")?,
            Some(kind @ ("young" | "full")) => log.collections.push(Collection {
                full: kind == "full",
                pause: number("pause_ns")? as f64 * 1e-6,
                live_after: number("live_after")?,
            }),
            _ => return Err(format!("no known `kind` in the line `{line}` of MVM's log")),
        }
    }
    Ok(log)
}

/// The value of a field of a flat JSON object without escapes, quotes taken off.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let quoted = format!("\"{name}\"");
    let rest = &line[line.find(&quoted)? + quoted.len()..];
    let value = rest.trim_start().strip_prefix(':')?;
    let end = value.find([',', '}'])?;
    Some(value[..end].trim().trim_matches('"'))
}

/// Pauses of Java's log, in milliseconds.
pub(super) fn of_java(log: &str) -> Vec<f64> {
    let pauses = log.lines().filter(|line| line.contains(" Pause "));
    pauses.filter_map(|line| line.split_whitespace().last()?.strip_suffix("ms")?.parse().ok()).collect()
}

/// Pauses of Go's trace: `gc 1 @0.0s 2%: 0.01+0.5+0.003 ms clock, ...`.
pub(super) fn of_go(trace: &str) -> Vec<f64> {
    let clocks = trace
        .lines()
        .filter(|line| line.starts_with("gc "))
        .filter_map(|line| line.split_once("%: ")?.1.split_once(" ms clock"));
    let mut pauses = Vec::new();
    for (phases, _) in clocks {
        let times: Vec<f64> = phases.split('+').filter_map(|time| time.parse().ok()).collect();
        if let [sweep, _, mark] = times[..] {
            pauses.extend([sweep, mark]);
        }
    }
    pauses
}

/// Pauses of Node's trace: `[1:0x2] 3 ms: Scavenge 2 (3) -> 1 (4) MB, 0.8 / 0.0 ms ...`.
pub(super) fn of_node(output: &str) -> Vec<f64> {
    let mut pauses = Vec::new();
    for line in output.lines().filter(|line| is_trace_of_node(line)) {
        let number = |before: &str| -> Option<f64> {
            line.split_once(before)?.1.split_whitespace().next()?.parse().ok()
        };
        pauses.extend(number(" MB, "));
        pauses.extend(number("biggest step "));
    }
    pauses
}

/// Whether a line of output comes from Node and not from the program.
pub(super) fn is_trace_of_node(line: &str) -> bool {
    line.starts_with('[')
}

/// The gaps that the program saw, in milliseconds, if it looks for them.
pub(super) fn gaps(output: &str) -> Option<Vec<f64>> {
    let line = output.lines().find_map(|line| line.strip_prefix("gaps"))?;
    Some(line.split_whitespace().filter_map(|word| word.parse::<f64>().ok()).map(|ns| ns * 1e-6).collect())
}

/// The value that so many percent of the values do not exceed; none for no values.
pub(super) fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::{Collection, gaps, of_go, of_java, of_mvm, of_node, percentile};

    #[test]
    fn mvm_writes_json() {
        let text = "{\"kind\":\"young\",\"reason\":\"full\",\"pause_ns\":1500000,\"live_before\":9,\"live_after\":5,\
                    \"copied\":4,\"heap_bytes\":100}\n{\"kind\":\"summary\",\"collections\":1,\"peak_heap_bytes\":128}\n";
        let log = of_mvm(text).expect("a log");
        assert_eq!(log.collections, [Collection { full: false, pause: 1.5, live_after: 5 }]);
        assert_eq!(log.peak_heap_bytes, 128);
        assert!(of_mvm("{\"kind\":\"full\"}").is_err());
    }

    #[test]
    fn java_says_pause() {
        let log = "[0.4s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 18M->18M(380M) 116.576ms\n\
                   [1.0s][info][gc,phases] GC(0) Concurrent Mark 285.1ms\n\
                   [1.1s][info][gc,phases] GC(0) Pause Mark End 0.024ms\n";
        assert_eq!(of_java(log), [116.576, 0.024]);
    }

    #[test]
    fn go_stops_twice() {
        let trace = "gc 5 @0.926s 15%: 0.019+532+0.21 ms clock, 0.039+0/287/337+0.42 ms cpu, 84->88->66 MB\n";
        assert_eq!(of_go(trace), [0.019, 0.21]);
    }

    #[test]
    fn node_says_the_longest_step() {
        let trace = "[1:0x2]  165 ms: Scavenge 5.8 (5.9) -> 5.8 (7.1) MB, 4.04 / 0.00 ms  (average mu = 1.000)\n\
                     [1:0x2]  190 ms: Mark-Compact 9.1 (9.9) -> 5.8 (7.1) MB, 12.5 / 0.00 ms  (+ 30.1 ms in 9 steps since \
                     start of marking, biggest step 7.5 ms, walltime since start of marking 60 ms)\n42\n";
        assert_eq!(of_node(trace), [4.04, 12.5, 7.5]);
    }

    #[test]
    fn programs_see_gaps() {
        assert_eq!(gaps("7\ngaps 1000000 2500000"), Some(vec![1.0, 2.5]));
        assert_eq!(gaps("7\ngaps"), Some(vec![]));
        assert_eq!(gaps("7"), None);
    }

    #[test]
    fn percentile_is_one_of_the_values() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&values, 99), Some(198.0));
        assert_eq!(percentile(&[3.0], 99), Some(3.0));
        assert_eq!(percentile(&[], 99), None);
    }
}
