//! Decides whether handlers may rely on sibling calls: rustc makes jumps of them at optimisation levels 2 and 3 on the
//! 64-bit targets below, and never promises to. Elsewhere the dispatcher is a `match` in a loop.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail_calls)");
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let optimised = matches!(var("OPT_LEVEL").as_str(), "2" | "3");
    let target = matches!(var("CARGO_CFG_TARGET_ARCH").as_str(), "x86_64" | "aarch64");
    let miri = std::env::var_os("CARGO_CFG_MIRI").is_some();
    if optimised && target && !miri {
        println!("cargo::rustc-cfg=tail_calls");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
