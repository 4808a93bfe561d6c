//! What is said about native code at the end of a run.

use std::fmt::Write as _;

use mvm_exec::{Image, Place};
use mvm_module::cfg::instructions_from;

use crate::machine::place_text;

/// Places that are shown, the most frequent ones.
const SHOWN: usize = 20;

/// What was compiled, what was not, and where native code was left; None without a compiler.
pub(crate) fn text(image: &Image) -> Option<String> {
    let stats = image.native()?.stats();
    let module = image.module();
    let compiled = stats.tried.iter().filter_map(|tried| tried.code.ok());
    let (functions, bytes) = compiled.fold((0, 0), |(count, sum), bytes| (count + 1, sum + bytes));
    let words: usize = stats
        .tried
        .iter()
        .filter(|tried| tried.code.is_ok())
        .map(|tried| module.functions[tried.function.0 as usize].code.len())
        .sum();
    let mut text = format!(
        "native code: {functions} of {} functions, {bytes} bytes for {words} words of code, made in {:.1} ms\n",
        module.functions.len(),
        stats.compiling.as_secs_f64() * 1e3
    );
    for tried in &stats.tried {
        if let Err(why) = tried.code {
            let name = &module.functions[tried.function.0 as usize].name;
            let _ = writeln!(text, "  `{name}` stays interpreted: {why}");
        }
    }
    let left: u64 = stats.left.values().sum();
    let _ = writeln!(
        text,
        "left {left} times, entered in the middle of a function {} times",
        stats.entered_in_loops
    );
    let mut places: Vec<(u32, u64)> = stats.left.into_iter().collect();
    places.sort_by_key(|&(pc, count)| (std::cmp::Reverse(count), pc));
    for &(pc, count) in places.iter().take(SHOWN) {
        let Some((function, at)) = image.locate(pc) else { continue };
        let code = &module.functions[function.0 as usize].code;
        let op = instructions_from(code, at).next().map_or("", |(_, op, _)| op.info().name);
        let place = place_text(module, Place { function, pc: at });
        let _ = writeln!(text, "{count:>10}  {op:<14}  {place}");
    }
    if places.len() > SHOWN {
        let _ = writeln!(text, "           and {} other places", places.len() - SHOWN);
    }
    Some(text)
}
