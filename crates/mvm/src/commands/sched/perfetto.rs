//! The Trace Event Format of Chrome, which ui.perfetto.dev reads too.

use std::fmt::Write as _;

use super::escaped_json;
use super::timeline::{Doing, Timeline};
use crate::table::waits_for;

/// The runs as JSON: each one a process of the viewer, each process a track of it.
pub(super) fn json(runs: &[(String, &Timeline)]) -> String {
    let mut out = String::from("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    let mut flow = 0u64;
    for (number, (name, timeline)) in runs.iter().enumerate() {
        let run = number + 1;
        let _ = writeln!(
            out,
            "{{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":{run},\"tid\":0,\"args\":{{\"name\":{}}}}},",
            escaped_json(name)
        );
        for pid in timeline.lives.keys() {
            let _ = writeln!(
                out,
                "{{\"name\":\"thread_name\",\"ph\":\"M\",\"pid\":{run},\"tid\":{0},\"args\":{{\"name\":\"process {0}\"}}}},",
                pid.0
            );
        }
        for span in &timeline.spans {
            let (what, color) = match span.doing {
                Doing::Runs(core) => (format!("runs on core {core}"), "thread_state_running"),
                Doing::Ready => ("could run".into(), "thread_state_runnable"),
                Doing::Waits(what) => (waits_for(what), "thread_state_sleeping"),
            };
            let _ = writeln!(
                out,
                "{{\"name\":\"{what}\",\"cname\":\"{color}\",\"ph\":\"X\",\"pid\":{run},\"tid\":{},\"ts\":{},\"dur\":{}}},",
                span.pid.0,
                micros(span.from),
                micros(span.to - span.from)
            );
        }
        for &(at, from, to) in &timeline.messages {
            flow += 1;
            for (phase, pid) in [("s", from), ("f\",\"bp\":\"e", to)] {
                let _ = writeln!(
                    out,
                    "{{\"name\":\"message\",\"cat\":\"message\",\"ph\":\"{phase}\",\"id\":{flow},\"pid\":{run},\"tid\":{},\"ts\":{}}},",
                    pid.0,
                    micros(at)
                );
            }
        }
    }
    // The format has no comma behind the last one.
    out.truncate(out.trim_end().trim_end_matches(',').len());
    out.push_str("\n]}\n");
    out
}

/// Nanoseconds as the microseconds that the format counts in.
fn micros(nanos: u64) -> String {
    format!("{}.{:03}", nanos / 1000, nanos % 1000)
}
